"""The bases that a worker has open: the daemon's own where it sees it, else a copy that it was sent once.

All attempts of a wave share one, and one that nobody uses is closed. What was sent stays on the disk until another one
is: the next wave's base may be the same.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agent_server.agents.threads import in_cancellable_thread, in_thread, to_its_end
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import Isolation, SandboxError
from agent_server.execution.sandboxes.sandbox import Base, frozen
from agent_server.execution.state import StateDirectory
from agent_server.execution.workplaces.base_archive import digest_of, unpack_base
from agent_server.execution.workplaces.messages import BasePlace

Fetch = Callable[[Collection[str], Path], Awaitable[str]]
"""Asks for the archive of a base: the digests of those that are there already, and the file to write it to.

Returns its digest; the file is written only where that is a new one."""

# As many characters of a digest name a state directory here as name one elsewhere, so that commands do not see it.
_NAME_LENGTH = 16


@dataclass(slots=True)
class _Lent:
    base: Base
    users: int = 0


class WorkerBases:
    """The bases of one worker, whose private folder is `folder`. All on one event loop."""

    def __init__(self, folder: Path) -> None:
        """`folder` is there already."""
        self._folder = folder
        self._lent: dict[str, _Lent] = {}
        self._sent: dict[str, str] = {}  # by the mark of a base: the digest of its copy here
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def base(self, place: BasePlace, prefer: Isolation | None, network: str, fetch: Fetch) -> AsyncIterator[Base]:
        """The base, for one attempt. `prefer` and `network` are as in `freeze`. Raises `SandboxError` and `OSError`."""
        async with self._one_at_a_time:
            lent = self._lent.get(place.mark)
            if lent is None:
                state = await self._state(place, fetch)
                lent = self._lent[place.mark] = _Lent(await frozen(state, prefer=prefer, network=network))
            lent.users += 1
        try:
            yield lent.base
        finally:
            lent.users -= 1
            if not lent.users:
                del self._lent[place.mark]
                await to_its_end(lent.base.close())

    async def _state(self, place: BasePlace, fetch: Fetch) -> StateDirectory:
        """The state directory whose mirror is the base."""
        if await in_thread(place.is_here):
            return StateDirectory(place.state, place.workspace)
        if place.mark not in self._sent:
            self._sent[place.mark] = await self._fetched(fetch)
        return await in_thread(self._state_of_copy, self._sent[place.mark], place.workspace)

    async def _fetched(self, fetch: Fetch) -> str:
        archive = self._folder / "base.tar"
        try:
            digest = await fetch(frozenset(self._sent.values()), archive)
            if digest not in self._sent.values():
                await self._make_room()
                await in_thread(_check, archive, digest)
                root = self._root_of_copy(digest)
                root.mkdir(mode=0o700, exist_ok=True)
                await in_cancellable_thread(lambda cancelled: unpack_base(archive, root / "mirror", cancelled))
        finally:
            archive.unlink(missing_ok=True)
        return digest

    async def _make_room(self) -> None:
        """Remove the copies that nobody uses."""
        used = {self._sent[mark] for mark in self._lent if mark in self._sent}
        unused = set(self._sent.values()) - used
        self._sent = {mark: digest for mark, digest in self._sent.items() if digest in used}
        for digest in unused:
            await in_thread(remove_tree, self._root_of_copy(digest))

    def _state_of_copy(self, digest: str, workspace: Path) -> StateDirectory:
        if not workspace.is_dir():  # another machine: programs find the tree in a folder of this worker
            workspace = self._folder / "workspace"
            workspace.mkdir(mode=0o700, exist_ok=True)
        state = StateDirectory(self._root_of_copy(digest), workspace)
        state.sandboxes.mkdir(mode=0o700, exist_ok=True)
        return state

    def _root_of_copy(self, digest: str) -> Path:
        return self._folder / digest[:_NAME_LENGTH]


def _check(archive: Path, digest: str) -> None:
    if digest_of(archive) != digest:
        raise SandboxError("The copy of the workspace did not arrive as it was sent. Launch the wave again.")
