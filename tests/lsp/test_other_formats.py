"""What the editor shows of plans in other formats than ours."""

from dataclasses import replace

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState
from agent_server.lsp.briefs import brief_now
from agent_server.lsp.features.code_action import code_action
from agent_server.lsp.features.code_lens import code_lens
from agent_server.lsp.features.completion import completion
from agent_server.lsp.features.document_symbol import document_symbol
from agent_server.lsp.features.folding_range import folding_range
from agent_server.lsp.features.formatting import formatting
from agent_server.lsp.features.hover import hover
from agent_server.lsp.features.inlay_hint import inlay_hint
from agent_server.lsp.features.rename import rename
from agent_server.lsp.features.selection_range import selection_range
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.model import Edit, apply_edits
from tests.lsp.cursor import plan_at

NAME = "specs/001-wiki/tasks.md"
DOCUMENT = types.TextDocumentIdentifier(f"file:///w/{NAME}")
EVERYTHING = types.Range(types.Position(0, 0), types.Position(99, 0))
PLAN = """\
# Tasks: Wiki

Every page has a title.

## Phase 1: Setup

- [x] T001 Create the project
- [ ] T002 [P] Write src/pages.py
  - One function a page
  - No templates
- [ ] T003 [P] Write src/nav.py (depends on T002)

## Phase 2: Search

- [ ] T004 Do something clever

## Dependencies

T003 comes before T004. T0034 is none.
"""


def at(text: str, *files: str, **client: object) -> tuple[PlanSnapshot, types.Position]:
    return plan_at(text, dict.fromkeys(files, ""), NAME, **client)


def after(plan: PlanSnapshot, edit: types.WorkspaceEdit | None) -> str:
    """The plan's text with the edit."""
    assert edit is not None
    assert edit.changes is not None
    (changes,) = edit.changes.values()
    return apply_edits(plan.document.text, tuple(Edit(plan.span(each.range), each.new_text) for each in changes))


def titles(plan: PlanSnapshot) -> list[tuple[int, str]]:
    lenses = code_lens(plan, types.CodeLensParams(DOCUMENT))
    return [(lens.range.start.line, lens.command.title) for lens in lenses if lens.command]


def test_a_phase_has_a_lens_and_its_lines_have_none() -> None:
    plan, _ = at(PLAN)
    assert [each for each in titles(plan) if each[0] > 0] == [
        (4, "3 tasks, 1 done · waves 1 to 2"),
        (12, "1 task · wave 3"),
    ]
    assert "Launch wave 1 (1 agent)" in [title for _, title in titles(plan)]


def test_a_line_of_which_a_run_tells_something_has_a_lens() -> None:
    plan, _ = at(PLAN)
    facts = RunFacts(tasks={"T004": TaskFacts(TaskState.FAILED)})
    plan = replace(plan, analysis=replace(plan.analysis, facts=facts))
    assert any(line == 14 and "last run: failed" in title for line, title in titles(plan))


def test_a_task_that_is_a_section_has_a_lens_of_its_own() -> None:
    plan, _ = at("# T\n\n## Phase 1\n\n### T001 Write src/a.py\n\nDo it.\n\n### T002 Write src/b.py\n\nDo it.\n")
    assert {line for line, _ in titles(plan)} >= {4, 8}


def test_phases_are_the_parents_of_tasks() -> None:
    plan, _ = at(PLAN, nested_symbols=True)
    (whole,) = document_symbol(plan, types.DocumentSymbolParams(DOCUMENT))
    assert isinstance(whole, types.DocumentSymbol)
    phases = whole.children or []
    assert [(phase.name, [task.name for task in phase.children or ()]) for phase in phases] == [
        ("Phase 1: Setup", ["T001", "T002", "T003"]),
        ("Phase 2: Search", ["T004"]),
    ]
    for phase in phases:
        for task in phase.children or ():
            assert (phase.range.start.line, phase.range.end.line) >= (phase.selection_range.start.line, 0)
            assert phase.range.start.line <= task.range.start.line <= task.range.end.line <= phase.range.end.line


def test_a_path_or_a_task_in_a_line_is_told_before_the_line_itself() -> None:
    plan, position = at(PLAN.replace("Write src/nav.py (depends on T002)", "Write src/nav.py (depends on T0$002)"))
    found = hover(plan, types.HoverParams(DOCUMENT, position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert found.contents.value.startswith("T002 · wave 1")
    plan, position = at(PLAN.replace("Do something", "Do some$0thing"))
    found = hover(plan, types.HoverParams(DOCUMENT, position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "Name them there." in found.contents.value
    assert "`writes`" not in found.contents.value


def test_a_hint_says_nothing_of_waves_that_nobody_has_fixed() -> None:
    plan, _ = at(PLAN)
    hints = inlay_hint(plan, types.InlayHintParams(DOCUMENT, EVERYTHING))
    assert hints
    assert not any("fixes wave" in str(hint.tooltip) for hint in hints)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("- [ ] T005 Link it (depends on $0", {"T002", "T003", "T004"}),
        ("- [ ] T005 Link it (depends on T002, $0)", {"T003", "T004"}),
        ("- [ ] T005 Link it after T00$0", {"T002", "T003", "T004"}),
        ("- [ ] T005 Wri$0", None),
        ("- $0", None),
    ],
)
def test_ids_are_suggested_where_words_name_what_is_waited_for(line: str, expected: set[str] | None) -> None:
    plan, position = at(PLAN.replace("\n## Dependencies", f"{line}\n\n## Dependencies"))
    found = completion(plan, types.CompletionParams(DOCUMENT, position))
    if expected is None:
        assert found is None
        return
    assert found is not None
    labels = {item.label for item in found.items}
    assert labels >= expected
    assert "T005" not in labels


def test_another_format_is_never_formatted() -> None:
    plan, _ = at(PLAN.replace("- [ ] T004", "-   [ ]  T004"))
    assert formatting(plan, types.DocumentFormattingParams(DOCUMENT, types.FormattingOptions(2, True))) == []


def test_an_id_is_renamed_wherever_it_stands() -> None:
    plan, position = at(PLAN.replace("T003 [P]", "T0$003 [P]"))
    edit = rename(plan, types.RenameParams(DOCUMENT, position, "T033"))
    assert after(plan, edit) == PLAN.replace("T003 ", "T033 ")


@pytest.mark.parametrize(
    ("text", "name", "why"),
    [
        (PLAN.replace("T003 [P]", "T0$003 [P]"), "T004", "Another task is called"),
        (PLAN.replace("T003 [P]", "T0$003 [P]"), "three", "would not be read as"),
        ("# T\n\n- [ ] Write the h$0ub\n", "hub", "no id that can be told from other words"),
    ],
)
def test_an_id_that_cannot_be_given_is_refused_with_the_reason(text: str, name: str, why: str) -> None:
    plan, position = at(text)
    with pytest.raises(JsonRpcException, match=why):
        rename(plan, types.RenameParams(DOCUMENT, position, name))


def test_sections_and_what_stands_below_an_item_fold() -> None:
    plan, _ = at(PLAN)
    folds = [(fold.start_line, fold.end_line) for fold in folding_range(plan, types.FoldingRangeParams(DOCUMENT))]
    assert (7, 9) in folds
    assert (4, 10) in folds


def test_a_selection_grows_to_the_task_and_its_phase() -> None:
    plan, position = at(PLAN.replace("One function", "One f$0unction"))
    (found,) = selection_range(plan, types.SelectionRangeParams(DOCUMENT, [position]))
    lines: list[tuple[int, int]] = []
    selection: types.SelectionRange | None = found
    while selection is not None:
        lines.append((selection.range.start.line, selection.range.end.line))
        selection = selection.parent
    assert (7, 10) in lines
    assert (4, 12) in lines


def test_waves_are_never_written_into_a_format_that_holds_none() -> None:
    plan, _ = at(PLAN)
    context = types.CodeActionContext([], only=[types.CodeActionKind.RefactorRewrite])
    assert code_action(plan, types.CodeActionParams(DOCUMENT, EVERYTHING, context)) == []


def test_fixes_speak_of_marks() -> None:
    plan, _ = at(PLAN.replace("Write src/nav.py (depends on T002)", "Link it in src/pages.py"))
    context = types.CodeActionContext([], only=[types.CodeActionKind.QuickFix])
    actions = code_action(plan, types.CodeActionParams(DOCUMENT, EVERYTHING, context))
    (first, *_) = [action for action in actions if action.is_preferred]
    assert first.title == "Take [P] off `T003`"
    assert "- [ ] T003 Link it in src/pages.py" in after(plan, first.edit)


def test_a_brief_names_the_phase_and_the_documents_beside_the_plan() -> None:
    plan, _ = at(PLAN, "specs/001-wiki/spec.md", "specs/001-wiki/contracts/api.yaml", "specs/002/plan.md", "AGENTS.md")
    brief = brief_now(plan, "T002")
    assert "Every page has a title." in brief
    assert "# Your task: Write src/pages.py\n\nIt is `T002`, of the part “Phase 1: Setup”.\n\n" in brief
    assert "- One function a page" in brief
    assert "## Read first\n- `specs/001-wiki/spec.md`\n- `specs/001-wiki/contracts`\n- `AGENTS.md`\n" in brief
    assert "T003" not in brief
