import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.progress import seconds_left
from agent_server.plan.model import Budget

EXPECTED = {"a": 100.0, "b": 40.0}


def record(run: RunState, a: TaskState, b: TaskState) -> RunRecord:
    tasks = tuple(ApprovedTask(name, name, (), "model", "replay") for name in "ab")
    approval = Approval("x.plan.md", "digest", 1, tasks, None, Budget())
    return RunRecord("run", approval, run, {"a": TaskRecord(a), "b": TaskRecord(b)})


@pytest.mark.parametrize(("agents", "left"), [(None, 170.0), (2, 170.0), (1, 240.0)])
def test_in_a_stream_an_agent_begins_after_what_it_waits_for_and_when_there_is_room(
    agents: int | None, left: float
) -> None:
    waits = {"a": (), "b": ("a",), "c": ("b",), "d": ("a",)}
    tasks = tuple(ApprovedTask(name, name, (), "model", "replay", after=after) for name, after in waits.items())
    approval = Approval("x.plan.md", "digest", 1, tasks, None, Budget(), stream=True, agents=agents)
    states = {"a": TaskState.RUNNING, "b": TaskState.WAITING, "c": TaskState.WAITING, "d": TaskState.WAITING}
    run = RunRecord("run", approval, RunState.RUNNING, {name: TaskRecord(state) for name, state in states.items()})
    expected = {"a": 100.0, "b": 40.0, "c": 60.0, "d": 70.0}
    assert seconds_left(run, {"a": 30.0, "b": 0.0, "c": 0.0, "d": 0.0}, expected) == left


@pytest.mark.parametrize(
    ("run", "a", "b", "worked", "left"),
    [
        (RunState.PREPARING, TaskState.WAITING, TaskState.WAITING, (0, 0), 100.0),
        (RunState.RUNNING, TaskState.RUNNING, TaskState.PREPARING, (70, 0), 40.0),
        (RunState.RUNNING, TaskState.RUNNING, TaskState.RUNNING, (30, 30), 70.0),
        (RunState.RUNNING, TaskState.FINISHED, TaskState.RUNNING, (30, 30), 10.0),
        (RunState.RUNNING, TaskState.FINISHED, TaskState.RUNNING, (30, 41), None),
        (RunState.RUNNING, TaskState.FINISHED, TaskState.FAILED, (30, 3), None),
        (RunState.VERIFYING, TaskState.VERIFYING, TaskState.VERIFYING, (30, 3), None),
    ],
)
def test_the_end_is_when_the_last_agent_should_be_done(
    run: RunState, a: TaskState, b: TaskState, worked: tuple[float, float], left: float | None
) -> None:
    assert seconds_left(record(run, a, b), dict(zip("ab", worked, strict=True)), EXPECTED) == left
