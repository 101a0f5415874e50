"""Open documents: which of them are not what the disk holds."""

from pathlib import Path

import pytest

from agent_server.workspace.buffers import Buffers
from agent_server.workspace.contents import MAX_FILE_BYTES, Contents
from tests.workspace.disk import plant


@pytest.fixture
def buffers(root: Path) -> Buffers:
    return Buffers(root, Contents(root))


def test_the_last_text_of_an_open_document_counts(buffers: Buffers) -> None:
    buffers.open("a", "one")
    buffers.open("b", "")
    buffers.open("a", "two")
    assert dict(buffers) == {"a": "two", "b": ""}
    buffers.close("a")
    buffers.close("never-opened")
    assert dict(buffers) == {"b": ""}


def test_one_who_is_reading_the_documents_is_not_disturbed(buffers: Buffers) -> None:
    buffers.open("a", "one")
    reading = iter(buffers)
    buffers.open("b", "two")
    buffers.close("a")
    assert list(reading) == ["a"]


class TestUnsaved:
    @pytest.mark.parametrize(
        ("disk", "text"),
        [
            (b"one\ntwo\n", "one\ntwo\n"),
            (b"one\r\ntwo\r\n", "one\ntwo\n"),
            (b"one\ntwo\n", "one\r\ntwo\r\n"),
            (b"one\rtwo", "one\ntwo"),
            (b"\xef\xbb\xbfone", "one"),
            ("wé".encode("utf-16"), "wé"),
            ("wé".encode("utf-16-le"), "wé"),
            ("wé".encode("utf-16-be"), "wé"),
            ("wé\r\n".encode("latin-1"), "wé\n"),
            ("w€".encode("cp1252"), "w€"),
            (b"bin\0ary", "bin\0ary"),
            (b"x" * (MAX_FILE_BYTES + 1), "x" * (MAX_FILE_BYTES + 1)),
            (b"", ""),
        ],
    )
    def test_a_document_that_says_what_the_file_says_is_saved(
        self, root: Path, buffers: Buffers, disk: bytes, text: str
    ) -> None:
        plant(root, {"file": disk})
        buffers.open("file", text)
        assert buffers.unsaved() == frozenset()

    @pytest.mark.parametrize(
        ("disk", "text"),
        [
            (b"one\n", "one"),
            (b"one", "One"),
            (b"one\n\ntwo", "one\ntwo"),
            ("wé".encode("latin-1"), "we"),
            (b"x" * (MAX_FILE_BYTES + 1), "y" * (MAX_FILE_BYTES + 1)),
            (b"x" * (MAX_FILE_BYTES + 1), "short"),
        ],
    )
    def test_a_document_that_says_something_else_is_not(
        self, root: Path, buffers: Buffers, disk: bytes, text: str
    ) -> None:
        plant(root, {"file": disk})
        buffers.open("file", text)
        assert buffers.unsaved() == {"file"}

    @pytest.mark.parametrize("text", ["", "one"])
    def test_a_document_without_a_file_is_not(self, buffers: Buffers, text: str) -> None:
        buffers.open("new", text)
        assert buffers.unsaved() == {"new"}

    @pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
    def test_saving_and_changing_are_noticed(self, root: Path, buffers: Buffers, encoding: str) -> None:
        buffers.open("file", "é one")
        plant(root, {"file": "é one".encode(encoding)})
        assert buffers.unsaved() == frozenset()
        buffers.open("file", "é two")
        assert buffers.unsaved() == {"file"}
        plant(root, {"file": "é two!".encode(encoding)})
        assert buffers.unsaved() == {"file"}
        plant(root, {"file": "é two".encode(encoding)})
        assert buffers.unsaved() == frozenset()

    def test_a_file_that_changes_under_its_document_has_nothing_unsaved_until_somebody_types(
        self, root: Path, buffers: Buffers
    ) -> None:
        buffers.open("file", "one")
        plant(root, {"file": "one"})
        assert buffers.unsaved() == frozenset()
        plant(root, {"file": "landed"})
        assert buffers.unsaved() == frozenset()
        (root / "file").unlink()
        assert buffers.unsaved() == frozenset()
        buffers.open("file", "one, typed")
        assert buffers.unsaved() == {"file"}
        buffers.close("file")
        buffers.open("file", "one")
        assert buffers.unsaved() == {"file"}, "another editor may have typed that"

    def test_a_file_outside_is_not_looked_at(self, root: Path, tmp_path: Path, buffers: Buffers) -> None:
        plant(tmp_path / "outside", {"secret": b"caf\xe9"})
        (root / "away").symlink_to(tmp_path / "outside/secret")
        buffers.open("away", "café")
        assert buffers.unsaved() == {"away"}

    def test_a_closed_document_is_not_unsaved(self, buffers: Buffers) -> None:
        buffers.open("new", "")
        buffers.close("new")
        assert buffers.unsaved() == frozenset()
