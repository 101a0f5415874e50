"""The pipes of a program that speaks the Agent Client Protocol: one JSON-RPC message a line, within bounds.

The package's own transport takes whatever comes as fast as it comes, and keeps a task for each message. Here the
program is made to wait instead, and one that writes what no agent would is given up: `fault` then says why.
"""

import asyncio
import json
from contextlib import suppress
from typing import Any

import msgspec

MAX_BYTES = 512_000_000
"""The most that a program may write, in bytes. An hour's work with whole files in its messages stays far below."""

MAX_GARBAGE = 1_000
"""The most lines that are no messages. Programs greet, and warn, on their standard output."""

_MAX_ASKED = 8  # requests that are being answered at once
_MAX_UNREAD = 16_000_000  # bytes that the program has not read yet, before it must
_LARGE = 100_000  # bytes of a message that is decoded in a thread, since that takes about a millisecond


class Lines:
    """Messages over the pipes of a program. It is a transport as the package's `Connection` wants one."""

    def __init__(self, given: asyncio.StreamWriter, output: asyncio.StreamReader) -> None:
        """`given` is what the program reads, `output` what it writes."""
        self.fault = ""
        self._given = given
        self._output = output
        self._asked = asyncio.Semaphore(_MAX_ASKED)
        self._bytes = 0
        self._garbage = 0
        given.transport.set_write_buffer_limits(high=_MAX_UNREAD)

    async def send(self, message: dict[str, Any]) -> None:
        """Write a message. A program that reads no more ends its output as well, which is what is looked at."""
        if "method" not in message:
            self._asked.release()
        if not self._given.is_closing():
            self._given.write(_to_json(message) + b"\n")

    async def receive(self) -> dict[str, Any] | None:
        """The next message, or None at the end, or at a `fault`."""
        while True:
            # What has come by now is worked on first, and the program has to take in what it asked for.
            await asyncio.sleep(0)
            with suppress(OSError):
                await self._given.drain()
            line = await self._line()
            if not line or self.fault:
                return None
            message = await _decoded(line)
            if not isinstance(message, dict) or not _is_message(message):
                self._pass_over(line)
                continue
            if "method" in message and "id" in message:
                await self._asked.acquire()
            return message

    async def close(self) -> None:
        """Let the program's input end."""
        self._given.close()

    async def _line(self) -> bytes:
        try:
            line = await self._output.readline()
        except ValueError:
            self.fault = "it wrote a line that is longer than any message"
            return b""
        self._bytes += len(line)
        if self._bytes > MAX_BYTES:
            self.fault = f"it wrote more than {MAX_BYTES // 1_000_000} megabytes of messages"
        return line

    def _pass_over(self, line: bytes) -> None:
        self._garbage += bool(line.strip())
        if self._garbage > MAX_GARBAGE:
            self.fault = "what it writes is no Agent Client Protocol"


async def _decoded(line: bytes) -> Any:
    """What a line holds; None where it is no JSON."""
    try:
        return await asyncio.to_thread(_from_json, line) if len(line) > _LARGE else _from_json(line)
    except (ValueError, RecursionError):
        return None


def _from_json(line: bytes) -> Any:
    try:
        return _decode(line)
    except ValueError:
        # JavaScript cuts texts in the middle of a surrogate pair, and half of one is no text. Nor are other bytes.
        text = json.dumps(json.loads(line.decode("utf-8", "replace")), ensure_ascii=False)
        return _decode(text.encode("utf-8", "replace"))


_decode = msgspec.json.Decoder().decode
_to_json = msgspec.json.Encoder().encode


def _is_message(message: dict[str, Any]) -> bool:
    """Whether it is a request, a notification or a response, in the form that the package relies on."""
    if not isinstance(message.get("id"), int | str | None):
        return False
    if "method" in message:
        return isinstance(message["method"], str)
    return "id" in message and isinstance(message.get("error"), dict | None)
