"""One agent's attempt at its task: in a sandbox of its own, from the fork of the base to the harvest."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.agents.backend import (
    Backend,
    Brief,
    Denied,
    Emit,
    Event,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    ToolCall,
)
from agent_server.execution.approval import ApprovedTask
from agent_server.execution.changes import Change
from agent_server.execution.harvest import Harvest, harvest
from agent_server.execution.isolation import SandboxError
from agent_server.execution.sandbox import Base
from agent_server.execution.threads import to_its_end
from agent_server.plan.visible import visible

_log = logging.getLogger(__name__)

_ACTIVITY_WIDTH = 80
_LOOKS = frozenset({"read", "list", "search"})


@dataclass(frozen=True, slots=True)
class Assignment:
    """One agent's work: what was approved, what it is told, who plays it, and how many seconds that should take."""

    approved: ApprovedTask
    brief: Brief
    backend: Backend
    expected_seconds: float


@dataclass(slots=True)
class Attempt:
    """What changes while one agent works. `harvest` is empty until its sandbox has been read."""

    assignment: Assignment
    activity: str = ""
    harvest: Harvest = field(default_factory=lambda: Harvest((), ()))
    _work: asyncio.Task[None] | None = None
    _began: float | None = None
    _stopping: bool = False
    _denied: set[str] = field(default_factory=set)

    @property
    def seconds(self) -> float:
        """For how long the agent has worked, by the wall clock; 0 before it began."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    @property
    def undeclared(self) -> tuple[str, ...]:
        """The paths outside its write set that the agent changed, or wanted to."""
        return tuple(sorted(self._denied | {change.path for change in self.harvest.undeclared}))

    def work(self, work: asyncio.Task[None]) -> asyncio.Task[None]:
        """Take the task that plays this attempt, which `stop` is to stop."""
        self._work = work
        return work

    def stop(self) -> bool:
        """Stop the agent; False where it has not begun or has ended."""
        if self._work is None or self._work.done():
            return False
        if not self._stopping:
            self._stopping = True
            # A task that is cancelled before its first step would never run, and so never say how it ended.
            asyncio.get_running_loop().call_soon(self._work.cancel)
        return True

    async def carry_out(
        self,
        base: Base,
        store: Path,
        forked: Callable[[], None],
        emit: Emit,
        inherited: Sequence[Change] = (),
    ) -> Outcome:
        """Play the agent in a fork of `base`, and read into `store` what it changed. Every fault is an outcome.

        `inherited` is the work of others that it goes on from; its own changes are relative to that. `forked` is called
        when the sandbox is there.
        """
        try:
            return await self._play(base, store, forked, emit, inherited)
        except asyncio.CancelledError:
            return Outcome(OutcomeKind.CANCELLED)
        except (SandboxError, OSError) as error:
            return Outcome(OutcomeKind.ERROR, str(error))
        except Exception as error:  # noqa: BLE001  # a fault in a backend must not take its siblings down
            _log.exception("The backend %s failed", self.assignment.backend.name)
            return Outcome(OutcomeKind.ERROR, f"The agent met a fault of its own: {error!r}.")
        finally:
            self.activity = ""

    async def _play(
        self, base: Base, store: Path, forked: Callable[[], None], emit: Emit, inherited: Sequence[Change]
    ) -> Outcome:
        brief = self.assignment.brief
        sandbox = await base.fork(brief.task, over=inherited)
        try:
            forked()
            self._began = time.monotonic()
            outcome = await self.assignment.backend.run(brief, sandbox, emit)
            self.harvest = harvest(await sandbox.changes(store), brief.writes)
        finally:
            await to_its_end(sandbox.close())
        return outcome

    def hear(self, event: Event) -> None:
        """Take in what the agent tells of itself."""
        match event:
            case Said(text):
                self._is_doing(" ".join(text.split()))
            case ToolCall(kind, paths):
                self._is_doing(f"{kind} {paths[0]}" if paths else kind)
            case Denied(kind, path) if kind not in _LOOKS:
                self._denied.add(path)
            case Retrying(attempt, reason):
                self._is_doing(f"retry {attempt}: {reason}")
            case _:
                pass

    def _is_doing(self, words: str) -> None:
        self.activity = visible(words[:_ACTIVITY_WIDTH])
