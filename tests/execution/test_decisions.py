"""Decisions about records, held against the tables for random records."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.execution.approval import Approval, ApprovedTask, NotLaunchable
from agent_server.execution.records.record import RunRecord, TaskRecord, after_crash
from agent_server.execution.runs.decisions import discarded, last_landing, to_land, tried_again, undone, with_repair
from agent_server.execution.runs.lifecycle import ENDED, STOPPED, WITH_WORK, RunState
from agent_server.plan.model import Budget

TASKS = tuple(ApprovedTask(name, name, (), "m", "x", after=("a",) if name == "b" else ()) for name in "abc")
APPROVAL = Approval("p", "", 1, TASKS, "make", Budget())
GOING = frozenset({RunState.PREPARING, RunState.RUNNING, RunState.VERIFYING, RunState.LANDING})

AT_REST = sorted({*ENDED, TaskState.HELD})


@st.composite
def records(draw: st.DrawFn, states: frozenset[RunState] = frozenset(RunState) - GOING) -> RunRecord:
    """Records as a run may leave them in one of the states."""
    state = draw(st.sampled_from(sorted(states)))
    of_task = {RunState.LANDING: [TaskState.VERIFYING, *AT_REST]}.get(state, list(TaskState))
    each = st.builds(
        TaskRecord, st.sampled_from(of_task if state in GOING else AT_REST), landing=st.sampled_from(["run", "run.2"])
    )
    return RunRecord(
        "run",
        APPROVAL,
        state,
        {name: draw(each) for name in "abc"},
        verify=draw(st.sampled_from([None, VerifyFacts("make", True), VerifyFacts("make", False)])),
        landings=draw(st.sampled_from([(), ("run",), ("run", "run.2")])),
    )


Decision = Callable[[RunRecord], RunRecord]
DECISIONS: list[Decision] = [
    lambda record: tried_again(record, ())[0],
    lambda record: tried_again(record, ("b",))[0],
    lambda record: to_land(record, None, verify=True)[0],
    lambda record: to_land(record, ("a",), verify=False)[0],
    lambda record: with_repair(record)[0],
    discarded,
]


@given(records(), st.sampled_from(DECISIONS))
def test_only_what_stopped_can_be_decided_and_what_landed_stays(record: RunRecord, decide: Decision) -> None:
    try:
        after = decide(record)
    except NotLaunchable:
        return
    assert record.state in STOPPED
    final = {TaskState.LANDED, TaskState.DISCARDED, TaskState.UNDONE}
    for name, task in record.tasks.items():
        assert task.state not in final or after.tasks[name] == task


@given(records())
def test_what_is_tried_again_begins_anew_with_all_that_was_built_on_it(record: RunRecord) -> None:
    try:
        after, names = tried_again(record, ("a",), "Mind the gap.")
    except NotLaunchable:
        return
    assert after.state is RunState.PREPARING
    assert "a" in names
    assert ("b" in names) == (record.tasks["b"].state not in ENDED - {TaskState.FAILED, TaskState.CANCELLED})
    for name in names:
        assert (after.tasks[name].state, after.tasks[name].attempt) == (TaskState.WAITING, 2)
    assert after.tasks["a"].comment == "Mind the gap."
    assert after.tasks["c"] == record.tasks["c"]


@given(records())
def test_a_landing_is_undone_with_all_its_tasks_and_no_others(record: RunRecord) -> None:
    try:
        landing = last_landing(record)
    except NotLaunchable:
        return
    after = undone(record, landing)
    for name, task in record.tasks.items():
        is_of_it = task.landing == landing and task.state is TaskState.LANDED
        assert (after.tasks[name].state is TaskState.UNDONE) == (is_of_it or task.state is TaskState.UNDONE)


@given(records(GOING), st.booleans())
def test_after_a_crash_no_work_is_lost_and_nothing_goes_on(record: RunRecord, landed: bool) -> None:
    after = after_crash(record, landed=landed and record.state is RunState.LANDING)
    assert after.state not in GOING
    for name, task in record.tasks.items():
        if task.state in WITH_WORK:
            assert after.tasks[name].state in {TaskState.HELD, TaskState.LANDED}
        assert after.tasks[name].state in AT_REST
    assert (after.state is RunState.HELD) == (TaskState.HELD in {task.state for task in after.tasks.values()})


def test_there_is_no_repair_of_repairs_alone() -> None:
    repair = ApprovedTask("repair", "Repair", (), "m", "x", after=("a", "b", "c"), repairs=True)
    approval = replace(APPROVAL, tasks=(*TASKS, repair))
    tasks = {name: TaskRecord(TaskState.LANDED, landing="run") for name in "abc"}
    record = RunRecord("run", approval, RunState.HELD, {**tasks, "repair": TaskRecord(TaskState.HELD)})
    with pytest.raises(NotLaunchable, match="no task's work"):
        with_repair(replace(record, verify=VerifyFacts("make", passed=False)))
