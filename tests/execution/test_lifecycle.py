from pathlib import Path

import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.runs.lifecycle import (
    GOING_ON,
    RUN_MOVES,
    TASK_MOVES,
    IllegalMove,
    RunState,
    diagram,
    moved,
)


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


def test_the_architecture_shows_the_table_as_it_is() -> None:
    page = Path("agent_server/ARCHITECTURE.md").read_text("utf-8")
    shown = set(page.split("```mermaid\n")[1].split("```")[0].splitlines())
    assert shown == set(diagram(RUN_MOVES).splitlines())
