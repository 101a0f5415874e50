"""Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`."""

from typing import Final, Literal, TypedDict

STATUS: Final = "agentServer/status"
"""How a run stands.

Sent to every client at each change of state, and at most ten times a second in between; the last one of a run has a
final state or `held`.
"""

RunState = Literal["preparing", "running", "verifying", "landing", "landed", "held", "cancelled", "failed"]
"""Where a run stands."""

TaskState = Literal["waiting", "preparing", "running", "finished", "verifying", "landed", "failed", "cancelled", "held"]
"""Where a task of a run stands."""


class TaskStatus(TypedDict):
    """One task of a run at one moment."""

    id: str
    """The task's id in the plan."""
    title: str
    """The task's title."""
    state: TaskState
    """Where the task stands."""
    activity: str
    """What its agent is doing, in a few words; empty when it is not working."""
    message: str
    """How it ended, where that needs words."""
    tokens: int
    """Tokens used so far, input and output together."""
    changed: list[str]
    """The files of its write set that it changed, relative to the workspace."""
    undeclared: list[str]
    """What it wrote, or tried to write, outside its write set. Never landed."""


class StatusParams(TypedDict):
    """A run of one wave at one moment."""

    plan: str
    """The plan whose wave runs."""
    wave: int
    """The wave, counted from 1."""
    run: str
    """The run's id: also the token of its work-done progress."""
    state: RunState
    """Where the run stands."""
    message: str
    """What is going on, or how it ended, in a few words for a status bar."""
    percentage: int
    """From 0 to 100; never goes back."""
    isolation: str
    """What holds the agents to their files: `overlay` or `copy`; empty until it is known."""
    counts: dict[str, int]
    """How many tasks are in each `TaskState`; states without a task are left out."""
    tasks: list[TaskStatus]
    """Every task of the wave, in the plan's order."""
