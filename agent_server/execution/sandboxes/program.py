"""Running a program that is talked to while it runs: its input, its output and its errors are pipes of their own."""

import asyncio
import os
from asyncio.streams import FlowControlMixin
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from io import FileIO

from agent_server.agents.threads import to_its_end
from agent_server.execution.sandboxes.command import DRAIN_SECONDS, Running, Tail, exit_status, output_pipe
from agent_server.execution.sandboxes.keeping import Streams

LONGEST_LINE = 64_000_000
"""The longest line of output that `readline` returns, in bytes: a message of an agent may hold whole files."""


class PipedProgram:
    """See `agents.programs.RunningProgram`. Made by `piped`."""

    def __init__(
        self, running: Running, given: asyncio.StreamWriter, output: asyncio.StreamReader, errors: Tail
    ) -> None:
        self.given = given
        self.output = output
        self._running = running
        self._errors = errors

    @property
    def errors(self) -> str:
        """See `RunningProgram.errors`."""
        return self._errors.text

    async def wait(self) -> int:
        """See `RunningProgram.wait`."""
        return exit_status(await self._running.wait())

    async def end(self) -> None:
        """See `RunningProgram.end`."""
        await self._running.end()


@asynccontextmanager
async def piped(start: Callable[[Streams], Awaitable[Running]]) -> AsyncIterator[PipedProgram]:
    """What `start` starts with the streams that it is given. When the block is left, all of it is dead."""
    tail = Tail()
    async with (
        output_pipe(LONGEST_LINE) as (output, output_end),
        output_pipe() as (errors, errors_end),
        _input_pipe() as (given, given_end),
    ):
        streams = Streams(output_end, given_end, errors_end)
        try:
            running = await start(streams)
        finally:
            streams.close()
        reading = asyncio.create_task(tail.read(errors))
        try:
            yield PipedProgram(running, given, output, tail)
        finally:
            await to_its_end(running.end())
            await asyncio.wait((reading,), timeout=DRAIN_SECONDS)
            reading.cancel()


@asynccontextmanager
async def _input_pipe() -> AsyncIterator[tuple[asyncio.StreamWriter, FileIO]]:
    """A pipe to give to a program as its input, and then to close here: it reads what is written to the writer."""
    readable, writable = os.pipe()
    loop = asyncio.get_running_loop()
    with os.fdopen(readable, "rb", buffering=0) as given:
        transport, protocol = await loop.connect_write_pipe(FlowControlMixin, os.fdopen(writable, "wb", buffering=0))
        writer = asyncio.StreamWriter(transport, protocol, None, loop)
        try:
            yield writer, given
        finally:
            transport.close()  # what is left to write meets a closed pipe, for the program is dead
