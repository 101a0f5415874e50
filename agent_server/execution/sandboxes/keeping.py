"""Starting programs through the keeper, so that nothing of them outlives this process, however it ends."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import FileIO
from pathlib import Path

from agent_server.agents.threads import completed, in_thread
from agent_server.execution.sandboxes import host_view

PASSED = 3
"""The number that the first descriptor has which a program is passed; the next are 4, 5 and so on."""

_PROGRAM = Path(__file__).with_name("keeper.py")


@dataclass(frozen=True, slots=True)
class Streams:
    """A program's standard streams: our ends are elsewhere, and these are closed once it has started.

    Without `given` its input is empty; without `errors` they go where its output goes.
    """

    output: FileIO
    given: FileIO | None = None
    errors: FileIO | None = None

    @property
    def descriptors(self) -> tuple[int, int, int]:
        """What the program has as 0, 1 and 2. The first is the null device where nothing is given."""
        given = self.given.fileno() if self.given is not None else _nothing()
        return given, self.output.fileno(), (self.errors or self.output).fileno()

    def close(self) -> None:
        """Close them here. The program keeps its own."""
        for stream in (self.output, self.given, self.errors):
            if stream is not None:
                stream.close()


@lru_cache(maxsize=1)
def _nothing() -> int:
    """The null device, open for as long as this process lives."""
    return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


class Kept(asyncio.Protocol):
    """A program that was started, and all that it starts. It is the server's end of the channel to who keeps it.

    No task stands for it, so the end of the event loop does not cancel it.
    """

    def __init__(self) -> None:
        """A program that is yet to be started."""
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[int] = loop.create_future()
        """Its process id, or why there is none: an `OSError`."""
        self._ended: asyncio.Future[int] = loop.create_future()
        self._said = b""
        self._transport = asyncio.Transport()

    async def wait(self) -> int:
        """How it ended, once it has, and all that it started is dead too: negative for a signal."""
        return await asyncio.shield(self._ended)

    async def end(self) -> None:
        """Kill it and all that it started, and wait until that is dead, also when cancelled meanwhile.

        A second call does nothing but wait.
        """
        if not self._transport.is_closing():
            self._transport.write_eof()
        if await completed(self._ended):
            raise asyncio.CancelledError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a channel (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # a stream has no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """The keeper says something (called by asyncio)."""
        self._said += data
        lines = self._lines()
        if lines and not self.started.done():
            self._begin(lines[0])

    def connection_lost(self, _: Exception | None) -> None:
        """The keeper is gone (called by asyncio): it has said all, or it was killed, and then nobody knows more."""
        if not self.started.done():
            self.started.set_exception(ChildProcessError(errno.ECHILD, "the process that starts programs has ended"))
            self.started.exception()  # who was to hear it may be gone
        lines = self._lines()
        self._ended.set_result(int(lines[1]) if len(lines) > 1 else -signal.SIGKILL)

    def say(self, words: bytes) -> None:
        """Tell the keeper what to run."""
        self._transport.write(words)

    def _lines(self) -> list[bytes]:
        return self._said.split(b"\n")[:-1]

    def _begin(self, line: bytes) -> None:
        if line.startswith(b"!"):
            self.started.set_exception(OSError(int(line[1:]), os.strerror(int(line[1:]))))
        else:
            self.started.set_result(int(line))


class Keeper:
    """The process that starts programs for this one. `label` is shown to who looks at a list of processes."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._control, self._theirs = socket.socketpair()
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it. Blocks for some milliseconds. Raises `OSError`."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROGRAM), self._label],
            stdin=self._theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=host_view.scrubbed(os.environ),
            start_new_session=True,
        )
        self._theirs.close()

    async def start(
        self,
        command: Sequence[str],
        *,
        environ: Mapping[str, str],
        directory: Path,
        streams: Streams,
        passed: Sequence[int] = (),
    ) -> Kept:
        """Start `command` in a session of its own, with its standard `streams`. Raises `OSError`."""
        variables = (f"{name}={value}" for name, value in environ.items())
        words = (str(directory), *command, *variables)
        if any("\0" in word for word in words):
            raise OSError(errno.EINVAL, "there is a NUL in the command, or in its environment")
        encoded = b"\0".join(map(os.fsencode, words))
        ours, theirs = socket.socketpair()
        with theirs:
            _, kept = await asyncio.get_running_loop().create_connection(Kept, sock=ours)
            try:
                socket.send_fds(self._control, [b"+"], [theirs.fileno(), *streams.descriptors, *passed])
            except OSError as error:
                kept.started.set_exception(error)
        kept.say(b"%d %d\n%s" % (len(encoded), len(command), encoded))
        # The keeper needs some milliseconds; who gives up meanwhile leaves nothing running.
        cancelled = await completed(kept.started)
        if cancelled or kept.started.exception() is not None:
            await kept.end()
        if cancelled:
            raise asyncio.CancelledError
        kept.started.result()
        return kept

    async def close(self) -> None:
        """End the keeper, and whatever still runs of what it started."""
        self._control.close()
        self._theirs.close()
        if self._process is not None:
            await in_thread(self._process.wait)
