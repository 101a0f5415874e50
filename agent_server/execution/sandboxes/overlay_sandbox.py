"""A sandbox that is an overlay: a private, writable view of the mirror at the workspace's own path.

The kernel keeps what is written in an upper layer, which is thus the list of changes. The mount lives in namespaces of
its own, so it needs no privilege, nobody else sees it, and it vanishes with the processes inside.

One upper layer must never be mounted twice at once. Between commands, a holder (a program that only waits) keeps it
mounted, so that this process can reach it through that one's root directory. `execute` ends the holder, mounts the
layer anew for the command, in a stricter view of the host, and starts a holder again when that has ended. A mount is
gone when its last process is, unless this process has a file below it open; that is checked.

A program inside that renames a directory of the base gets EXDEV, as between file systems, and must copy (`mv` does).
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from io import FileIO
from pathlib import Path

from agent_server.agents.programs import Program, ProgramError, RunningProgram
from agent_server.agents.threads import in_thread, to_its_end
from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.changes.differences import of_upper_layer, unreadable_told
from agent_server.execution.changes.writing import write_changes
from agent_server.execution.sandboxes import host_view
from agent_server.execution.sandboxes.bubblewrap import Bubblewrap, Namespaces
from agent_server.execution.sandboxes.command import found_on_path, output_pipe, run
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import Completed, Isolation, Network, SandboxError
from agent_server.execution.sandboxes.keeping import Streams
from agent_server.execution.sandboxes.program import piped
from agent_server.execution.state import state_directories_beside

_HOLDER = ("sh", "-c", "echo ready; exec sleep 2147483647")
_START_SECONDS = 30.0


class OverlaySandbox:
    """See `isolation.Sandbox`. Make one with `open`."""

    isolation = Isolation.OVERLAY

    def __init__(self, bwrap: Bubblewrap, mirror: Path, workspace: Path, folder: Path, network: Network) -> None:
        """An overlay of `mirror` that appears at `workspace`; its layers and private folders lie in `folder`."""
        self.over: tuple[Change, ...] = ()
        self.left_out: tuple[str, ...] = ()
        self._bwrap = bwrap
        self._mirror = mirror
        self._workspace = workspace
        self._folder = folder
        self._network = network
        self._holder: Namespaces | None = None
        self._inside: Namespaces | None = None  # a program that is talked to, and keeps the layers mounted itself

    @classmethod
    async def open(
        cls, bwrap: Bubblewrap, mirror: Path, workspace: Path, folder: Path, network: Network = Network.ON
    ) -> "OverlaySandbox":
        """Make the layers in `folder`, which is empty, and mount them. Raises `SandboxError` where that cannot be."""
        sandbox = cls(bwrap, mirror, workspace, folder, network)
        sandbox._make_layers()
        await sandbox._hold()
        return sandbox

    @property
    def root(self) -> Path:
        """Where this process reaches the merged tree. Never to be resolved, see `Sandbox`."""
        inside = self._holder or self._inside
        if inside is None:
            raise SandboxError("The sandbox is closed, or a command runs in it.")
        return inside.root / self._workspace.relative_to("/")

    @property
    def place(self) -> Path:
        """See `Workbench.place`: the workspace's own path."""
        return self._workspace

    async def changes(self, store: Path) -> tuple[Change, ...]:
        """See `Sandbox.changes`."""
        return await in_thread(self._changes, store)

    async def apply(self, changes: Sequence[Change]) -> None:
        """See `Sandbox.apply`."""
        await in_thread(write_changes, self.root, changes)

    async def execute(  # noqa: PLR0913  # see `Sandbox.execute`
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        timeout: float,  # noqa: ASYNC109  # see `Sandbox.execute`
        on_output: Callable[[str], None] | None = None,
        network: bool = True,
        keep: bool = True,
    ) -> Completed:
        """See `Sandbox.execute`."""
        wanted = Program(tuple(command), env, network=network and self._network.commands)
        await self._let_go()
        try:
            completed = await run(lambda streams: self._start(wanted, streams), timeout, on_output)
        finally:
            if keep:
                await self._hold()
        # A holder had mounted the same layers, so what fails here are the mounts of the stricter view.
        if completed.exit_status == 1 and completed.output.startswith("bwrap: "):
            raise SandboxError(f"The command cannot be run in its sandbox: {completed.output.strip()}.")
        return completed

    @asynccontextmanager
    async def program(self, program: Program) -> AsyncIterator[RunningProgram]:
        """See `Workbench.program`."""
        wanted = replace(program, network=program.network and self._network.programs)
        try:
            await self._let_go()
            try:
                async with piped(lambda streams: self._start_inside(wanted, streams)) as running:
                    yield running
            finally:
                self._inside = None
                await to_its_end(self._hold())
        except SandboxError as error:
            raise ProgramError(str(error)) from error

    async def close(self) -> None:
        """See `Sandbox.close`."""
        await to_its_end(self._close())

    async def _close(self) -> None:
        with suppress(OSError):
            await in_thread(self._empty)
        if self._holder is not None:
            await self._holder.end()
            self._holder = None
        with suppress(OSError):  # what cannot be removed now is tried again, and told, when the next base is frozen
            await in_thread(remove_tree, self._folder)

    def _empty(self) -> None:
        """Remove what was written. The kernel would have all of it reach the disk when the layers are unmounted."""
        for name in ("upper", "home", "tmp"):
            remove_tree(self._folder / name)

    def _make_layers(self) -> None:
        for name in ("upper", "work", "home", "tmp"):
            (self._folder / name).mkdir(mode=0o700)
        # The merged tree's root has the upper layer's mode.
        (self._folder / "upper").chmod(self._workspace.stat().st_mode & 0o777 | 0o700)

    async def _hold(self) -> None:
        """Start the holder, which mounts the layers."""
        async with output_pipe() as (reader, output):
            try:
                async with asyncio.timeout(_START_SECONDS):
                    self._holder = await self._started_holder(reader, output)
            except TimeoutError:
                raise SandboxError(f"No overlay could be mounted within {_START_SECONDS:.0f} seconds.") from None

    async def _started_holder(self, reader: asyncio.StreamReader, output: FileIO) -> Namespaces:
        arguments = ["--ro-bind", "/", "/", *self._overlay()]
        environ = host_view.scrubbed(os.environ)
        try:
            holder = await self._bwrap.start(arguments, _HOLDER, environ=environ, streams=Streams(output))
        except SandboxError as error:
            output.close()
            raise SandboxError(f"{error} {_shortened(await reader.read())}") from None
        output.close()
        try:
            await _readiness(reader)
        except BaseException:
            await holder.end()
            raise
        return holder

    async def _let_go(self) -> None:
        """Unmount the layers. Raises `SandboxError` where this process itself keeps them mounted."""
        with suppress(
            FileNotFoundError, ProcessLookupError
        ):  # somebody killed the holder, so that nothing is mounted any more
            if _has_open_file_on(self.root.stat().st_dev):
                raise SandboxError("A file of the sandbox is still open, so no command can be run in it.")
        holder, self._holder = self._holder, None
        if holder is not None:
            await holder.end()

    async def _start_inside(self, program: Program, streams: Streams) -> Namespaces:
        self._inside = await self._start(program, streams)
        return self._inside

    async def _start(self, program: Program, streams: Streams) -> Namespaces:
        """Start a program in the strict view of the host, over the layers."""
        env = program.environ
        home = host_view.home_inside(env, self._workspace)
        hidden = await in_thread(state_directories_beside, self._folder.parent.parent)
        private = self._folder / "home", self._folder / "tmp"
        mounts = await in_thread(host_view.mounts, program, self._workspace, hidden, *private)
        cut = [] if program.network else ["--unshare-net"]
        return await self._bwrap.start(
            [*mounts, *self._overlay(), *cut, "--chdir", str(self._workspace)],
            found_on_path(program.command),
            environ={**host_view.command_environment(env, home, host_view.TEMPORARY), **program.variables},
            streams=streams,
        )

    def _overlay(self) -> list[str]:
        layers = (self._folder / "upper", self._folder / "work", self._workspace)
        return ["--overlay-src", str(self._mirror), "--overlay", *map(str, layers)]

    def _changes(self, store: Path) -> tuple[Change, ...]:
        with unreadable_told():
            found = of_upper_layer(self._folder / "upper", self._mirror)
            changes = change_set(self._mirror, found.after, store, self.over)
        self.left_out = tuple(sorted(found.left_out))
        return changes


async def _readiness(reader: asyncio.StreamReader) -> None:
    """Wait until the holder says that it runs, and so that all is mounted. Raises `SandboxError` with other words."""
    first = await reader.readline()
    if first != b"ready\n":
        raise SandboxError(f"No overlay can be mounted. {_shortened(first + await reader.read())}")


def _shortened(said: bytes) -> str:
    """What bubblewrap says, without the long options of a mount."""
    return re.sub(r" on \S+ with options .*(?=: )", "", said.decode(errors="replace").strip())


def _has_open_file_on(device: int) -> bool:
    """Whether this process has a file of that file system open."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            if os.fstat(int(link.name)).st_dev == device:
                return True
        except OSError:  # the descriptor of the listing itself, or one that another thread closed
            continue
    return False
