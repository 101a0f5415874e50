from collections.abc import Mapping
from typing import Any

import pytest
from lsprotocol import types

from agent_server.lsp.features.hover import hover
from tests.lsp.cursor import URI, plan_at

FILES = {"src/b.py": "", "src/c.py": ""}


def hovered(text: str) -> tuple[str, types.Range | None]:
    plan, position = plan_at(text, FILES)
    found = hover(plan, types.HoverParams(types.TextDocumentIdentifier(URI), position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value, found.range


def test_a_glob_is_hovered_with_the_files_that_it_means() -> None:
    words, span = hovered("# P\n\n## a: One\n- writes: `src/$0*.py`\n\nDo it.\n")
    assert words == "`src/*.py` matches 2 files now\n- `src/b.py`\n- `src/c.py`"
    assert span == types.Range(types.Position(3, 11), types.Position(3, 19))


def test_a_path_that_is_a_file_is_not_listed_as_its_own_match() -> None:
    words, _ = hovered("## a: One\n- writes: `src/$0b.py`\n\n## b: Two\n- writes: `src/*.py`\n")
    assert words == "`src/b.py` is there.\n\nAlso written by `b`."


def shown(text: str, files: Mapping[str, str] | None = None, **client: Any) -> tuple[str, str] | None:
    """What the hover at the cursor says, and of which piece of the plan."""
    plan, position = plan_at(text, files, **client)
    found = hover(plan, types.HoverParams(types.TextDocumentIdentifier(URI), position))
    if found is None or found.range is None:
        return None
    assert isinstance(found.contents, types.MarkupContent)
    return found.contents.value, plan.span(found.range).of(plan.document.text)


def test_a_task_that_another_names_is_told_of_where_it_is_named() -> None:
    text = "# P\n\n## a: One\n- writes: `a.py`\n\n## b: Two\n- writes: `b.py`\n- needs: $0a\n"
    assert shown(text.replace("needs: $0a", "needs: a").replace("## a", "## $0a")) is not None
    words, piece = shown(text) or ("", "")
    assert words.startswith("a · wave 1 · ")
    assert "- `a.py` (new)" in words
    assert piece == "a"
    assert shown(text.replace("needs: $0a", "needs: $0c")) is None


def test_words_are_told_of_by_the_task_and_the_file_that_they_name() -> None:
    text = "# P\n\n## a: One\n- writes: `src/a.py`\n\n## b: Two\n- writes: `b.py`\n\nAfter task `a`, read `src/a.py`.\n"
    words, piece = shown(text.replace("task `a", "task `$0a"), {"src/a.py": ""}) or ("", "")
    assert (words.partition(" · ")[0], piece) == ("a", "a")
    words, piece = shown(text.replace("read `src", "read `$0src"), {"src/a.py": ""}) or ("", "")
    assert "\n\nWritten by `a`." in words
    assert piece == "src/a.py"


@pytest.mark.parametrize(
    ("fields", "place"),
    [("- needs: a\n", "not scheduled"), ("- status: skip\n", "skipped"), ("- status: done\n", "done"), ("", "wave 1")],
)
def test_a_task_says_where_it_stands_as_lenses_and_hints_do(fields: str, place: str) -> None:
    words, _ = shown(f"# P\n\n## $0a: One\n- writes: `a.py`\n{fields}") or ("", "")
    assert words.partition(" · ")[2].partition(" · ")[0] == place


def test_of_equal_ids_only_the_first_is_told_of() -> None:
    text = "## a: One\n- writes: `x`\n\n## a: Two\n- writes: `y`\n"
    assert shown(text.replace("One", "$0One")) is not None
    assert shown(text.replace("Two", "$0Two")) is None


def test_the_length_of_the_brief_is_told_of_what_can_run() -> None:
    text = "# P\n\nIt is a shop.\n\n## $0a: One\n- writes: `a.py`\n\nDo it.\n"
    words, _ = shown(text) or ("", "")
    last = words.rpartition("\n")[2]
    assert last.startswith("Brief: ")
    assert last.endswith(" characters, of them 13 of the plan's context and 6 of its instructions.")
    done, _ = shown(text.replace("a.py`", "a.py`\n- status: done")) or ("", "")
    assert "Brief" not in done


def test_it_is_the_brief_of_the_agent_that_will_run() -> None:
    def brief(agent: str) -> str:
        words, _ = shown(f"# P\n\n## $0a: One\n- writes: `a.py`\n- agent: {agent}\n\nDo it.\n") or ("", "")
        return words.rpartition("\n")[2]

    assert brief("anthropic") == brief("replay") != brief("claude") == brief("codex")


@pytest.mark.parametrize("item", ["from . import a", '"', "import ;", "`", "!", "use ;", "{"])
def test_an_import_that_says_nothing_is_answered(item: str) -> None:
    assert shown(f"# P\n\n## a: One\n- writes: `a.py`\n- imports: `` $0{item} ``\n") is not None
    assert shown(f"# P\n\n## a: One\n- writes: `a.ts`\n- imports: `` $0{item} ``\n") is not None


def test_what_a_field_says_is_no_markup_among_the_reasons() -> None:
    text = "# P\n\n## a: One\n- writes: `src/_x_.py`\n\n## $0b: Two\n- writes: `b.py`\n- reads: `src/_x_.py`\n"
    words, _ = shown(text, markdown_hovers=True) or ("", "")
    reason = next(line for line in words.splitlines() if line.startswith("- `a` ("))
    assert reason == r"- `a` (reads: src/\_x\_.py, and `a` creates `src/_x_.py`)"


@pytest.mark.parametrize("markdown", [True, False])
def test_what_cannot_be_seen_is_spelled_out(markdown: bool) -> None:
    text = "# P\n\n## $0a: One\n- writes: `src/\u202eyp.a`, `a.py`\n"
    words, _ = shown(text, markdown_hovers=markdown) or ("", "")
    assert r"- `src/\u{202e}yp.a` (new)" in words
    assert "\u202e" not in words


@pytest.mark.parametrize(
    "text", ["---\nagent: $0{}\n---\n# P\n", "# P\n\n## a: One\n- writes: `a.py`\n- agent: {}$0\n"]
)
def test_an_agent_is_told_with_what_it_would_run(text: str) -> None:
    words, piece = shown(text.format("codex-acp"), markdown_hovers=True) or ("", "")
    assert words == "**codex-acp** · the program codex-acp, over the Agent Client Protocol\n\nIt runs `codex-acp`."
    assert piece == "codex-acp"
    words, _ = shown(text.format("anthropic")) or ("", "")
    assert words == "anthropic · a model behind the Messages API, without a shell"
    words, _ = shown(text.format("cluade")) or ("", "")
    assert words == "There is no agent `cluade` here."
