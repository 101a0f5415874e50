"""Running one command: its output line by line, a limit of time, and an end of all that it started."""

import asyncio
import codecs
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from io import FileIO
from typing import Protocol

from agent_server.agents.threads import to_its_end
from agent_server.execution.sandboxes.isolation import Completed
from agent_server.execution.sandboxes.keeping import Streams

OUTPUT_LIMIT = 200_000
"""How much of a command's output is kept, its tail, in characters."""

LINE_LIMIT = 10_000
"""A longer line is handed on in pieces of this size, in characters."""

DRAIN_SECONDS = 2.0
"""A process that left its group may keep our pipe open; nothing of its output is waited for longer than this."""


class Running(Protocol):
    """A command that was started, and a way to end all that it started."""

    async def wait(self) -> int:
        """How it ended, once it and all that it started have: its exit status, or negative for a signal."""

    async def end(self) -> None:
        """Kill all that the command started and that still runs, and wait until it is dead."""


def found_on_path(command: Sequence[str]) -> tuple[str, ...]:
    """`command`, looked up on PATH where it will run; exit status 127 and a message if it is not there."""
    return ("sh", "-c", 'exec "$0" "$@"', *command)


async def run(
    start: Callable[[Streams], Awaitable[Running]], seconds: float, on_output: Callable[[str], None] | None
) -> Completed:
    """Run what `start` starts with the streams that it is given, for `seconds` at most.

    When this returns, or is cancelled, all of it is dead.
    """
    tail = Tail(on_output)
    timed_out = False
    async with output_pipe() as (reader, output):
        running = await start(Streams(output))
        output.close()
        reading = asyncio.create_task(tail.read(reader))
        try:
            async with asyncio.timeout(seconds):
                await running.wait()
        except TimeoutError:
            timed_out = True
        finally:
            await to_its_end(running.end())
            await asyncio.wait((reading,), timeout=DRAIN_SECONDS)
            reading.cancel()
    tail.finish()
    return Completed(exit_status(await running.wait()), tail.text, timed_out)


@asynccontextmanager
async def output_pipe(limit: int = 1 << 16) -> AsyncIterator[tuple[asyncio.StreamReader, FileIO]]:
    """A pipe to give to a program as its output, and then to close: what it writes comes out of the reader.

    `limit` is of a line that the reader returns, in bytes.

    It is not asyncio's own, which would make `Process.wait` wait for everyone who has the other end.
    """
    readable, writable = os.pipe()
    reader = asyncio.StreamReader(limit)
    with os.fdopen(writable, "wb", buffering=0) as output:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(readable, "rb", buffering=0)
        )
        try:
            yield reader, output
        finally:
            transport.close()


def exit_status(returned: int) -> int:
    """The status as a shell gives it; `returned` is negative for a signal."""
    return 128 - returned if returned < 0 else returned


class Tail:
    """The last of a stream of bytes, as text, and its lines handed on as they come."""

    def __init__(self, on_output: Callable[[str], None] | None = None) -> None:
        """`on_output` is handed each line without its end."""
        self.text = ""
        self._line = ""
        self._on_output = on_output
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Take all that comes out of `reader`."""
        while data := await reader.read(65_536):
            self._take(self._decoder.decode(data))

    def finish(self) -> None:
        """Hand on the last line, where nothing ends it."""
        self._take(self._decoder.decode(b"", final=True))
        if self._line:
            self._tell(self._line)

    def _take(self, text: str) -> None:
        self.text = (self.text + text)[-OUTPUT_LIMIT:]
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._tell(line.removesuffix("\r"))
        while len(self._line) > LINE_LIMIT:
            self._tell(self._line[:LINE_LIMIT])
            self._line = self._line[LINE_LIMIT:]

    def _tell(self, line: str) -> None:
        if self._on_output is not None:
            self._on_output(line)
