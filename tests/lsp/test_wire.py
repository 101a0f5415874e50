"""The bytes of one connection, over a transport that the test plays."""

import asyncio
from typing import Any

import pytest

from agent_server.lsp import outbox, wire
from agent_server.lsp.framing import FramingError, framed
from agent_server.lsp.wire import Wire


class Receiver:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.faults: list[str] = []

    def receive(self, body: bytes) -> None:
        self.bodies.append(body)

    def refuse_frames(self, error: FramingError) -> None:
        self.faults.append(str(error))


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.done: list[str] = []

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return "close" in self.done or "abort" in self.done

    def close(self) -> None:
        self.done.append("close")

    def abort(self) -> None:
        self.done.append("abort")

    def pause_reading(self) -> None:
        self.done.append("pause")

    def resume_reading(self) -> None:
        self.done.append("resume")


class Played:
    def __init__(self) -> None:
        self.receiver, self.transport = Receiver(), Transport()
        self.wire = Wire(lambda _: self.receiver)
        self.wire.connection_made(self.transport)


@pytest.fixture
async def played() -> Played:
    return Played()


async def test_messages_go_both_ways(played: Played) -> None:
    played.wire.data_received(framed(b"1") + framed(b"2")[:-1])
    assert played.receiver.bodies == [b"1"]
    played.wire.data_received(framed(b"2")[-1:])
    played.wire.send(b"3")
    assert played.receiver.bodies == [b"1", b"2"]
    assert played.transport.written == framed(b"3")


async def test_the_farewell_is_the_last_and_comes_once(played: Played) -> None:
    played.wire.send(b"1")
    played.wire.close(b"\0")
    played.wire.close(b"\0")
    played.wire.send(b"2")
    played.wire.data_received(framed(b"3"))
    assert played.transport.written == framed(b"1") + b"\0"
    assert played.wire.closed.done()
    assert played.receiver.bodies == []


@pytest.mark.parametrize("end", ["eof_received", "connection_lost"])
async def test_who_leaves_is_let_go(played: Played, end: str) -> None:
    getattr(played.wire, end)(*([None] if end == "connection_lost" else []))
    assert played.wire.closed.done()
    assert "close" in played.transport.done


async def test_what_is_no_frame_ends_it_behind_what_was_whole(played: Played) -> None:
    played.wire.data_received(framed(b"1") + b"Content-Length: much\r\n\r\n")
    assert played.receiver.bodies == [b"1"]
    assert len(played.receiver.faults) == 1
    assert played.wire.closed.done()


async def test_who_does_not_read_is_not_read(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MUCH_WAITING", 50)
    played.wire.pause_writing()
    for number in range(5):
        played.wire.send(b"%d" % number)
    assert played.transport.written == b""
    assert played.transport.done == ["pause"]
    played.wire.resume_writing()
    assert played.transport.done == ["pause", "resume"]
    assert played.transport.written == b"".join(framed(b"%d" % number) for number in range(5))


async def test_who_never_reads_is_given_up(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_WAITING", 100)
    played.wire.pause_writing()
    for _ in range(10):
        played.wire.send(b"x" * 20)
    assert played.wire.closed.done()
    assert played.transport.done[-1] == "abort"
    played.wire.resume_writing()
    assert played.transport.written == b""
