"""The interface of a workplace: where the attempts of one wave are carried out, over its frozen base."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent_server.agents.backend import Backend, Brief, Emit, Outcome
from agent_server.execution.approval import ApprovedTask
from agent_server.execution.changes.changes import Change
from agent_server.execution.sandboxes.sandbox import Base


@dataclass(frozen=True, slots=True)
class Assignment:
    """One agent's work: what was approved, what it is told, who plays it, and how many seconds that should take."""

    approved: ApprovedTask
    brief: Brief
    backend: Backend
    expected_seconds: float


class Workplace(Protocol):
    """Where attempts are carried out. It keeps nothing: what comes out of an attempt is the caller's to store."""

    async def carry_out(
        self,
        assignment: Assignment,
        inherited: Sequence[Change],
        store: Path,
        forked: Callable[[], None],
        emit: Emit,
    ) -> tuple[Outcome, tuple[Change, ...]]:
        """Let the agent work in a fork of the base to which `inherited` is applied; how it ended, and what it changed.

        The changes are those since then; their contents are copied into the folder `store`. `forked` is called once,
        when the sandbox is there. Cancelling this stops the agent, and waits until its sandbox is gone. Raises
        `SandboxError`, `OSError`, and whatever a faulty backend raises.
        """


OpenWorkplace = Callable[[Base], AbstractAsyncContextManager[Workplace]]
"""Opens the workplace of a wave over its base; entering it raises `SandboxError` where that cannot be."""
