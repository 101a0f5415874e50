"""The lifecycles of a run and of its tasks, as tables.

Every change of state goes through `moved`, so the tables are the whole truth; `diagram` draws them for ARCHITECTURE.md.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from agent_server.analysis.facts import TaskState


class RunState(StrEnum):
    """The states of a run of one wave."""

    PREPARING = "preparing"
    """The base is being frozen and the sandboxes opened."""
    RUNNING = "running"
    """Agents work. Nothing is built and nothing is landed."""
    VERIFYING = "verifying"
    """Every agent has ended; the combined result is being built in a scratch sandbox."""
    LANDING = "landing"
    LANDED = "landed"
    HELD = "held"
    """Agents have finished, nothing landed, and the change sets are kept: somebody has to decide."""
    CANCELLED = "cancelled"
    FAILED = "failed"
    """The run could not be carried out at all: no room on the disk, no sandbox."""


GOING_ON = frozenset({RunState.PREPARING, RunState.RUNNING, RunState.VERIFYING, RunState.LANDING})
"""The states in which a run changes by itself."""

CANCELLABLE = GOING_ON - {RunState.LANDING}
"""The states of a run that is going on in which it can still be stopped."""

BEFORE_THE_END = frozenset({TaskState.WAITING, TaskState.PREPARING, TaskState.RUNNING})
"""The states of a task whose agent has not ended."""

State = TypeVar("State", RunState, TaskState)

RUN_MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.PREPARING: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.FAILED}),
    RunState.RUNNING: frozenset({RunState.VERIFYING, RunState.HELD, RunState.CANCELLED, RunState.FAILED}),
    RunState.VERIFYING: frozenset({RunState.LANDING, RunState.HELD, RunState.CANCELLED, RunState.FAILED}),
    RunState.LANDING: frozenset({RunState.LANDED, RunState.HELD, RunState.FAILED}),
    RunState.HELD: frozenset({RunState.LANDING, RunState.CANCELLED}),
    RunState.LANDED: frozenset(),
    RunState.CANCELLED: frozenset(),
    RunState.FAILED: frozenset(),
}

TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.WAITING: frozenset({TaskState.PREPARING, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.PREPARING: frozenset({TaskState.RUNNING, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.RUNNING: frozenset({TaskState.FINISHED, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.FINISHED: frozenset({TaskState.VERIFYING, TaskState.HELD, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.VERIFYING: frozenset({TaskState.LANDED, TaskState.HELD, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.HELD: frozenset({TaskState.LANDED, TaskState.CANCELLED}),
    TaskState.LANDED: frozenset(),
    TaskState.FAILED: frozenset(),
    TaskState.CANCELLED: frozenset(),
}


class IllegalMove(RuntimeError):
    """A state was to follow one that it may not follow: a fault in our own code, never the user's."""


def moved(state: State, to: State, table: Mapping[State, frozenset[State]]) -> State:
    """`to`, if the table lets it follow `state`; raises `IllegalMove` otherwise."""
    if to not in table[state]:
        raise IllegalMove(f"{state} may not become {to}")
    return to


def is_final(state: State, table: Mapping[State, frozenset[State]]) -> bool:
    """Whether nothing can follow `state`."""
    return not table[state]


def diagram(table: Mapping[State, frozenset[State]]) -> str:
    """The table as a Mermaid state diagram."""
    first = next(iter(table))
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for state, following in table.items():
        lines += [f"    {state} --> {to}" for to in sorted(following)]
        if not following:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines) + "\n"
