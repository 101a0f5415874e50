"""A command at a terminal of its own, for the tests of what is asked there."""

import asyncio
import os
import pty
import re
import signal
import struct
import termios
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from fcntl import ioctl
from pathlib import Path

_COLUMNS, _LINES = 200, 50
_PATIENCE = 2.0  # seconds until a key is pressed once more
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """What a command shows, as text without control sequences, and the keys that it is given."""

    def __init__(self, descriptor: int, process: asyncio.subprocess.Process) -> None:
        self._descriptor = descriptor
        self._process = process
        self._bytes = bytearray()
        self._seen = 0
        self._came = asyncio.Event()
        self._ended = False
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    @property
    def text(self) -> str:
        """All that was shown so far."""
        return _CONTROL.sub("", self._bytes.decode("utf-8", "replace")).replace("\r", "")

    async def until(self, wanted: str, patience: float = 60) -> str:
        """Wait until this is shown, behind what was waited for last; returns what was shown up to there."""
        async with asyncio.timeout(patience):
            while (found := self.text.find(wanted, self._seen)) < 0:
                assert not self._ended, f"{wanted} is not in:\n{self.text[self._seen :]}"
                self._came.clear()
                await self._came.wait()
        shown = self.text[self._seen : found]
        self._seen = found + len(wanted)
        return shown

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self._descriptor, f"{line}\n".encode())

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._descriptor, b"\x03")

    async def interrupt_until(self, wanted: str) -> str:
        """Press Ctrl-C until this is shown. Who does not read yet hears of one key only with the next."""
        async with asyncio.timeout(60):
            while True:
                self.interrupt()
                with suppress(TimeoutError):
                    return await self.until(wanted, _PATIENCE)

    async def interrupted(self) -> int:
        """Press Ctrl-C until the command ends; its exit status."""
        async with asyncio.timeout(60):
            while True:
                self.interrupt()
                with suppress(TimeoutError):
                    return await asyncio.wait_for(asyncio.shield(self._process.wait()), _PATIENCE)

    async def status(self) -> int:
        """Wait for the command's end; its exit status."""
        async with asyncio.timeout(60):
            return await self._process.wait()

    async def close(self) -> None:
        """Hang up."""
        asyncio.get_running_loop().remove_reader(self._descriptor)
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        os.close(self._descriptor)

    def _read(self) -> None:
        try:
            self._bytes += os.read(self._descriptor, 1 << 16)
        except OSError:  # the command has ended
            self._ended = True
            asyncio.get_running_loop().remove_reader(self._descriptor)
        self._came.set()


@asynccontextmanager
async def terminal(command: Sequence[str], folder: Path) -> AsyncIterator[Terminal]:
    """The command in a folder, at a terminal."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))

    def take_terminal() -> None:
        os.setsid()
        ioctl(0, termios.TIOCSCTTY, 0)

    environ = {**os.environ, "TERM": "xterm", "PYTHONUNBUFFERED": "1"}
    environ.pop("NO_COLOR", None)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, preexec_fn=take_terminal
    )
    os.close(theirs)
    shown = Terminal(ours, process)
    try:
        yield shown
    finally:
        await shown.close()
