"""What is offered about the last run, in lenses and code actions, and what is asked before it."""

from dataclasses import replace
from typing import Any

import pytest
from lsprotocol import types

from agent_server.analysis.analyse import analyse
from agent_server.analysis.facts import BrokenContract, TaskState, VerifyFacts
from agent_server.execution.landing.commits import branch_name
from agent_server.execution.records.run_record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.progress import Progress
from agent_server.lsp.briefs import brief_now
from agent_server.lsp.commands.questions import before_discard, before_undo, before_unverified
from agent_server.lsp.features.code_action import code_action
from agent_server.lsp.features.code_lens import code_lens
from agent_server.lsp.features.hover import hover
from agent_server.lsp.snapshot import PlanSnapshot
from tests.execution.test_next_steps import held_run, record
from tests.lsp.cursor import URI, plan_at

PLAN = "---\nverify: make\n---\n# P\n\n## a: One\n- writes: `a.py`\n\nDo it.\n\n## b: Two\n- writes: `b.py`\n\nDo it.\n"
DOCUMENT = types.TextDocumentIdentifier(URI)
TITLE, FIRST = 3, 5
FAILED = VerifyFacts("make", passed=False, output="Error 1", failing=("a",), passing=("b",))


def after(run: RunRecord | None, **client: Any) -> PlanSnapshot:
    plan, _ = plan_at(PLAN, **client)
    facts = replace(run, problem="`a.py` changed.").facts() if run else plan.analysis.facts
    parsed, tree = plan.analysis.plan, plan.analysis.tree
    return replace(plan, analysis=analyse(parsed, plan.analysis.problems, tree, facts=facts), record=run)


def lenses(plan: PlanSnapshot, line: int) -> list[types.Command]:
    found = code_lens(plan, types.CodeLensParams(DOCUMENT))
    return [lens.command for lens in found if lens.command and lens.range.start.line == line]


def titles(plan: PlanSnapshot, line: int) -> list[str]:
    return [command.title for command in lenses(plan, line)]


def actions(plan: PlanSnapshot, line: int, character: int, *only: str) -> list[types.CodeAction]:
    place = types.Position(line, character)
    context = types.CodeActionContext([], only=list(only) or None)
    return code_action(plan, types.CodeActionParams(DOCUMENT, types.Range(place, place), context))


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (held_run(FAILED), ["Retry `a`", "Land the rest", "Repair", "Discard"]),
        (held_run(VerifyFacts("make", passed=False)), ["Retry 2 tasks", "Repair", "Land anyway", "Discard"]),
        (held_run(), ["Retry 2 tasks", "Land again", "Discard"]),
        (held_run(a=TaskState.FAILED, b=TaskState.HELD), ["Retry `a`", "Land the rest", "Discard"]),
    ],
)
def test_a_run_that_waits_for_a_decision_has_the_ways_on_above_the_plan(run: RunRecord, told: list[str]) -> None:
    assert titles(after(run), TITLE) == told


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (None, ["Launch wave 1 (2 agents)"]),
        (record(RunState.LANDED, {"a": TaskState.LANDED}), ["Undo", "Launch wave 1 (2 agents)"]),
        (
            record(RunState.CANCELLED, {"a": TaskState.CANCELLED}),
            ["Retry `a`", "Discard", "Launch wave 1 (2 agents)"],
        ),
        (record(RunState.UNDONE, {"a": TaskState.UNDONE}), ["Launch wave 1 (2 agents)"]),
    ],
)
def test_where_nothing_waits_the_next_wave_can_be_launched(run: RunRecord | None, told: list[str]) -> None:
    assert titles(after(run), TITLE)[1:] == told


def test_a_plan_of_several_waves_can_be_launched_as_one() -> None:
    plan, _ = plan_at(PLAN.replace("- writes: `b.py`", "- writes: `b.py`\n- needs: a"))
    one, whole = lenses(plan, TITLE)[1:]
    assert (one.title, whole.title) == ("Launch wave 1 (1 agent)", "Launch all (2 agents)")
    assert whole.arguments == [{"uri": URI, "stream": True}]


@pytest.mark.parametrize("opens_documents", [False, True])
@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("of_run", RunState)
def test_no_line_has_more_than_four_lenses(of_run: RunState, state: TaskState, opens_documents: bool) -> None:
    run = record(of_run, {"a": state, "b": TaskState.HELD}, FAILED)
    plan = after(run, opens_documents=opens_documents)
    for each in (plan, replace(plan, run=Progress(run, 5, "Working", {}, {}), is_running=True)):
        places = [lens.range.start.line for lens in code_lens(each, types.CodeLensParams(DOCUMENT))]
        assert max(map(places.count, places)) <= 4


def test_nothing_can_be_decided_while_the_run_goes_on() -> None:
    run = held_run(FAILED)
    plan = replace(after(run), run=Progress(run, 5, "Working", {}, {}), is_running=True)
    assert titles(plan, TITLE)[1:] == ["Working (5 %)"]
    assert not [action for action in actions(plan, FIRST, 4) if action.command]


def test_a_task_is_tried_again_from_its_own_line() -> None:
    plan = after(held_run(FAILED), opens_documents=True)
    retry = next(each for each in lenses(plan, FIRST) if each.title == "Retry `a`")
    assert (retry.command, retry.arguments) == ("agentServer.retry", [{"uri": URI, "task": "a"}])


def of_kind(found: list[types.CodeAction], kind: str) -> list[str]:
    return [action.title for action in found if action.kind == kind and action.command]


def test_what_failed_to_verify_is_mended_where_the_command_stands() -> None:
    found = actions(after(held_run(FAILED)), 1, 9)
    told = ["Retry `a`", "Land the rest", "Repair", "Land anyway", "Discard"]
    assert of_kind(found, "quickfix") == told
    assert all(action.diagnostics for action in found if action.title in told)
    assert not any(action.is_preferred for action in found if action.title in told)
    assert all(code.code == "verify-failed" for action in found for code in action.diagnostics or ())
    (anyway,) = [action.command for action in found if action.title == "Land anyway"]
    assert anyway is not None
    assert (anyway.command, anyway.arguments) == ("agentServer.land", [{"uri": URI, "unverified": True}])
    assert of_kind(actions(after(held_run(FAILED)), 1, 9, "refactor"), "quickfix") == []


def test_at_a_task_it_is_offered_what_is_about_that_task() -> None:
    plan = after(held_run(FAILED), opens_documents=True)
    assert of_kind(actions(plan, FIRST, 8), "quickfix") == ["Retry `a`", "Land `a` alone"]
    assert of_kind(actions(plan, FIRST, 8), "run") == ["Show the brief of `a`"]
    second = PLAN.split("\n").index("## b: Two")
    assert of_kind(actions(plan, second, 8), "run") == ["Retry `b`", "Land `b` alone", "Show the brief of `b`"]
    assert of_kind(actions(plan, second + 3, 0), "run") == []


def test_what_did_not_land_or_was_written_undeclared_is_decided_at_its_diagnostic() -> None:
    run = held_run()
    assert of_kind(actions(after(run), TITLE, 2), "quickfix") == ["Retry 2 tasks", "Land again", "Discard"]
    strayed = replace(run, tasks={**run.tasks, "a": replace(run.tasks["a"], undeclared=("c.py",))})
    found = actions(after(strayed), FIRST + 1, 4)
    assert "Declare `c.py` in `writes` of `a`" in [action.title for action in found]
    assert of_kind(found, "quickfix") == ["Retry `a`", "Land `a` alone"]


def test_who_broke_a_promise_is_tried_again_where_that_is_said() -> None:
    broken = VerifyFacts("", passed=False, broken=(BrokenContract("a", ("b",), "a.py", "`a.py` lacks a name."),))
    found = [action.title for action in actions(after(held_run(broken)), FIRST, 8) if action.kind == "quickfix"]
    assert found[:2] == ["Retry `a`", "Land `a` alone"]
    given_up = record(RunState.DISCARDED, {"a": TaskState.DISCARDED, "b": TaskState.DISCARDED}, broken)
    assert "broken-contract" not in {each.code for each in after(given_up).analysis.diagnostics}


def test_what_has_landed_in_spite_of_its_verification_is_no_longer_complained_of() -> None:
    landed = record(RunState.LANDED, {"a": TaskState.LANDED, "b": TaskState.LANDED}, FAILED)
    assert "verify-failed" in {each.code for each in after(held_run(FAILED)).analysis.diagnostics}
    assert "verify-failed" not in {each.code for each in after(landed).analysis.diagnostics}


def test_a_brief_says_how_the_last_attempt_ended_or_is_the_one_that_was_sent() -> None:
    run = held_run(FAILED)
    assert "Tried before" not in brief_now(after(None), "a")
    assert "Error 1" in brief_now(after(run), "a")
    working = replace(after(run), run=Progress(run, 5, "", {}, {}), is_running=True, briefs={"a": "As it was sent."})
    assert brief_now(working, "a") == "As it was sent."
    assert "Tried before" not in brief_now(working, "b")


def test_a_hover_tells_of_another_attempt_and_its_comment() -> None:
    run = held_run(FAILED)
    tried = replace(run.tasks["a"], attempt=2, comment="Be `kind`.\nPlease.")
    plan = after(replace(run, tasks={**run.tasks, "a": tried}), markdown_hovers=True)
    told = hover(plan, types.HoverParams(DOCUMENT, types.Position(FIRST, 4)))
    assert told is not None
    assert isinstance(told.contents, types.MarkupContent)
    assert "Attempt 2. Its agent was told: ``Be `kind`." in told.contents.value


def test_what_is_asked_says_what_will_happen() -> None:
    run = held_run(FAILED)
    assert before_discard(run, ("a", "b")).split("\n• ") == [
        "Discard wave 1 of `x.plan.md`?",
        "`a` and `b` made 2 files (`a.py` and `b.py`): none of that lands.",
        "You cannot take this back. Your files stay as they are.",
    ]
    assert before_unverified(run, ("a",)).split("\n• ") == [
        "Land wave 1 of `x.plan.md` without verification?",
        "`make` failed in the last run, and is not run again.",
        "What `a` made lands as it stands: 1 file (`a.py`). You can undo that.",
    ]
    landed = record(RunState.LANDED, {"a": TaskState.LANDED})
    assert before_undo(landed, ("a",)).split("\n• ") == [
        "Undo the last landing of wave 1 of `x.plan.md`?",
        "What changed in 1 file (`a.py`) is taken back. Where a file was changed since, nothing is.",
        "`a` will be open in the plan again.",
    ]
    committed = before_undo(replace(landed, commits={"1": "0123"}), ("a",))
    assert f"The branch `{branch_name('x.plan.md', '1')}` is deleted" in committed


def test_what_a_plan_says_cannot_pass_for_our_words_in_a_question() -> None:
    run = held_run(FAILED)
    strange = "a.py\n• Nothing happens"
    asked = before_discard(replace(run, tasks={"a": replace(run.tasks["a"], changed=(strange,))}), ("a",))
    assert asked.count("\n") == 2
