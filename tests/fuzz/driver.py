"""Plays hostile sessions against a real server process, and says what was wrong with what it did.

How the server is started and reached is a `Connect`: `over_stdio` starts a process for each session, which is a server,
or carries bytes to the daemon of the workspace; `over_socket` connects to whoever listens there.
"""

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzz.oracle import Heard, Json, Owed, faults
from tests.fuzz.sessions import Ending, Replies, Session

PATIENCE = 30.0
"""For so many seconds nothing may come while something is owed."""

_LAST = "the last request"
_READ_LIMIT = 2**26
_SIGNS = ("was never retrieved", "was never awaited", "Exception ignored", "was destroyed but it is pending")


@dataclass(frozen=True, slots=True)
class Peer:
    """A connection to a server. `serving` finds the process that serves it, whose memory is watched."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    serving: Callable[[], int]


Connect = Callable[[], AbstractAsyncContextManager[Peer]]


@dataclass(frozen=True, slots=True)
class Played:
    """How one session went. `said` are the messages that came. `growth` is by how much the server's memory grew.

    It is the ratio of the memory at the end to that after a third of the answers; 1.0 where the end was not polite.
    """

    faults: tuple[str, ...]
    said: int
    growth: float
    resident: int


def over_stdio(command: Sequence[str], environ: Mapping[str, str], directory: Path, errors: Path) -> Connect:
    """A process for each connection, started in the workspace `directory`.

    What it writes to standard error is added to the file `errors`.
    """

    @asynccontextmanager
    async def connect() -> AsyncIterator[Peer]:
        with errors.open("ab") as sink:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=sink,
                env=dict(environ),
                cwd=directory,
                limit=_READ_LIMIT,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Peer(process.stdout, process.stdin, lambda: _daemon_of(directory) or process.pid)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await process.wait()
            if process.returncode is None:
                process.kill()
                await process.wait()

    return connect


def over_socket(path: Path) -> Connect:
    """A connection to a server that listens on a Unix socket."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Peer]:
        reader, writer = await asyncio.open_unix_connection(path, limit=_READ_LIMIT)
        credentials = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        try:
            yield Peer(reader, writer, lambda: int(struct.unpack("3i", credentials)[0]))
        finally:
            writer.close()

    return connect


async def play(session: Session, connect: Connect, patience: float = PATIENCE) -> Played:
    """Play one session to its end."""
    async with connect() as peer:
        client = _Client(session, peer, patience)
        heard = await client.played()
        growth = client.resident / client.resident_early if client.resident and client.resident_early else 1.0
        return Played(tuple(faults(session.dues, heard)), len(heard.messages), growth, client.resident)


class _Client:
    """One side of one connection: sends a session, reads all that comes, and answers the server's requests."""

    def __init__(self, session: Session, peer: Peer, patience: float) -> None:
        self._session = session
        self._peer = peer
        self._patience = patience
        self._replies = Replies(session.seed)
        self._messages: list[Json] = []
        self._answers = 0
        self._owed = sum(due.owed not in {Owed.SILENCE, Owed.AT_MOST_REFUSAL} for due in session.dues)
        self._rest = b""
        self._ended = False
        self._news = asyncio.Condition()
        self._answered = asyncio.Event()
        self.resident_early = 0
        self.resident = 0

    async def played(self) -> Heard:
        reading = asyncio.ensure_future(self._read())
        try:
            with suppress(ConnectionError):
                for step in self._session.steps:
                    self._peer.writer.write(step.data)
                    await self._peer.writer.drain()
            whole = await self._leave()
            ended = self._ended
            self._peer.writer.close()
            if whole or self._session.ending is not Ending.POLITELY:
                async with asyncio.timeout(self._patience):
                    await asyncio.shield(reading)
        except TimeoutError:
            self._messages.append("the server did not close the connection")
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return Heard(tuple(self._messages), ended, whole, self._rest)

    async def _leave(self) -> bool:
        """Leave as the session asks; whether all answers were waited for."""
        match self._session.ending:
            case Ending.POLITELY:
                self._say({"id": _LAST, "method": "shutdown"})
                await self._quiet(lambda: self._owes_nothing() and self._answered.is_set())
                self.resident = _resident(self._peer.serving())
                if not self._ended:
                    self._say({"method": "exit"})
                return True
            case Ending.REFUSED:
                await self._quiet(lambda: False)
                return True
            case _:
                return False

    async def _quiet(self, enough: Callable[[], bool]) -> None:
        """Wait until there is enough, the connection ends, or nothing has come for as long as patience lasts."""
        async with self._news:
            while not (enough() or self._ended):
                try:
                    async with asyncio.timeout(self._patience):
                        await self._news.wait()
                except TimeoutError:
                    return

    def _owes_nothing(self) -> bool:
        """Whether as many answers came as are owed. Which they are, `faults` says."""
        return self._answers >= self._owed

    def _say(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        with suppress(ConnectionError):
            self._peer.writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def _read(self) -> None:
        try:
            while (body := await self._body()) is not None:
                await self._take(json.loads(body))
        except (ValueError, UnicodeDecodeError, asyncio.IncompleteReadError) as error:
            self._rest = getattr(error, "partial", b"") or str(error).encode()
        except ConnectionError:
            pass
        finally:
            self._ended = True
            async with self._news:
                self._news.notify_all()

    async def _body(self) -> bytes | None:
        """The body of the next message, strictly read."""
        length = None
        while (line := await self._peer.reader.readline()) != b"\r\n":
            if not line and length is None:
                return None
            name, _, value = line.partition(b": ")
            if name == b"Content-Length":
                length = int(value)
            elif name != b"Content-Type":
                raise ValueError(f"the header {line[:200]!r}")
        if length is None:
            raise ValueError("a message without a length")
        return await self._peer.reader.readexactly(length)

    async def _take(self, message: Json) -> None:
        if isinstance(message, dict) and message.get("id") == _LAST and "method" not in message:
            self._answered.set()
        else:
            self._messages.append(message)
            self._answers += isinstance(message, dict) and "method" not in message
        if not self.resident_early and self._answers > self._owed // 3:
            self.resident_early = _resident(self._peer.serving())
        if isinstance(message, dict) and "method" in message and "id" in message:
            for reply in self._replies.to(message):
                with suppress(ConnectionError):
                    self._peer.writer.write(reply)
        async with self._news:
            self._news.notify_all()


def log_faults(log: str) -> list[str]:
    """What a server's log or standard error says of faults that nobody caught: each kind once, where and what."""
    found: dict[str, None] = {}
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("Traceback", "  + Exception Group Traceback")):
            body = next((end for end in range(number + 1, len(lines)) if not lines[end].startswith(" ")), len(lines))
            where = [each.strip(" |") for each in lines[number:body] if 'File "' in each]
            last = lines[min(body, len(lines) - 1)] if line.startswith("T") else lines[body - 1]
            found[f"the log has a traceback, after {lines[number - 1][:120]!r}: {where[-1:]} {last[:300]}"] = None
        elif any(sign in line for sign in _SIGNS):
            found[f"the log says {line[:300]!r}"] = None
    return list(found)


def _daemon_of(workspace: Path) -> int | None:
    """The daemon that serves a workspace, where there is one."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"agent_server.daemon" in words and os.fsencode(workspace) in words:
                return int(folder.name)
    return None


def _resident(pid: int) -> int:
    """The memory that a process has, in bytes; 0 where that cannot be told."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
