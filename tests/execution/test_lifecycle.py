import json
from pathlib import Path

import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.runs.lifecycle import (
    GOING_ON,
    RUN_MOVES,
    RUN_TABLE,
    TASK_MOVES,
    TASK_TABLE,
    IllegalMove,
    Move,
    RunState,
    diagram,
    moved,
)
from agent_server.execution.runs.outcomes import DONE, INTERRUPTED, RUNS, TASKS, exit_status


def test_every_state_is_in_its_table() -> None:
    assert set(RUN_MOVES) == set(RunState)
    assert set(TASK_MOVES) == set(TaskState)


def test_every_state_can_be_reached_and_every_run_can_end() -> None:
    for table, first in ((RUN_MOVES, RunState.PREPARING), (TASK_MOVES, TaskState.WAITING)):
        reached = {first}
        while more := {to for state in reached for to in table[state]} - reached:
            reached |= more
        assert reached == set(table)
        assert any(not following for following in table.values())


def test_what_changes_by_itself_can_always_fail() -> None:
    assert all(RunState.FAILED in RUN_MOVES[state] for state in GOING_ON)


def test_a_landing_is_never_cancelled() -> None:
    assert RunState.CANCELLED not in RUN_MOVES[RunState.LANDING]
    with pytest.raises(IllegalMove, match="landing may not become cancelled"):
        moved(RunState.LANDING, RunState.CANCELLED, RUN_MOVES)


@pytest.mark.parametrize(("place", "table"), [(1, RUN_TABLE), (2, TASK_TABLE)])
def test_the_architecture_shows_the_tables_as_they_are(place: int, table: tuple[Move, ...]) -> None:
    page = Path("agent_server/ARCHITECTURE.md").read_text("utf-8")
    assert page.split("```mermaid\n")[place].split("```")[0] == diagram(table)


def test_every_state_means_something_to_people() -> None:
    assert [(state, each.word) for state, each in RUNS.items()] == [(state, state.word) for state in RunState]
    assert [(state, each.word) for state, each in TASKS.items()] == [(state, state.word) for state in TaskState]


def test_only_what_has_landed_is_ticked_and_only_a_run_that_has_landed_exits_with_zero() -> None:
    assert [state for state, each in TASKS.items() if each.is_ticked] == [TaskState.LANDED]
    assert [state for state in RunState if exit_status(state) == DONE] == [RunState.LANDED]
    assert exit_status(RunState.CANCELLED) == INTERRUPTED
    assert exit_status(RunState.DISCARDED, wanted=RunState.DISCARDED) == DONE


def test_the_protocol_says_of_each_state_what_the_table_says() -> None:
    model = json.loads(Path("protocol/agent-server.json").read_text("utf-8"))
    told = {each["name"]: each["values"] for each in model["enumerations"]}
    for name, table in (("RunState", RUNS), ("TaskState", TASKS)):
        said = {value["value"]: value["documentation"].partition(" Clients of earlier")[0] for value in told[name]}
        assert said == {state.value: each.meaning for state, each in table.items()}
