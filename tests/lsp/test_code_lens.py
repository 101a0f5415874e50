from dataclasses import replace

import pytest
from lsprotocol import types

from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState
from agent_server.execution.records.record import TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.lsp.features.code_lens import code_lens
from agent_server.lsp.snapshot import PlanSnapshot
from tests.lsp.cursor import URI, plan_at
from tests.lsp.test_run_state import run as progress

PLAN = "# P\n\n## a: One\n- writes: `a.py`\n\nDo it.\n\n## b: Two\n- status: done\n\nDo it.\n"


def shown(plan: PlanSnapshot, line: int) -> list[tuple[str, list[object] | None]]:
    """The commands above a line that show documents, with their arguments."""
    lenses = code_lens(plan, types.CodeLensParams(types.TextDocumentIdentifier(URI)))
    commands = [lens.command for lens in lenses if lens.range.start.line == line and lens.command]
    return [
        (command.command, list(command.arguments or ())) for command in commands if command.command.count("Server.show")
    ]


def after_run(state: TaskState) -> PlanSnapshot:
    plan, _ = plan_at(PLAN, opens_documents=True)
    facts = RunFacts(tasks={"a": TaskFacts(state)})
    return replace(plan, analysis=replace(plan.analysis, facts=facts))


@pytest.mark.parametrize(
    ("hints", "title"), [(True, "wave 1 · last run: failed"), (False, "wave 1 · default · 9 min · last run: failed")]
)
def test_the_model_and_the_minutes_are_left_to_the_hints_where_there_are_any(hints: bool, title: str) -> None:
    plan = after_run(TaskState.FAILED)
    plan = replace(plan, client=replace(plan.client, shows_hints=hints))
    lenses = code_lens(plan, types.CodeLensParams(types.TextDocumentIdentifier(URI)))
    assert title in [lens.command.title for lens in lenses if lens.command]


def test_what_was_cancelled_is_called_stopped() -> None:
    plan = after_run(TaskState.CANCELLED)
    lenses = code_lens(plan, types.CodeLensParams(types.TextDocumentIdentifier(URI)))
    assert "wave 1 · default · 9 min · last run: stopped" in [lens.command.title for lens in lenses if lens.command]
    stopped = replace(progress(RunState.RUNNING, TaskRecord(TaskState.CANCELLED)), activity={})
    running = replace(plan, run=stopped, is_running=True)
    lenses = code_lens(running, types.CodeLensParams(types.TextDocumentIdentifier(URI)))
    assert "stopped" in [lens.command.title for lens in lenses if lens.command and lens.range.start.line == 2]


def test_a_task_that_can_run_shows_its_brief() -> None:
    plan, _ = plan_at(PLAN, opens_documents=True)
    assert shown(plan, 2) == [("agentServer.showBrief", [{"uri": URI, "task": "a"}])]
    assert shown(plan, 7) == []


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (TaskState.RUNNING, ["Transcript"]),
        (TaskState.HELD, ["Brief", "Transcript", "Changes"]),
        (TaskState.FAILED, ["Brief", "Transcript", "Changes"]),
    ],
)
def test_after_a_launch_a_task_shows_what_its_agent_did_and_changed(state: TaskState, names: list[str]) -> None:
    assert [command for command, _ in shown(after_run(state), 2)] == [f"agentServer.show{name}" for name in names]


@pytest.mark.parametrize(("state", "stops"), [(RunState.VERIFYING, ["Cancel"]), (RunState.LANDING, [])])
def test_a_run_that_lands_cannot_be_cancelled_any_more(state: RunState, stops: list[str]) -> None:
    plan, _ = plan_at(PLAN)
    running = replace(plan, run=progress(state, TaskRecord(TaskState.VERIFYING)), is_running=True)
    lenses = code_lens(running, types.CodeLensParams(types.TextDocumentIdentifier(URI)))
    titles = [lens.command.title for lens in lenses if lens.command and lens.range.start.line == 0]
    assert titles[1:] == ["0/1 agents done (40 %)", *stops]


@pytest.mark.parametrize(
    ("field", "words"), [("status: done", "done"), ("status: skip", "skipped"), ("needs: a", "not scheduled")]
)
def test_a_task_outside_all_waves_says_why(field: str, words: str) -> None:
    plan, _ = plan_at(f"# P\n\n## a: One\n- writes: `a.py`\n- {field}\n")
    lenses = code_lens(plan, types.CodeLensParams(types.TextDocumentIdentifier(URI)))
    assert [lens.command.title for lens in lenses if lens.command and lens.range.start.line == 2] == [words]


def test_a_client_that_cannot_show_documents_has_no_lens_that_does_nothing() -> None:
    plan, _ = plan_at(PLAN)
    assert shown(plan, 2) == []


def test_what_hints_tell_no_lens_repeats() -> None:
    for shows_hints, title in ((False, "wave 1 · default · 9 min"), (True, "wave 1")):
        plan, _ = plan_at(PLAN, shows_hints=shows_hints)
        lenses = code_lens(plan, types.CodeLensParams(types.TextDocumentIdentifier(URI)))
        assert [lens.command.title for lens in lenses if lens.command and lens.range.start.line == 2] == [title]
