"""A sandbox of ordinary files, for hosts that allow no overlay: a copy of the mirror, or what Git writes of it.

It is slower than an overlay, and weaker. Commands run in its own folder, not at the workspace's path: a program that
has the workspace's absolute path written into it (the scripts of a virtual environment, an editable installation)
reaches the live tree. HOME and the temporary directory are private, and the environment is scrubbed; but the rest of
the host is as the user has it.
"""

import errno
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from agent_server.agents.programs import Program, ProgramError, RunningProgram
from agent_server.agents.threads import in_cancellable_thread, in_thread
from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.changes.differences import of_copy, unreadable_told
from agent_server.execution.changes.writing import write_changes
from agent_server.execution.sandboxes import host_view
from agent_server.execution.sandboxes.command import found_on_path, run
from agent_server.execution.sandboxes.copying import copy_tree, remove_tree
from agent_server.execution.sandboxes.isolation import Completed, Isolation, SandboxError
from agent_server.execution.sandboxes.keeping import Keeper, Kept, Streams
from agent_server.execution.sandboxes.program import piped
from agent_server.execution.sandboxes.shadow_repository import ShadowRepository

# The clock of a file system may lag by a tick, 10 ms at most. What was copied within this time before the agent began
# is compared by content.
_TICK_NS = 50_000_000
_NO_CUT = "The network cannot be cut for programs in a copy of the workspace. Allow it, or use overlays."


class CopySandbox:
    """See `isolation.Sandbox`. Make one with `open`."""

    def __init__(self, keeper: Keeper, mirror: Path, folder: Path, isolation: Isolation) -> None:
        """A copy of `mirror` in `folder`, with its private folders."""
        self.isolation = isolation
        self.left_out: tuple[str, ...] = ()
        self.over: tuple[Change, ...] = ()
        self._keeper = keeper
        self._mirror = mirror
        self._folder = folder
        self._settled_ns = 0

    @classmethod
    async def open(
        cls, keeper: Keeper, mirror: Path, folder: Path, shadow: ShadowRepository | None = None
    ) -> "CopySandbox":
        """Copy the mirror into `folder`, which is empty, or let the `shadow` of the mirror write it there.

        Raises `SandboxError` where that cannot be.
        """
        sandbox = cls(keeper, mirror, folder, Isolation.COPY if shadow is None else Isolation.WORKTREE)
        with _unwritable_told():
            await sandbox._fill(shadow)
        return sandbox

    @property
    def root(self) -> Path:
        """The copy."""
        return self._folder / "tree"

    @property
    def place(self) -> Path:
        """See `Workbench.place`: the copy itself."""
        return self.root

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
        keep: bool = True,  # noqa: ARG002  # a folder is there anyway
    ) -> Completed:
        """See `Sandbox.execute`."""
        environ = host_view.command_environment(env, self._folder / "home", self._folder / "tmp")

        async def start(streams: Streams) -> Kept:
            return await self._start(command, environ, streams)

        if not network:
            raise SandboxError(_NO_CUT)
        return await run(start, timeout, on_output)

    @asynccontextmanager
    async def program(self, program: Program) -> AsyncIterator[RunningProgram]:
        """See `Workbench.program`."""
        if not program.network:
            raise ProgramError(_NO_CUT)
        home = self._folder / "home"
        await in_thread(_link_logins, Path(program.environ.get("HOME") or "/"), home, program.logins)
        environ = host_view.command_environment(program.environ, home, self._folder / "tmp")

        async def start(streams: Streams) -> Kept:
            return await self._start(program.command, {**environ, **program.variables}, streams)

        async with piped(start) as running:
            yield running

    async def _start(self, command: Sequence[str], environ: Mapping[str, str], streams: Streams) -> Kept:
        return await self._keeper.start(found_on_path(command), environ=environ, directory=self.root, streams=streams)

    async def close(self) -> None:
        """See `Sandbox.close`."""
        with suppress(OSError):  # what cannot be removed now is tried again, and told, when the next base is frozen
            await in_thread(remove_tree, self._folder)

    async def _fill(self, shadow: ShadowRepository | None) -> None:
        for name in ("home", "tmp"):
            (self._folder / name).mkdir(mode=0o700)
        if shadow is None:
            await in_cancellable_thread(lambda cancelled: copy_tree(str(self._mirror), str(self.root), cancelled))
        else:
            await shadow.check_out(self.root)
        self._settled_ns = time.time_ns() - _TICK_NS

    def _changes(self, store: Path) -> tuple[Change, ...]:
        with unreadable_told():
            found = of_copy(self.root, self._mirror, self._settled_ns)
            changes = change_set(self._mirror, found.after, store, self.over)
        self.left_out = tuple(sorted(found.left_out))
        return changes


@contextmanager
def _unwritable_told() -> Iterator[None]:
    """Tell the user of an `OSError` within, as a `SandboxError`."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        what = "the disk is full" if full else f"`{error.filename}`: {error.strerror}"
        raise SandboxError(f"The sandbox's copy of the workspace cannot be made: {what}.") from error


def _link_logins(real: Path, private: Path, logins: Sequence[str]) -> None:
    """Let the private home have the user's logins, by links: no key is written to the disk a second time."""
    for login in logins:
        link = private / login
        if (real / login).exists() and not link.is_symlink():
            link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            link.symlink_to(real / login)
