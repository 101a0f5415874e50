"""The workplace that is a Dask cluster: each attempt is a task, on whichever worker is free.

The daemon keeps all that lasts. A worker is told what to do (`messages.Order`), tells what happens, and sends the
change set as a value; the daemon writes it into the store of the run, and from there on nothing knows where the agent
worked.

Dask reruns a task whose worker it lost, as often as the scheduler is set to, and so do we where it does not: each play
has a token, and `fence.Fence` lets only the last one count, and no more than two. So nothing can come in twice.
"""

import asyncio
import importlib
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Self

from agent_server.agents.backend import Emit, Outcome, OutcomeKind, Retrying
from agent_server.agents.threads import in_cancellable_thread, in_thread, to_its_end
from agent_server.agents.transcript import save_transcript, transcript_path
from agent_server.execution.changes.changes import Change
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import Isolation, SandboxError
from agent_server.execution.sandboxes.sandbox import Base
from agent_server.execution.state import StateDirectory
from agent_server.execution.workplaces.base_archive import pack_base
from agent_server.execution.workplaces.dask_worker import perform
from agent_server.execution.workplaces.fence import MOST_PLAYS, Fence
from agent_server.execution.workplaces.messages import (
    PIECE,
    PIECES_AHEAD,
    BasePlace,
    Order,
    Report,
    event_in,
)
from agent_server.execution.workplaces.model import Assignment
from agent_server.execution.workplaces.packed_changes import pack, unpack
from agent_server.plan.visible import visible
from agent_server.settings import ExecutionSettings

# How long a scheduler may take to answer.
_CONNECT_SECONDS = 10.0
# How long a worker may take to stop an agent, before it is left to find out by itself that nobody wants that any more.
_STOP_SECONDS = 15.0
# How long a worker may take to make room for another piece of a base.
_PIECE_SECONDS = 60.0
# How often, and at how many looks in a row, there must be no worker before nobody waits for one any more.
_LOOK_SECONDS = 10.0
_LOOKS = 3
# Making a queue and awaiting that counts its user twice, and a queue goes when as many have closed it.
_CLOSINGS = 2

_LOST = "The worker was lost"


class DaskWorkplace:
    """See `model.Workplace`. The base and its state directory are this process's; they are not closed with it."""

    def __init__(self, base: Base, state: StateDirectory, settings: ExecutionSettings) -> None:
        """`settings.scheduler` is the scheduler's address. Nothing is asked of it before `async with`."""
        self._state = state
        self._mirror = base.root
        self._settings = settings
        self._place = BasePlace(state.root, state.workspace, uuid.uuid4().hex)
        self._client: Any = None
        self._archive: asyncio.Future[tuple[Path, str]] | None = None

    async def __aenter__(self) -> Self:
        """Connect to the scheduler. Raises `SandboxError` where there is none, or where it has no worker."""
        self._client = await _connected(self._settings.scheduler or "")
        try:
            await in_thread(self._place.mark_file.write_text, self._place.mark, "ascii")
        except BaseException:
            await to_its_end(self._close())
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_its_end(self._close())

    async def carry_out(
        self,
        assignment: Assignment,
        inherited: Sequence[Change],
        store: Path,
        forked: Callable[[], None],
        emit: Emit,
    ) -> tuple[Outcome, tuple[Change, ...]]:
        """See `Workplace.carry_out`. An attempt whose worker was lost twice ends with an error that may pass."""
        order = await in_thread(self._order, assignment, inherited)
        delegation = _Delegation(self._client, order, self._packed_base, forked, emit)
        try:
            report = await delegation.report()
        except (_ConnectionLostError, _distributed().comm.CommClosedError):
            return self._failed("went away")
        except _DesertedError:
            return self._failed("has no workers any more")
        finally:
            await to_its_end(delegation.close())
        if report is None:
            return Outcome(OutcomeKind.ERROR, f"{_LOST}, twice. Look at its log.", retryable=True), ()
        changes = await in_thread(unpack, report.changes, store)
        return await self._recorded(order, report), changes

    async def _recorded(self, order: Order, report: Report) -> Outcome:
        """The outcome, once the transcript is written that came with it; it says so where that cannot be."""
        folder = self._settings.record
        if folder is None or not report.transcript:
            return report.outcome
        path = transcript_path(folder, order.brief.task)
        problem = await in_thread(save_transcript, path, report.transcript)
        return replace(report.outcome, message=f"{report.outcome.message} {problem}".strip())

    def _failed(self, why: str) -> tuple[Outcome, tuple[Change, ...]]:
        message = f"The Dask scheduler at `{visible(self._settings.scheduler or '')}` {why}."
        return Outcome(OutcomeKind.ERROR, message, retryable=True), ()

    def _order(self, assignment: Assignment, inherited: Sequence[Change]) -> Order:
        """The attempt as it goes to a worker: without the backend, which has keys. Blocks."""
        return Order(
            key=f"agent-server-{assignment.brief.task}-{uuid.uuid4().hex}",
            approved=assignment.approved,
            brief=assignment.brief,
            expected_seconds=assignment.expected_seconds,
            settings=self._settings,
            inherited=pack(inherited),
            base=self._place,
            isolation=Isolation(self._settings.isolation) if self._settings.isolation else None,
        )

    async def _packed_base(self) -> tuple[Path, str]:
        """The archive of the base, made when the first worker asks for it; and its digest."""
        if self._archive is None:
            self._archive = asyncio.ensure_future(self._pack_base())
        return await asyncio.shield(self._archive)

    async def _pack_base(self) -> tuple[Path, str]:
        folder = Path(await in_thread(mkdtemp, prefix="archive-", dir=self._state.sandboxes))
        archive = folder / "base.tar"
        return archive, await in_cancellable_thread(lambda cancelled: pack_base(self._mirror, archive, cancelled))

    async def _close(self) -> None:
        if self._archive is not None:
            self._archive.cancel()
            with suppress(asyncio.CancelledError, OSError):
                archive, _ = await self._archive
                await in_thread(remove_tree, archive.parent)
        if self._client is not None:
            await in_thread(self._place.mark_file.unlink, missing_ok=True)
            await self._client.close()


class _Delegation:
    """One attempt, as the daemon follows it through its plays."""

    def __init__(
        self,
        client: Any,
        order: Order,
        packed_base: Callable[[], Awaitable[tuple[Path, str]]],
        forked: Callable[[], None],
        emit: Emit,
    ) -> None:
        self._client = client
        self._order = order
        self._packed_base = packed_base
        self._forked = forked
        self._emit = emit
        self._fence = Fence()
        self._is_forked = False
        self._cut: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues: dict[str, Any] = {}
        self._helping: list[asyncio.Future[None]] = []

    async def report(self) -> Report | None:
        """How the attempt went; None where its worker was lost, and that of its second play too."""
        listening = self._help(self._listen(await self._queue(self._order.letters)))
        self._help(self._miss_workers())
        for number in range(1, MOST_PLAYS + 1):
            report = await self._played(replace(self._order, number=number))
            if report is not None:
                # Letters are older than the report, but may still be on their way; one may tell of a later play.
                await self._queues[self._order.letters].put(None)
                await listening
                return report if self._fence.admits(report.token) else None
            if self._fence.plays >= MOST_PLAYS:
                break
        return None

    async def close(self) -> None:
        """Let go of all that the scheduler keeps for this attempt."""
        self._cut.cancel()
        if not self._cut.cancelled():
            self._cut.exception()  # whoever was to hear it has heard of something else
        for work in self._helping:
            work.cancel()
        await asyncio.gather(*self._helping, return_exceptions=True)
        users = 1 + max(1, self._fence.plays)
        for queue in self._queues.values():
            for _ in range(_CLOSINGS * users):
                queue.close()

    async def _played(self, order: Order) -> Report | None:
        """The report of one more play, or of one that Dask itself began; None where they were lost."""
        future = self._client.submit(perform, order, key=order.task_key, pure=False, retries=0)
        ending = asyncio.ensure_future(_ended(future))
        try:
            await asyncio.wait((ending, self._cut), return_when=asyncio.FIRST_COMPLETED)
            return ending.result() if ending.done() else self._cut.result()
        finally:
            if not ending.done():
                await to_its_end(self._stop(future, ending))
            future.release()

    async def _stop(self, future: Any, ending: asyncio.Future[Report | None]) -> None:
        """Stop the agent, and wait until its worker says that it has; or take the task back before it begins."""
        stop = _distributed().Event(self._order.key, client=self._client)
        with suppress(OSError):  # no scheduler, and so no worker that would go on
            await stop.set()
            if self._fence.plays and await self._client.nthreads():
                await asyncio.wait((ending,), timeout=_STOP_SECONDS)
            await future.cancel()
            await stop.clear()
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)

    async def _listen(self, letters: Any) -> None:
        while (letter := await letters.get()) is not None:
            token, kind, content = letter
            if kind == "began":
                self._begin(token)
            elif self._fence.admits(token):
                self._read(kind, content)

    async def _miss_workers(self) -> None:
        """Fail once there has been no worker for a while: the task would wait for ever."""
        missed = 0
        while missed < _LOOKS:
            await asyncio.sleep(_LOOK_SECONDS)
            missed = 0 if await self._client.nthreads() else missed + 1
        raise _DesertedError

    def _begin(self, token: str) -> None:
        if not self._fence.enter(token):
            if not self._cut.done():
                self._cut.set_result(None)
        elif self._fence.plays > 1:
            self._emit(Retrying(self._fence.plays - 1, _LOST))

    def _read(self, kind: str, content: Any) -> None:
        if kind == "event":
            self._emit(event_in(content))
        elif kind == "forked" and not self._is_forked:
            self._is_forked = True
            self._forked()
        elif kind == "base":
            self._help(self._send_base(*content))

    async def _send_base(self, name: str, known: Sequence[str]) -> None:
        archive, digest = await self._packed_base()
        pieces = await self._queue(name, most=PIECES_AHEAD)
        await pieces.put(digest)
        if digest in known:
            return
        with archive.open("rb") as file:
            while piece := await in_thread(file.read, PIECE):
                await pieces.put(piece, timeout=_PIECE_SECONDS)
        await pieces.put(b"", timeout=_PIECE_SECONDS)

    async def _queue(self, name: str, most: int = 0) -> Any:
        queue = self._queues[name] = await _distributed().Queue(name, client=self._client, maxsize=most)
        return queue

    def _help(self, work: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Do `work` beside the play, which is cut off where that fails."""

        def done(helping: asyncio.Future[None]) -> None:
            if not helping.cancelled() and (fault := helping.exception()) is not None and not self._cut.done():
                self._cut.set_exception(fault)

        helping = asyncio.ensure_future(work)
        helping.add_done_callback(done)
        self._helping.append(helping)
        return helping


class _ConnectionLostError(Exception):
    """The scheduler is gone, and with it whatever it was asked for."""


class _DesertedError(Exception):
    """The scheduler has no worker, and nobody starts one."""


async def _ended(future: Any) -> Report | None:
    """What comes out of a Dask task; None where Dask gave it up because its workers died."""
    try:
        report: Report = await future
    except _distributed().KilledWorker:
        return None
    except ModuleNotFoundError as error:
        raise SandboxError(
            f"A worker, or the scheduler, lacks the package `{error.name}`. Start both where `agent-server[dask]` is "
            "installed, in the same version as here."
        ) from error
    except (asyncio.CancelledError, CancelledError):  # Dask raises the one or the other
        if future.cancelled():
            raise _ConnectionLostError from None
        raise
    return report


async def _connected(address: str) -> Any:
    """A client of the scheduler there. Raises `SandboxError`."""
    try:
        distributed = await in_thread(_distributed)
    except ImportError as error:
        raise SandboxError(
            "Agents cannot run on other machines, for Dask is not installed here. Install `agent-server[dask]`, or "
            "take `scheduler` out of your settings."
        ) from error
    client = distributed.Client(
        address, asynchronous=True, set_as_default=False, name="agent-server", timeout=_CONNECT_SECONDS
    )
    try:
        await _greet(client, address)
    except BaseException:
        await to_its_end(client.close())
        raise
    return client


async def _greet(client: Any, address: str) -> None:
    """Wait until the scheduler answers, and see that it has workers."""
    shown = visible(address)
    try:
        await client
        workers = await client.nthreads()
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        words = f"No Dask scheduler answers at `{shown}` ({error}). Start it, or mend `scheduler` in your settings."
        raise SandboxError(words) from error
    if not workers:
        raise SandboxError(f"The Dask scheduler at `{shown}` has no workers. Start one: `{_worker_command(address)}`.")


def _worker_command(address: str) -> str:
    """What starts a worker. One of this machine must be told to keep to it: workers listen everywhere by default."""
    at_home = any(f"//{host}:" in address for host in ("127.0.0.1", "localhost"))
    return f"dask worker {visible(address)}{' --host 127.0.0.1' if at_home else ''}"


def _distributed() -> Any:
    """Dask's package, an extra; importing it takes a second the first time."""
    return importlib.import_module("distributed")
