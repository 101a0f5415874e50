"""The bytes of one connection: frames in, frames out, and neither side is written to faster than it reads."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from typing import Protocol

from agent_server.lsp.framing import Frames, FramingError, framed
from agent_server.lsp.outbox import MUCH_WAITING, Outbox

_log = logging.getLogger(__name__)


class Receiver(Protocol):
    """Who takes what a client says."""

    def receive(self, body: bytes) -> None:
        """Take one message; never raises."""

    def refuse_frames(self, error: FramingError) -> None:
        """Say that nothing more can be read."""


class Wire(asyncio.Protocol):
    """One client's connection. `closed` is done when the client has gone, or was let go.

    It is the protocol of a socket's transport, or of both those of two pipes.
    """

    def __init__(self, receiver_of: Callable[["Wire"], Receiver]) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._receiver = receiver_of(self)
        self._frames = Frames()
        self._outbox = Outbox(self._write, self._give_up)
        self._incoming: asyncio.ReadTransport | None = None
        self._outgoing: asyncio.WriteTransport | None = None
        self._reading = True

    def send(self, body: bytes, replaces: Hashable = None) -> None:
        """Send a message; `replaces` is what it makes another one that still waits superfluous by."""
        if not self.closed.done():
            self._outbox.send(framed(body), replaces)
            self._balance()

    def close(self, farewell: bytes = b"") -> None:
        """Let the client go once it has read what was written, and then `farewell`. What still waits is dropped."""
        if farewell and not self.closed.done():
            self._write(farewell)
        self._end()
        for transport in (self._incoming, self._outgoing):
            if transport is not None:
                transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Write to this transport, and read from it too if it can be."""
        if isinstance(transport, asyncio.WriteTransport):
            self._outgoing = transport
        if isinstance(transport, asyncio.ReadTransport):
            self._incoming = transport

    def data_received(self, data: bytes) -> None:
        """Hand on the messages that are complete."""
        try:
            for body in self._frames.feed(data):
                if self.closed.done():
                    return
                self._receiver.receive(body)
        except FramingError as error:
            self._receiver.refuse_frames(error)
            self.close()

    def eof_received(self) -> bool:
        """Whoever says nothing any more has left."""
        self.close()
        return False

    def connection_lost(self, _error: Exception | None) -> None:
        """The client is gone."""
        self.close()

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self._outbox.pause()

    def resume_writing(self) -> None:
        """The client has read what was sent."""
        self._outbox.resume()
        self._balance()

    def _write(self, message: bytes) -> None:
        if self._outgoing is not None:
            self._outgoing.write(message)

    def _balance(self) -> None:
        """Read from the client only while it reads what we write: what it asks makes us write more."""
        much = self._outbox.size > MUCH_WAITING
        if self._incoming is None or self._incoming.is_closing() or much is not self._reading:
            return
        self._reading = not much
        if much:
            self._incoming.pause_reading()
        else:
            self._incoming.resume_reading()

    def _give_up(self) -> None:
        _log.warning("A client reads nothing; its connection is closed")
        self._end()
        for transport in (self._incoming, self._outgoing):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
            elif transport is not None:
                transport.close()

    def _end(self) -> None:
        self._outbox.drop()
        if not self.closed.done():
            self.closed.set_result(None)
