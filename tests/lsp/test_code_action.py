from collections.abc import Sequence
from dataclasses import replace

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from agent_server.analysis.analyse import analyse
from agent_server.analysis.rules import RULES
from agent_server.analysis.tree import Tree
from agent_server.lsp.features.code_action import code_action, code_action_resolve
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.model import Edit, apply_edits
from tests.lsp.cursor import URI, plan_at

LAZY = {"resolves_edits": True}
ANNOTATED = {"versioned_edits": True, "annotated_edits": True, "annotated_actions": True}
TWO = """\
# Two$0

## a: One
- writes: `nav.py`

Add it.

## b: Other
- writes: `nav.py`, `b.py`

Add it.
"""
DOCUMENT = types.TextDocumentIdentifier(URI)
EVERYTHING = types.Range(types.Position(0, 0), types.Position(999, 0))


def actions(
    plan: PlanSnapshot, place: types.Position | types.Range = EVERYTHING, only: Sequence[str] | None = None
) -> list[types.CodeAction]:
    where = types.Range(place, place) if isinstance(place, types.Position) else place
    return code_action(plan, types.CodeActionParams(DOCUMENT, where, types.CodeActionContext([], only=only)))


def edited(plan: PlanSnapshot, edit: types.WorkspaceEdit | None) -> str:
    """The plan's text after an edit."""
    assert edit is not None
    if edit.changes is not None:
        changes = edit.changes[URI]
    else:
        assert edit.document_changes is not None
        (document,) = edit.document_changes
        assert isinstance(document, types.TextDocumentEdit)
        changes = document.edits
    return apply_edits(plan.document.text, tuple(Edit(plan.span(each.range), each.new_text) for each in changes))


@pytest.mark.parametrize("code", RULES)
def test_a_fix_that_is_resolved_is_the_one_that_comes_at_once(code: str) -> None:
    rule = RULES[code]
    plan, problems = rule.read(rule.bad)
    found = analyse(plan, problems, Tree(rule.files, rule.files), facts=rule.facts)
    (eager, _), (lazy, _) = plan_at(rule.bad), plan_at(rule.bad, **LAZY)
    eager, lazy = replace(eager, analysis=found), replace(lazy, analysis=found)
    at_once, later = actions(eager), actions(lazy)
    assert [action.title for action in later] == [action.title for action in at_once]
    for whole, promised in zip(at_once, later, strict=True):
        if whole.edit is None:
            continue
        assert promised.edit is None
        assert code_action_resolve(lazy, promised).edit == whole.edit


def test_an_action_of_an_older_version_is_refused_clearly() -> None:
    plan, _ = plan_at(TWO, **LAZY)
    action = actions(plan, only=["quickfix"])[0]
    newer = replace(plan, document=replace(plan.document, version=2))
    with pytest.raises(JsonRpcException, match="has changed since this was offered") as refused:
        code_action_resolve(newer, action)
    assert refused.value.code == types.LSPErrorCodes.ContentModified.value


def test_an_action_whose_finding_is_gone_is_refused_too() -> None:
    plan, _ = plan_at(TWO, **LAZY)
    action = actions(plan, only=["quickfix"])[0]
    without = replace(plan, analysis=replace(plan.analysis, diagnostics=()))
    with pytest.raises(JsonRpcException, match="Nothing was edited"):
        code_action_resolve(without, action)


def test_an_action_that_is_a_command_is_resolved_to_itself() -> None:
    """Neovim and VS Code ask for the edit of every action that has none."""
    plan, _ = plan_at(TWO, **LAZY)
    action, *_ = actions(plan, only=["source.launch"])
    assert code_action_resolve(plan, action) is action
    assert action.command is not None
    assert action.edit is None
    assert action.data == {"uri": URI}, "by which the request finds its plan"


def test_what_the_client_asks_about_is_mended_wherever_the_cursor_is() -> None:
    plan, _ = plan_at(TWO)
    (named, *_) = next(each for each in actions(plan) if each.title.startswith("Run `b` after")).diagnostics or ()
    start = types.Range(types.Position(0, 0), types.Position(0, 0))
    elsewhere = types.Diagnostic(start, named.message, code=named.code)
    for each, offered in (named, True), (elsewhere, False):
        given = code_action(plan, types.CodeActionParams(DOCUMENT, start, types.CodeActionContext([each])))
        assert any(action.title.startswith("Run `b` after") for action in given) is offered


@pytest.mark.parametrize(
    "data",
    [None, 7, {}, {"uri": URI}, {"version": "1", "code": "", "span": [0, 0]}, {"version": 1, "code": "", "span": [0]}],
)
def test_an_action_that_is_not_ours_is_refused(data: object) -> None:
    plan, _ = plan_at(TWO, **LAZY)
    with pytest.raises(JsonRpcInvalidParams, match="not offered"):
        code_action_resolve(plan, types.CodeAction("x", data=data))


def test_an_edit_of_several_tasks_names_them_and_is_applied_as_one_whole() -> None:
    plan, place = plan_at(TWO, **ANNOTATED)
    (action,) = [each for each in actions(plan, place) if each.kind == "refactor.rewrite"]
    assert action.edit is not None
    assert action.edit.change_annotations == {
        "why": types.ChangeAnnotation("Write the computed waves into the plan", False, "Edits `a` and `b`.")
    }
    (document,) = action.edit.document_changes or ()
    assert isinstance(document, types.TextDocumentEdit)
    assert all(isinstance(each, types.AnnotatedTextEdit) and each.annotation_id == "why" for each in document.edits)


def test_an_edit_of_one_task_says_what_it_is_for() -> None:
    plan, _ = plan_at(TWO, **ANNOTATED)
    action = next(each for each in actions(plan, only=["quickfix"]) if each.title.startswith("Run `b` after"))
    assert action.edit is not None
    assert action.edit.change_annotations == {
        "why": types.ChangeAnnotation(action.title, False, "Edits `b`."),
    }


def test_a_client_that_does_not_show_annotations_gets_none() -> None:
    plan, _ = plan_at(TWO, versioned_edits=True)
    assert all(each.edit is None or each.edit.change_annotations is None for each in actions(plan))


def test_the_computed_waves_are_written_and_stay_what_they_are() -> None:
    plan, place = plan_at(TWO)
    (action,) = [each for each in actions(plan, place) if each.kind == "refactor.rewrite"]
    after = edited(plan, action.edit)
    assert after == TWO.replace("$0", "").replace("`nav.py`\n", "`nav.py`\n- wave: 1\n").replace(
        "`b.py`\n", "`b.py`\n- wave: 2\n"
    )
    again, place = plan_at(after)
    assert again.analysis.schedule.waves == plan.analysis.schedule.waves
    assert not [each for each in actions(again, place) if each.kind == "refactor.rewrite"]


@pytest.mark.parametrize("only", [["refactor"], ["refactor.rewrite"], [""]])
def test_what_rewrites_the_whole_plan_is_offered_at_its_title_or_when_asked_for(only: list[str]) -> None:
    plan, _ = plan_at(TWO)
    inside = types.Position(5, 0)
    kinds = [each.kind for each in actions(plan, inside)]
    assert "refactor.rewrite" not in kinds
    assert "refactor.rewrite" in [each.kind for each in actions(plan, inside, only)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# P\n\n## a: One\n- writes: `a`\n- wave: 1\n\nDo it.\n", "names its wave already"),
        ("# P\n\n## a: One\n- writes: `a`\n- status: done\n\nDo it.\n", "No task is left"),
        ("# P\n\n## a: A\n- needs: b\n\nDo it.\n\n## b: B\n- needs: a\n\nDo it.\n", "Break the cycle first"),
        ("# P\n\n## Wave 3\n\n### a: One\n- writes: `a`\n\nDo it.\n", "Headings fix other waves"),
        ("# P\n\n## Wave 3\n\n### a: One\n- writes: `a`\n- wave: 1\n\nDo it.\n", "Headings fix other waves"),
    ],
)
def test_waves_that_cannot_be_written_are_shown_with_the_reason(text: str, reason: str) -> None:
    plan, place = plan_at(text, disabled_actions=True)
    (action,) = actions(plan, place, ["refactor.rewrite"])
    assert action.edit is None
    assert action.disabled is not None
    assert reason in action.disabled.reason
    assert not [each for each in actions(plan, place) if each.disabled]
    unable, place = plan_at(text)
    assert not actions(unable, place, ["refactor.rewrite"])


def test_a_launch_that_cannot_be_is_shown_with_the_reason_where_it_was_asked_for() -> None:
    plan, place = plan_at("# P\n\n## a: One\n- status: done\n", disabled_actions=True)
    (action,) = actions(plan, place, ["source.launch"])
    assert action.command is None
    assert action.disabled == types.CodeActionDisabled("No task can run now.")
    assert not actions(plan, place)
