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
    DISCARDED = "discarded"
    """Somebody decided that what the run holds shall not land."""
    UNDONE = "undone"
    """What had landed was taken back."""

    @property
    def word(self) -> str:
        """What people read. Records and messages say `cancelled` of what people call stopped."""
        return "stopped" if self is RunState.CANCELLED else self.value


GOING_ON = frozenset({RunState.PREPARING, RunState.RUNNING, RunState.VERIFYING, RunState.LANDING})
"""The states in which a run changes by itself."""

CANCELLABLE = GOING_ON - {RunState.LANDING}
"""The states of a run that is going on in which it can still be stopped."""

ENDED = frozenset({TaskState.LANDED, TaskState.FAILED, TaskState.CANCELLED, TaskState.DISCARDED, TaskState.UNDONE})
"""The states of a task of which nothing is left to land: it stays so, unless somebody has it tried again."""

BEFORE_THE_END = frozenset({TaskState.WAITING, TaskState.PREPARING, TaskState.RUNNING})
"""The states of a task whose agent has not ended."""

WITH_WORK = frozenset({TaskState.FINISHED, TaskState.VERIFYING, TaskState.HELD})
"""The states of a task whose agent did its work, and of which something may be left to land."""

State = TypeVar("State", RunState, TaskState)

STOPPED = frozenset({RunState.HELD, RunState.CANCELLED, RunState.FAILED})
"""The states of a run that has stopped without landing: somebody may still decide how it goes on."""

_DECISIONS = frozenset({RunState.PREPARING, RunState.LANDING, RunState.DISCARDED})

RUN_MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.PREPARING: frozenset({RunState.RUNNING, RunState.VERIFYING, *STOPPED}),
    RunState.RUNNING: frozenset({RunState.VERIFYING, *STOPPED}),
    RunState.VERIFYING: frozenset({RunState.PREPARING, RunState.LANDING, *STOPPED}),
    RunState.LANDING: frozenset({RunState.PREPARING, RunState.LANDED, RunState.HELD, RunState.FAILED}),
    RunState.HELD: _DECISIONS,
    RunState.LANDED: frozenset({RunState.UNDONE}),
    RunState.CANCELLED: _DECISIONS,
    RunState.FAILED: _DECISIONS,
    RunState.DISCARDED: frozenset(),
    RunState.UNDONE: frozenset(),
}
"""VERIFYING and LANDING go back to PREPARING where the workspace has moved on: the base is frozen anew.

What has stopped without landing waits for a decision: try again (PREPARING), land what is held, or discard it."""

TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = {
    TaskState.WAITING: frozenset({TaskState.PREPARING, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.PREPARING: frozenset({TaskState.RUNNING, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.RUNNING: frozenset({TaskState.FINISHED, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.FINISHED: frozenset({TaskState.VERIFYING, TaskState.HELD, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.VERIFYING: frozenset({TaskState.LANDED, TaskState.HELD, TaskState.CANCELLED, TaskState.FAILED}),
    TaskState.HELD: frozenset(
        {TaskState.WAITING, TaskState.VERIFYING, TaskState.LANDED, TaskState.CANCELLED, TaskState.DISCARDED}
    ),
    TaskState.LANDED: frozenset({TaskState.UNDONE}),
    TaskState.FAILED: frozenset({TaskState.WAITING, TaskState.DISCARDED}),
    TaskState.CANCELLED: frozenset({TaskState.WAITING, TaskState.DISCARDED}),
    TaskState.DISCARDED: frozenset(),
    TaskState.UNDONE: frozenset(),
}
"""A task that goes back to WAITING is tried once more."""


class IllegalMove(RuntimeError):
    """A state was to follow one that it may not follow: a fault in our own code, never the user's."""


def moved(state: State, to: State, table: Mapping[State, frozenset[State]]) -> State:
    """`to`, if the table lets it follow `state`; raises `IllegalMove` otherwise."""
    if to not in table[state]:
        raise IllegalMove(f"{state} may not become {to}")
    return to


def diagram(table: Mapping[State, frozenset[State]]) -> str:
    """The table as a Mermaid state diagram."""
    first = next(iter(table))
    lines = ["stateDiagram-v2", f"    [*] --> {first}"]
    for state, following in table.items():
        lines += [f"    {state} --> {to}" for to in sorted(following)]
        if not following:
            lines.append(f"    {state} --> [*]")
    return "\n".join(lines) + "\n"
