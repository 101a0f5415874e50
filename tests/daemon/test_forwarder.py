"""The forwarder against a daemon that the test plays itself, byte by byte."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent_server.daemon import place
from agent_server.daemon.forwarder import FAREWELL
from agent_server.lsp.framing import framed
from tests.e2e.raw_client import ENTRY

HELLO = place.PROTOCOL + b" lsp -\n"


class Played:
    """A forwarder, and the connections that it makes to the daemon of its workspace."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.process = process
        self.input, self.output, self.errors = process.stdin, process.stdout, process.stderr
        self.writers: list[asyncio.StreamWriter] = []
        self._readers: asyncio.Queue[asyncio.StreamReader] = asyncio.Queue()

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        self._readers.put_nowait(reader)

    async def connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await self._readers.get(), self.writers[-1]

    async def begin(self, workspace: Path) -> asyncio.StreamWriter:
        """Have it hand on `initialize`, and take that in as a daemon does."""
        said = framed(initialize(workspace))
        self.input.write(said)
        reader, writer = await self.connection()
        assert await reader.readexactly(len(HELLO) + len(said)) == HELLO + said
        return writer

    async def close(self) -> None:
        for writer in (*self.writers, self.input):
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in self.writers), return_exceptions=True)
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@pytest.fixture
async def played(environ: dict[str, str], workspace: Path) -> AsyncIterator[Played]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *ENTRY, "lsp", stdin=pipe, stdout=pipe, stderr=pipe, env=environ, cwd=workspace
    )
    played = Played(process)
    socket = Path(place.runtime_folder(environ)) / (place.daemon_name(str(workspace), environ) + place.SOCKET_SUFFIX)
    daemon = await asyncio.start_unix_server(played.connected, socket)
    yield played
    daemon.close()
    await played.close()


def initialize(workspace: Path) -> bytes:
    params = {"rootUri": workspace.as_uri(), "capabilities": {}}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).encode()


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
async def test_all_that_was_said_is_handed_on_as_it_came(played: Played, workspace: Path, line_end: bytes) -> None:
    """Also what came in one go with the first message, which alone names the workspace."""
    body = initialize(workspace)
    said = b"content-length:%d" % len(body) + 2 * line_end + body + framed(b"{}") + b"Content-"
    played.input.write(said)
    reader, _ = await played.connection()
    assert await reader.readexactly(len(HELLO) + len(said)) == HELLO + said


async def test_what_is_not_framed_goes_to_the_daemon_of_the_folder(played: Played) -> None:
    said = b"Content-Length: much\r\n\r\n"
    played.input.write(said)
    reader, _ = await played.connection()
    assert await reader.readexactly(len(HELLO) + len(said)) == HELLO + said


async def test_a_stream_may_be_cut_anywhere(played: Played, workspace: Path) -> None:
    writer = await played.begin(workspace)
    answer = framed(b'{"jsonrpc":"2.0","id":1,"result":null}')
    for end in range(len(answer)):
        writer.write(answer[end : end + 1])
        assert await played.output.readexactly(1) == answer[end : end + 1]
    writer.write(FAREWELL)
    assert await played.process.wait() == 0
    assert await played.output.read() == b""


async def test_a_daemon_that_was_just_leaving_is_not_the_last_that_is_asked(played: Played, workspace: Path) -> None:
    (await played.begin(workspace)).close()
    reader, writer = await played.connection()
    said = framed(initialize(workspace))
    assert await reader.readexactly(len(HELLO) + len(said)) == HELLO + said
    answer = framed(b"{}")
    writer.write(answer)
    assert await played.output.readexactly(len(answer)) == answer
    played.input.write(b"more")
    assert await reader.readexactly(4) == b"more"


async def test_what_has_no_answer_is_not_waited_for(played: Played, workspace: Path) -> None:
    params = {"rootUri": workspace.as_uri()}
    said = framed(json.dumps({"jsonrpc": "2.0", "method": "early", "params": params}).encode())
    played.input.write(said)
    reader, _ = await played.connection()
    assert await reader.readexactly(len(HELLO) + len(said)) == HELLO + said
    played.input.write(b"more")
    assert await reader.readexactly(4) == b"more"


async def test_the_end_of_a_daemon_is_said(played: Played, workspace: Path) -> None:
    writer = await played.begin(workspace)
    writer.write(framed(b"{}"))
    writer.close()
    assert await played.process.wait() == 1
    assert b"The daemon has gone" in await played.errors.read()


async def test_an_editor_that_is_gone_is_no_fault(played: Played, workspace: Path) -> None:
    writer = await played.begin(workspace)
    played.process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
    ending = asyncio.ensure_future(played.process.wait())
    while not ending.done():
        writer.write(framed(b"{}"))
        await asyncio.wait({ending}, timeout=0.05)
    assert ending.result() == 1
    assert await played.errors.read() == b""


async def test_a_stream_that_ends_in_the_first_message_starts_nothing(
    played: Played, environ: dict[str, str], workspace: Path
) -> None:
    played.input.write(framed(initialize(workspace))[:-1])
    played.input.close()
    assert await played.process.wait() == 1
    assert len(list(Path(environ[place.RUNTIME_VARIABLE]).iterdir())) == 1, "only the socket that the test made"
