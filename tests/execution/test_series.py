"""Which runs of a plan belong together: the rule, and what the record keeps of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord, after_crash
from agent_server.execution.runs.decisions import discarded, tried_again, undone
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.series import continued
from tests.execution.records import RUN, record

SECOND = "20260102T000000-000002"
OPEN = ("a", "b", "c")


def run(state: RunState, *tasks: TaskState, open_tasks: tuple[str, ...] = OPEN) -> RunRecord:
    """A run of the tasks `a`, `b` and so on, of a plan of which `open_tasks` were open."""
    return replace(record(RUN, *map(TaskRecord, tasks), state=state), open_tasks=open_tasks)


HELD = run(RunState.HELD, TaskState.HELD)
FAILED = run(RunState.FAILED, TaskState.FAILED)
LANDED = run(RunState.LANDED, TaskState.LANDED)
DISCARDED = run(RunState.DISCARDED, TaskState.DISCARDED)
PARTLY = run(RunState.DISCARDED, TaskState.LANDED, TaskState.DISCARDED)
UNDONE = run(RunState.UNDONE, TaskState.UNDONE)
LAST_WAVE = replace(LANDED, open_tasks=("a",))

CASES: dict[str, tuple[tuple[RunRecord, ...], tuple[str, ...], bool]] = {
    "nothing has run yet": ((), OPEN, False),
    "a wave landed and others are left": ((LANDED,), ("b", "c"), True),
    "the last wave landed, and the plan got a new task": ((LANDED, LAST_WAVE), ("d",), False),
    "the last wave landed, and was undone": ((LANDED, replace(UNDONE, open_tasks=("a",))), ("a",), True),
    "its only wave was undone": ((UNDONE,), OPEN, False),
    "a wave is held": ((HELD,), OPEN, True),
    "a wave failed": ((FAILED,), OPEN, True),
    "its only wave was discarded": ((DISCARDED,), OPEN, False),
    "a part landed before the rest was discarded": ((PARTLY,), ("b", "c"), True),
    "the second wave was discarded": ((LANDED, DISCARDED), ("b", "c"), True),
    "a wave failed, and was discarded when it was launched again": ((FAILED, DISCARDED), OPEN, True),
    "all that was open is ticked by hand, and there are new tasks": ((HELD,), ("d", "e"), False),
    "a new task came while others are left": ((LANDED,), ("c", "d"), True),
    "a run of a version that did not note what was open": ((replace(LANDED, open_tasks=()),), ("b",), False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_launch_continues_what_is_not_over(case: str) -> None:
    series, open_tasks, expected = CASES[case]
    assert continued(series, open_tasks) is expected


def test_a_run_that_continues_none_begins_a_series_and_decisions_keep_it() -> None:
    assert HELD.series == RUN
    second = replace(HELD, id=SECOND)
    assert second.series == RUN
    going_on = replace(second, state=RunState.LANDING, tasks={"a": TaskRecord(TaskState.VERIFYING)})
    landed = after_crash(going_on, landed=True)
    after = [tried_again(second, ("a",))[0], discarded(second), landed, undone(landed, landed.landings[-1])]
    assert {(each.series, each.open_tasks) for each in after} == {(RUN, OPEN)}


def test_the_runs_of_a_series_are_found_in_their_order(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    first = replace(HELD, id=SECOND, series="")  # the clock was set back: the order of the launches counts
    second, other = replace(HELD, series=SECOND), replace(HELD, id="20260103T000000-000003", series="")
    for each in (first, other, second):
        store.save(each)
    assert store.of_series(SECOND) == (first, second)
    assert store.of_series(other.id) == (other,)
    assert store.of_series("") == ()
