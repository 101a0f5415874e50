"""One agent's attempt at its task: at some workplace, from the fork of the base to the harvest."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.agents.backend import (
    Denied,
    Emit,
    Event,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    ToolCall,
)
from agent_server.agents.threads import in_thread
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.harvest import Harvest, harvest
from agent_server.execution.sandboxes.isolation import SandboxError, in_words
from agent_server.execution.workplaces import Assignment, Workplace
from agent_server.plan.visible import visible

__all__ = ["Assignment", "Attempt"]

_log = logging.getLogger(__name__)

_ACTIVITY_WIDTH = 80
_LOOKS = frozenset({"read", "list", "search"})


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
        workplace: Workplace,
        store: Path,
        forked: Callable[[], None],
        emit: Emit,
        inherited: Sequence[Change] = (),
    ) -> Outcome:
        """Let the agent work at `workplace`, and read into `store` what it changed. Every fault is an outcome.

        `forked` is called when the sandbox is there. `inherited` is what it finds there beyond the base.
        """

        def begin() -> None:
            self._began = time.monotonic()
            forked()

        try:
            outcome, changes = await workplace.carry_out(self.assignment, inherited, store, begin, emit)
            # In a thread, for there may be 100,000.
            self.harvest = await in_thread(harvest, changes, self.assignment.brief.writes)
        except asyncio.CancelledError:
            return Outcome(OutcomeKind.CANCELLED)
        except (SandboxError, OSError) as error:
            return Outcome(OutcomeKind.ERROR, in_words(error))
        except Exception as error:  # noqa: BLE001  # a fault in a backend must not take its siblings down
            _log.exception("The backend %s failed", self.assignment.backend.name)
            return Outcome(OutcomeKind.ERROR, f"The agent met a fault of its own: {error!r}.")
        finally:
            self.activity = ""
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
