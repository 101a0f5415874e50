"""What a Dask worker does for an attempt: it lays a sandbox over the base, lets the agent work, and sends what it did.

It needs nothing but this package on the worker, and the keys of the agents in the worker's environment. It keeps
nothing: when it is killed, its sandboxes and programs end with it (`keeper.py`), and what it had is made anew.

The agent stops when the daemon says so, through the event that has the attempt's key, and also when the scheduler does
not want the attempt from this worker any more: because the daemon is gone, or because it took the worker for lost.
"""

import asyncio
import os
import tempfile
import uuid
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from agent_server import __version__
from agent_server.agents.backend import Backend, Event, Outcome, OutcomeKind
from agent_server.agents.backends import UnknownBackend, backend_named
from agent_server.agents.threads import completed, in_thread, to_its_end
from agent_server.agents.transcript import transcript_path
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.execution.workplaces.local import LocalWorkplace
from agent_server.execution.workplaces.messages import PIECES_AHEAD, Order, Report, event_out
from agent_server.execution.workplaces.model import Assignment
from agent_server.execution.workplaces.packed_changes import PackedChanges, pack, unpack
from agent_server.execution.workplaces.worker_bases import WorkerBases

# How often a worker asks whether an attempt is still wanted.
_LOOK_SECONDS = 3.0
# How long the daemon may take to pack a base, and then to send one piece of it.
_PACKING_SECONDS = 600.0
_PIECE_SECONDS = 60.0


async def perform(order: Order) -> Report:
    """Play the attempt; the function of its Dask task. Runs on the event loop of the worker.

    Raises what `Workplace.carry_out` raises.
    """
    from distributed import get_client, get_worker  # noqa: PLC0415  # an extra: this module is imported without it, too

    if order.version != __version__:
        raise SandboxError(
            f"The worker has Agent Server {__version__}, and yours is {order.version}. Install the same on both."
        )
    worker, client = get_worker(), await get_client()
    folder = Path(worker.local_directory) / "agent-server"  # Dask removes it with the worker, or after it
    await in_thread(folder.mkdir, mode=0o700, exist_ok=True)
    play = _Play(order, client, folder)
    delivering = asyncio.ensure_future(play.post.deliver())
    working = asyncio.ensure_future(play.work())
    unwanted = asyncio.ensure_future(_unwanted(order, worker.address, client))
    try:
        await asyncio.wait((working, unwanted, delivering), return_when=asyncio.FIRST_COMPLETED)
    finally:
        unwanted.cancel()
        if not working.done():
            working.cancel()
        cancelled = await completed(working)
        play.post.end()
        await asyncio.wait((delivering, unwanted))
    faults = [fault for each in (delivering, unwanted) if not each.cancelled() and (fault := each.exception())]
    if cancelled:
        raise asyncio.CancelledError
    if not working.cancelled():
        return working.result()
    if faults:
        raise SandboxError(f"The worker could not reach the scheduler any more: {faults[0]}") from faults[0]
    return Report(play.token, Outcome(OutcomeKind.CANCELLED), PackedChanges((), {}))


class _Post:
    """The letters of one play, on their way to the daemon in the order in which they were written."""

    def __init__(self, token: str, name: str, client: Any) -> None:
        self._token = token
        self._name = name
        self._client = client
        self._waiting: asyncio.Queue[tuple[str, Any] | None] = asyncio.Queue()

    def write(self, kind: str, content: object = None) -> None:
        """Send a letter; returns at once."""
        self._waiting.put_nowait((kind, content))

    def end(self) -> None:
        """There are no more letters: `deliver` returns when the last one has arrived."""
        self._waiting.put_nowait(None)

    async def deliver(self) -> None:
        """Carry letters until the end. Fails where the daemon has closed the queue: it listens no more."""
        from distributed import Queue  # noqa: PLC0415  # see `perform`

        queue = await Queue(self._name, client=self._client)
        while (letter := await self._waiting.get()) is not None:
            kind, content = letter
            await queue.put([self._token, kind, content])


class _Play:
    """One play of an attempt."""

    def __init__(self, order: Order, client: Any, folder: Path) -> None:
        """`folder` is the worker's own, and there already."""
        self.token = uuid.uuid4().hex
        self.post = _Post(self.token, order.letters, client)
        self._order = order
        self._client = client
        self._folder = folder

    async def work(self) -> Report:
        """Let the agent work, from the base to the changes."""
        order = self._order
        self.post.write("began")
        folder = Path(await in_thread(tempfile.mkdtemp, prefix="attempt-", dir=self._folder))
        try:
            backend = self._backend(folder / "recorded")
            assignment = Assignment(order.approved, order.brief, backend, order.expected_seconds)
            async with _bases_in(self._folder).base(
                order.base, order.isolation, order.settings.network, self._fetch
            ) as base:
                inherited = await in_thread(unpack, order.inherited, folder / "inherited")
                outcome, changes = await LocalWorkplace(base).carry_out(
                    assignment, inherited, folder / "changes", lambda: self.post.write("forked"), self._emit
                )
                packed = await in_thread(pack, changes)
                return Report(self.token, outcome, packed, await in_thread(self._transcript, folder / "recorded"))
        finally:
            await to_its_end(in_thread(remove_tree, folder))

    def _transcript(self, recorded: Path) -> str:
        """The text of the transcript of this play; empty where none was made."""
        try:
            return transcript_path(recorded, self._order.brief.task).read_text("utf-8")
        except FileNotFoundError:
            return ""

    def _backend(self, recorded: Path) -> Backend:
        """The agent. Where it is recorded, then into the folder `recorded`: the daemon's may be on another machine."""
        settings = self._order.settings
        if settings.record is not None:
            settings = replace(settings, record=recorded)
        try:
            return backend_named(self._order.approved.agent, settings, os.environ)
        except UnknownBackend as error:
            raise SandboxError(f"On the worker: {error}") from error

    def _emit(self, event: Event) -> None:
        self.post.write("event", event_out(event))

    async def _fetch(self, known: Collection[str], archive: Path) -> str:
        """See `worker_bases.Fetch`."""
        from distributed import Queue  # noqa: PLC0415  # see `perform`

        name = f"{self.token}-base"
        pieces = await Queue(name, client=self._client, maxsize=PIECES_AHEAD)
        self.post.write("base", [name, sorted(known)])
        try:
            digest: str = await pieces.get(timeout=_PACKING_SECONDS)
            if digest not in known:
                with archive.open("wb") as file:
                    while piece := await pieces.get(timeout=_PIECE_SECONDS):
                        await in_thread(file.write, piece)
        except TimeoutError:
            raise SandboxError("The copy of the workspace did not reach the worker in time.") from None
        return digest


async def _unwanted(order: Order, address: str, client: Any) -> None:
    """Return when the attempt is to stop, or when nobody here is to carry it out any more."""
    from distributed import Event  # noqa: PLC0415  # see `perform`

    stop = Event(order.key, client=client)
    while not await stop.wait(timeout=_LOOK_SECONDS):
        wanted = await client.processing([address])
        if order.task_key not in wanted.get(address, ()):
            return


@lru_cache
def _bases_in(folder: Path) -> WorkerBases:
    """The bases of the worker whose folder this is."""
    return WorkerBases(folder)
