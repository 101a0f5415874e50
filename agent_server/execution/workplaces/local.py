"""The workplace that is this process: each attempt has a fork of the base here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from agent_server.agents.backend import Emit, Outcome
from agent_server.agents.threads import to_its_end
from agent_server.execution.changes.changes import Change
from agent_server.execution.sandboxes.sandbox import Base
from agent_server.execution.workplaces.model import Assignment


class LocalWorkplace:
    """See `model.Workplace`. The base is not closed with it."""

    def __init__(self, base: Base) -> None:
        self._base = base

    async def carry_out(
        self,
        assignment: Assignment,
        inherited: Sequence[Change],
        store: Path,
        forked: Callable[[], None],
        emit: Emit,
    ) -> tuple[Outcome, tuple[Change, ...]]:
        """See `Workplace.carry_out`."""
        sandbox = await self._base.fork(assignment.brief.task, over=inherited)
        try:
            forked()
            outcome = await assignment.backend.run(assignment.brief, sandbox, emit)
            changes = await sandbox.changes(store)
        except BaseException:
            await to_its_end(sandbox.close())
            raise
        self._base.retire(sandbox)
        return outcome, changes

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
