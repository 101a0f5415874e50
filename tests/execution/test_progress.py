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
