"""The lifecycles of a run and of its tasks, as tables.

Every change of state goes through `moved`, so the tables are the whole truth; `diagram` draws them for ARCHITECTURE.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

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


class Move(NamedTuple):
    """One row of a table: what happens to a run or a task that stands so, and how it stands then."""

    state: RunState | TaskState
    event: str
    to: RunState | TaskState


_CTRL_C, _FAULT, _DEATH = "somebody stops it", "a fault of the host", "the server dies"
_AGAIN = "retry, repair, or land"

RUN_TABLE: tuple[Move, ...] = (
    Move(RunState.PREPARING, "the base is frozen", RunState.RUNNING),
    Move(RunState.PREPARING, "no agent has to work", RunState.VERIFYING),
    Move(RunState.PREPARING, "the work does not fit the workspace any more", RunState.HELD),
    Move(RunState.RUNNING, "all agents have done their tasks", RunState.VERIFYING),
    Move(RunState.RUNNING, "a task did not get done", RunState.HELD),
    Move(RunState.VERIFYING, "it passes", RunState.LANDING),
    Move(RunState.VERIFYING, "it fails", RunState.HELD),
    Move(RunState.VERIFYING, "the workspace has moved on", RunState.PREPARING),
    Move(RunState.LANDING, "every task has landed", RunState.LANDED),
    Move(RunState.LANDING, "a conflict, or a part is still open", RunState.HELD),
    *(
        Move(state, event, to)
        for state in (RunState.PREPARING, RunState.RUNNING, RunState.VERIFYING)
        for event, to in ((_CTRL_C, RunState.CANCELLED), (_FAULT, RunState.FAILED), (_DEATH, RunState.FAILED))
    ),
    Move(RunState.LANDING, _FAULT, RunState.FAILED),
    *(
        Move(state, event, to)
        for state in (RunState.HELD, RunState.CANCELLED, RunState.FAILED)
        for event, to in (
            (_AGAIN, RunState.PREPARING),
            ("land unverified", RunState.LANDING),
            ("discard", RunState.DISCARDED),
        )
    ),
    Move(RunState.LANDED, "undo", RunState.UNDONE),
)
"""The lifecycle of a run. What has stopped without landing waits for a decision."""

TASK_TABLE: tuple[Move, ...] = (
    Move(TaskState.WAITING, "there is room for its agent", TaskState.PREPARING),
    Move(TaskState.WAITING, "what it waits for did not get done", TaskState.CANCELLED),
    Move(TaskState.PREPARING, "its agent begins", TaskState.RUNNING),
    Move(TaskState.RUNNING, "its agent has done it", TaskState.FINISHED),
    Move(TaskState.FINISHED, "all agents have ended", TaskState.VERIFYING),
    Move(TaskState.FINISHED, "it may not land yet", TaskState.HELD),
    Move(TaskState.VERIFYING, "its files are in place", TaskState.LANDED),
    Move(TaskState.VERIFYING, "it may not land yet", TaskState.HELD),
    Move(TaskState.HELD, "land", TaskState.VERIFYING),
    *(
        Move(state, event, to)
        for state in (TaskState.WAITING, TaskState.PREPARING, TaskState.RUNNING)
        for event, to in ((_CTRL_C, TaskState.CANCELLED), ("it fails, or the server dies", TaskState.FAILED))
    ),
    *(
        Move(state, event, to)
        for state in (TaskState.HELD, TaskState.FAILED, TaskState.CANCELLED)
        for event, to in (("retry", TaskState.WAITING), ("discard", TaskState.DISCARDED))
    ),
    Move(TaskState.LANDED, "undo", TaskState.UNDONE),
)
"""The lifecycle of a task. One that waits again is tried once more."""


def _moves(states: type[State], table: Iterable[Move]) -> Mapping[State, frozenset[State]]:
    return {
        state: frozenset(move.to for move in table if move.state is state and isinstance(move.to, states))
        for state in states
    }


RUN_MOVES: Mapping[RunState, frozenset[RunState]] = _moves(RunState, RUN_TABLE)
TASK_MOVES: Mapping[TaskState, frozenset[TaskState]] = _moves(TaskState, TASK_TABLE)
"""Which states may follow each: what the tables say, without the events."""


class IllegalMove(RuntimeError):
    """A state was to follow one that it may not follow: a fault in our own code, never the user's."""


def moved(state: State, to: State, table: Mapping[State, frozenset[State]]) -> State:
    """`to`, if the table lets it follow `state`; raises `IllegalMove` otherwise."""
    if to not in table[state]:
        raise IllegalMove(f"{state} may not become {to}")
    return to


def diagram(table: Sequence[Move]) -> str:
    """The table as a Mermaid state diagram."""
    events: dict[tuple[str, str], list[str]] = {}
    for move in table:
        events.setdefault((move.state, move.to), []).append(move.event)
    lines = ["stateDiagram-v2", f"    [*] --> {table[0].state}"]
    lines += [f"    {state} --> {to}: {', or '.join(each)}" for (state, to), each in events.items()]
    ends = dict.fromkeys(move.to for move in table if not any(other.state is move.to for other in table))
    lines += [f"    {state} --> [*]" for state in ends]
    return "\n".join(lines) + "\n"
