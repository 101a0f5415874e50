import pytest
from lsprotocol import types

from agent_server.lsp.documents import Documents, StaleChange, path_of
from agent_server.plan.text import Encoding

URI = "file:///w/a.plan.md"


def change(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)


def documents(text: str, encoding: Encoding = Encoding.UTF16) -> Documents:
    found = Documents()
    found.encoding = encoding
    found.open(types.TextDocumentItem(URI, "markdown", 1, text))
    return found


def version(number: int) -> types.VersionedTextDocumentIdentifier:
    return types.VersionedTextDocumentIdentifier(number, URI)


@pytest.mark.parametrize(("encoding", "after"), [(Encoding.UTF8, 7), (Encoding.UTF16, 5), (Encoding.UTF32, 4)], ids=str)
def test_changes_count_in_the_negotiated_encoding(encoding: Encoding, after: int) -> None:
    found = documents("a\n## 🦀x\n", encoding)
    assert found.change(version(2), [change((1, after), (1, after), "!")]).text == "a\n## 🦀!x\n"


def test_changes_of_one_notification_follow_each_other() -> None:
    found = documents("one\r\ntwo\r\n")
    document = found.change(version(2), [change((0, 0), (0, 3), "1"), change((1, 0), (2, 0), "")])
    assert (document.text, document.version) == ("1\r\n", 2)


def test_only_lsp_line_ends_end_a_line() -> None:
    found = documents("a\u2028b\x0cc\nd")
    assert found.change(version(2), [change((1, 0), (1, 1), "D")]).text == "a\u2028b\x0cc\nD"


def test_a_whole_text_replaces_the_document() -> None:
    found = documents("old")
    assert found.change(version(2), [types.TextDocumentContentChangeWholeDocument("new")]).text == "new"


def test_positions_beyond_the_text_are_clamped() -> None:
    found = documents("a\nb")
    assert found.change(version(2), [change((0, 99), (99, 0), "!")]).text == "a!"


@pytest.mark.parametrize("number", [0, 1])
def test_an_older_version_changes_nothing(number: int) -> None:
    found = documents("kept")
    with pytest.raises(StaleChange, match="cannot follow version 1"):
        found.change(version(number), [types.TextDocumentContentChangeWholeDocument("lost")])
    document = found.get(URI)
    assert document is not None
    assert document.text == "kept"


def test_a_snapshot_does_not_change_under_its_holder() -> None:
    found = documents("before")
    snapshot = found.get(URI)
    found.change(version(2), [types.TextDocumentContentChangeWholeDocument("after")])
    assert snapshot is not None
    assert snapshot.text == "before"


def test_what_is_not_open_cannot_change() -> None:
    with pytest.raises(StaleChange, match="not open"):
        Documents().change(version(2), [])


@pytest.mark.parametrize(
    ("uri", "path"),
    [("file:///w/a%20b.plan.md", "/w/a b.plan.md"), ("untitled:Untitled-1", None), ("https://x/y", None)],
)
def test_only_file_uris_have_a_path(uri: str, path: str | None) -> None:
    found = path_of(uri)
    assert (str(found) if found else None) == path


@pytest.mark.parametrize("text", ["lone \ud83d half", "nul \0", "\ufeff# A"])
def test_any_text_that_json_can_hold_is_taken(text: str) -> None:
    assert documents("").change(version(2), [change((0, 0), (0, 0), text)]).text == text
