"""From the workspace to sandboxes: which isolation this host allows, the frozen base, and forks of it.

async with await freeze(root, state) as base:
    sandbox = await base.fork("task-1")
    ...  # an agent writes below sandbox.root
    changes = await sandbox.changes(store)
    await sandbox.close()
"""

import asyncio
import errno
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from agent_server.agents.threads import completed, in_cancellable_thread, in_thread, to_its_end
from agent_server.execution.changes.changes import Change
from agent_server.execution.sandboxes import mirror
from agent_server.execution.sandboxes.bubblewrap import Bubblewrap, installed
from agent_server.execution.sandboxes.copy_sandbox import CopySandbox
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import Completed, Isolation, Network, Sandbox, SandboxError
from agent_server.execution.sandboxes.keeping import Keeper
from agent_server.execution.sandboxes.overlay_sandbox import OverlaySandbox
from agent_server.execution.sandboxes.shadow_repository import ShadowRepository
from agent_server.execution.state import StateDirectory

__all__ = ["Base", "Completed", "Isolation", "Network", "Probe", "Sandbox", "SandboxError", "freeze", "frozen", "probe"]

# How long to try to remove what a dead run left, and how long to wait in between, in seconds. The longer time is for
# folders that are filled again: the run's processes are being killed, and go on until they are.
_CLEARING_SECONDS, _EMPTYING_SECONDS = 0.3, 30.0
_CLEARING_PAUSE = 0.1
# How long to wait for who holds the mirror, in seconds. The janitor does for some milliseconds, or longer where others
# want the processor: it lets them go first.
_PATIENCE = 10.0
_PAUSE = 0.01
# What this process found out. A host that has let overlays be made goes on to; should it not, a fork says so.
_proven: dict[tuple[Path, Network], "Probe"] = {}
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Probe:
    """Which isolation is possible here. `reason` is a sentence for the user. `bwrap` is the program that works."""

    isolation: Isolation
    reason: str
    bwrap: Path | None = None


@dataclass(frozen=True, slots=True)
class _Means:
    """What sandboxes are made with. `shadow` holds the mirror's files, where Git is to write working trees of them."""

    keeper: Keeper
    network: Network
    shadow: ShadowRepository | None


async def probe(state: StateDirectory, network: Network = Network.ON) -> Probe:
    """Find out whether this host allows overlays, with such a network, by using one; this process remembers if so.

    Takes some 50 ms the first time. The mirror must be held.
    """
    keeper = Keeper(str(state.sandboxes))
    try:
        await _begin(keeper)
        return await _probed(state, keeper, network)
    finally:
        await to_its_end(keeper.close())


async def _probed(state: StateDirectory, keeper: Keeper, network: Network) -> Probe:
    refusals = ["there is no bubblewrap for this platform"]
    programs, place = tuple(installed()), (state.root, network)
    if place in _proven and _proven[place].bwrap in programs:
        return _proven[place]
    for bwrap in programs:
        folder = Path(tempfile.mkdtemp(prefix="probe-", dir=state.sandboxes))
        try:
            await _try_overlay(Bubblewrap(bwrap, keeper), state.workspace, folder, network)
        except (SandboxError, OSError) as error:
            refusals.append(f"`{bwrap}`: {str(error).rstrip('.')}")
        else:
            found = Probe(Isolation.OVERLAY, "Agents work in overlays of the workspace.", bwrap)
            return _proven.setdefault(place, found)
        finally:
            await in_thread(remove_tree, folder)
    why = "; ".join(refusals[1:] or refusals)
    return Probe(Isolation.COPY, f"Agents work in copies of the workspace, for it cannot be overlaid here ({why}).")


async def freeze(
    root: Path,
    state: StateDirectory,
    *,
    progress: mirror.Progress | None = None,
    prefer: Isolation | None = None,
    network: str = Network.ON,
) -> "Base":
    """Freeze the workspace at `root`, whose state directory is `state`, as the base of a run.

    The base lasts until it is closed; only one can be open at a time. `progress` is called in another thread. `prefer`
    asks for one isolation: copies are always possible, and where another is not, asking for it is an error. `network`,
    a value of `Network`, says who in its sandboxes reaches the network; only overlays can cut it, so that anything but
    `on` is an error elsewhere. Raises `SandboxError`, before anything is copied where something asked for cannot be.
    """
    if os.path.realpath(root) != str(state.workspace):  # noqa: ASYNC240  # one look
        raise SandboxError(f"`{state.root}` is the state directory of `{state.workspace}`, not of `{root}`.")
    async with AsyncExitStack() as guard:
        guard.enter_context(await _held(state))
        await in_thread(_clear, state.sandboxes)
        return await _base(
            state, prefer, Network(network), guard, lambda cancelled: mirror.synchronise(state, progress, cancelled)
        )


async def _held(state: StateDirectory) -> ExitStack:
    """The mirror, which is let go with this. Who only cleans up is waited for. Raises `MirrorError`."""
    until = time.monotonic() + _PATIENCE
    with ExitStack() as holding:
        while True:
            try:
                holding.enter_context(mirror.held(state))
            except mirror.MirrorError:
                if time.monotonic() >= until:
                    raise
                await asyncio.sleep(_PAUSE)
            else:
                return holding.pop_all()


async def frozen(state: StateDirectory, *, prefer: Isolation | None = None, network: str = Network.ON) -> "Base":
    """The base over a mirror that is there already, and that nobody changes while it lasts; otherwise as `freeze`."""
    async with AsyncExitStack() as guard:
        return await _base(state, prefer, Network(network), guard, lambda _: 0)


async def _base(
    state: StateDirectory,
    prefer: Isolation | None,
    network: Network,
    guard: AsyncExitStack,
    fill: Callable[[threading.Event], int],
) -> "Base":
    """The base that lasts as long as what is in `guard`. `fill` fills the mirror, when it is known that all can be."""
    keeper = Keeper(str(state.sandboxes))
    guard.push_async_callback(keeper.close)
    await _begin(keeper)
    chosen = await _choose(state, keeper, prefer, network)
    _refuse_uncut(chosen, network)
    await in_cancellable_thread(fill)
    shadow = None
    if chosen.isolation is Isolation.WORKTREE:
        shadow = ShadowRepository(state.root / "shadow.git", state.mirror, keeper)
        await shadow.record()
    return Base(state, chosen, _Means(keeper, network, shadow), guard.pop_all())


class Base:
    """The workspace as it was at one moment, and sandboxes forked from it. Made by `freeze`, closed by `async with`."""

    def __init__(self, state: StateDirectory, chosen: Probe, means: _Means, guard: AsyncExitStack) -> None:
        """`guard` is closed with the base; it keeps the mirror from being changed, and the keeper alive."""
        self.isolation = chosen.isolation
        self.reason = chosen.reason
        self.root = state.mirror
        self._state = state
        self._bwrap = chosen.bwrap
        self._means = means
        self._guard = guard
        self._sandboxes: list[Sandbox] = []
        self._retiring: set[asyncio.Task[None]] = set()

    async def fork(self, name: str, over: Sequence[Change] = ()) -> Sandbox:
        """A new sandbox that holds what the base holds, with the change set `over` applied to it.

        Its `changes` are those since then. `name` helps a person who looks. Raises `SandboxError`.
        """
        prefix = f"{_UNSAFE_IN_NAME.sub('-', name)[:40]}-"
        try:
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=self._state.sandboxes))
            try:
                sandbox = await self._open(folder, over)
            except BaseException:
                await in_thread(remove_tree, folder)
                raise
        except OSError as error:
            raise SandboxError(f"No sandbox can be made in `{self._state.sandboxes}`: {error.strerror}.") from error
        self._sandboxes.append(sandbox)
        return sandbox

    def retire(self, sandbox: Sandbox) -> None:
        """Close a sandbox that nobody needs any more, while others go on; closing the base waits for it.

        An overlay is unmounted when all that the disk is still to be given has reached it, which may take seconds.
        """
        closing = asyncio.get_running_loop().create_task(sandbox.close())
        self._retiring.add(closing)
        closing.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """Close all sandboxes that are still open, and let the mirror go. Closing twice does nothing."""
        await to_its_end(self._close())

    async def _close(self) -> None:
        async with AsyncExitStack() as ending:
            ending.push_async_exit(self._guard.pop_all())
            for sandbox in self._sandboxes:  # those that have retired, too: their closing may have been cancelled
                ending.push_async_callback(sandbox.close)
            self._sandboxes = []
            ending.push_async_callback(completed, *self._retiring)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _open(self, folder: Path, over: Sequence[Change]) -> Sandbox:
        sandbox = await self._opened(folder)
        try:
            if over:
                await sandbox.apply(over)
        except BaseException:
            await to_its_end(sandbox.close())
            raise
        sandbox.over = tuple(over)
        return sandbox

    async def _opened(self, folder: Path) -> CopySandbox | OverlaySandbox:
        if self._bwrap is None:
            return await CopySandbox.open(self._means.keeper, self.root, folder, self._means.shadow)
        bwrap = Bubblewrap(self._bwrap, self._means.keeper)
        network = self._means.network
        try:
            return await OverlaySandbox.open(bwrap, self.root, self._state.workspace, folder, network)
        except SandboxError:
            _proven.pop((self._state.root, network), None)
            raise


def clear_leftovers(state: StateDirectory) -> None:
    """Remove the sandboxes of a run whose process died. Does nothing while another run has its own. Blocks.

    What was mounted and what ran there ended with that process. Raises `SandboxError`.
    """
    with suppress(mirror.MirrorError), mirror.held(state):
        _clear(state.sandboxes)


async def _begin(keeper: Keeper) -> None:
    try:
        await in_thread(keeper.begin)
    except OSError as error:
        raise SandboxError(f"`{sys.executable}` cannot be started: {error.strerror}.") from error


async def _choose(state: StateDirectory, keeper: Keeper, prefer: Isolation | None, network: Network) -> Probe:
    if prefer is Isolation.COPY:
        return Probe(Isolation.COPY, "Agents work in copies of the workspace, as was asked for.")
    if prefer is Isolation.WORKTREE:
        return Probe(Isolation.WORKTREE, "Agents work in worktrees that Git writes, as was asked for.")
    found = await _probed(state, keeper, network)
    if prefer is Isolation.OVERLAY and found.isolation is not Isolation.OVERLAY:
        raise SandboxError(found.reason)
    return found


def _refuse_uncut(chosen: Probe, network: Network) -> None:
    if network is not Network.ON and chosen.isolation is not Isolation.OVERLAY:
        raise SandboxError(
            f"The setting `network` is `{network}`, but only overlays can cut the network. {chosen.reason} Set "
            "`network` to `on` to let everything that runs there use it."
        )


async def _try_overlay(bwrap: Bubblewrap, workspace: Path, folder: Path, network: Network) -> None:
    """Do once all that a run does with an overlay; raises `SandboxError` or `OSError`.

    A host may allow all of it but a network of one's own, so that is tried where it will be needed.
    """
    base, layers = folder / "base", folder / "layers"
    base.mkdir()
    layers.mkdir()
    (base / "old").write_text("old")
    sandbox = await OverlaySandbox.open(bwrap, base, workspace, layers, network)
    try:
        (sandbox.root / "old").unlink()
        completed = await sandbox.execute(("sh", "-c", "echo new > new"), env=os.environ, timeout=30)
        found = [(change.kind.value, change.path) for change in await sandbox.changes(folder / "store")]
        if found != [("create", "new"), ("delete", "old")]:
            raise SandboxError(f"An overlay did not keep what was written to it: {completed.output}")
    finally:
        await sandbox.close()


def _clear(folder: Path) -> None:
    """Remove what a run left behind that did not come to its end. Its last processes may write there for a moment."""
    began = time.monotonic()
    while True:
        try:
            for leftover in folder.iterdir():
                remove_tree(leftover)
        except OSError as error:
            patience = _EMPTYING_SECONDS if error.errno == errno.ENOTEMPTY else _CLEARING_SECONDS
            if time.monotonic() - began > patience:
                words = f"`{error.filename}`, left by an earlier run, cannot be removed: {error.strerror}."
                raise SandboxError(words) from error
            time.sleep(_CLEARING_PAUSE)
        else:
            return
