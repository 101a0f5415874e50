from lsprotocol import types

from agent_server.lsp.features.references import document_highlight, references
from tests.lsp.cursor import URI, plan_at

DOCUMENT = types.TextDocumentIdentifier(URI)
PLAN = "## d$0ata: Data\n- writes: src/new.py\n\n## b: B\n- needs: data\n- reads: src/*.py\n"


def places(text: str, *, declaration: bool = True) -> list[tuple[int, int]] | None:
    plan, position = plan_at(text)
    found = references(plan, types.ReferenceParams(types.ReferenceContext(declaration), DOCUMENT, position))
    return None if found is None else [(each.range.start.line, each.range.start.character) for each in found]


def kinds(text: str) -> list[tuple[int, types.DocumentHighlightKind | None]] | None:
    plan, position = plan_at(text)
    found = document_highlight(plan, types.DocumentHighlightParams(DOCUMENT, position))
    return None if found is None else [(each.range.start.line, each.kind) for each in found]


def test_a_task_is_declared_by_its_heading() -> None:
    assert places(PLAN) == [(0, 3), (4, 9)]
    assert places(PLAN, declaration=False) == [(4, 9)]


def test_a_path_is_declared_by_no_task() -> None:
    text = PLAN.replace("$0", "").replace("src/new", "src/$0new")
    assert places(text) == places(text, declaration=False) == [(1, 10), (5, 9)]


def test_what_makes_a_thing_is_highlighted_as_a_write() -> None:
    write, read = types.DocumentHighlightKind.Write, types.DocumentHighlightKind.Read
    assert kinds(PLAN) == [(0, write), (4, read)]
    assert kinds(PLAN.replace("$0", "").replace("src/*", "src/$0*")) == [(1, write), (5, read)]


def test_where_nothing_is_named_the_answer_is_null() -> None:
    assert places("# P$0\n") is None
    assert kinds("# P$0\n") is None
