"""A daemon at work: it listens, gives each editor a session of its own, and leaves when nobody needs it any more."""

import asyncio
import json
import logging
import os
import resource
import secrets
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from agent_server import __version__
from agent_server.daemon import place, sessions
from agent_server.daemon.forwarder import FAREWELL
from agent_server.lsp.project import Project
from agent_server.lsp.projects import Projects
from agent_server.lsp.server import AgentLanguageServer

IDLE_SECONDS = 60.0
"""A daemon without sessions and runs leaves after so long."""

LINGER_SECONDS = 30.0
"""The daemon's workspace is followed for so long when no session has it open."""

_HELLO_SECONDS = 5.0
_MOST_HELLO = 256
_BACKLOG = 128

_log = logging.getLogger(__name__)


class Service:
    """The sessions of one daemon, and who asks how it is."""

    def __init__(self, workspace: Path, name: str, token: bytes, idle_seconds: float = IDLE_SECONDS) -> None:
        self.workspace = workspace
        self.name = name
        self.stopping = asyncio.Event()
        self._token = token
        self._idle_seconds = idle_seconds
        self._began = time.time()
        self._projects = Projects(os.environ, workspace.resolve(), LINGER_SECONDS, self._look)
        self._sessions: dict[AgentLanguageServer, asyncio.Task[None]] = {}
        self._leaving: asyncio.TimerHandle | None = None

    async def serve(self, listening: socket.socket) -> None:
        """Serve whoever connects, until the daemon is told to stop or nobody needs it."""
        loop = asyncio.get_running_loop()
        unix = listening.family != socket.AF_INET
        create = loop.create_unix_server if unix else loop.create_server
        server = await create(lambda: _Hello(self), sock=listening, backlog=_BACKLOG)
        self._look()  # not earlier: who cannot be served yet is not missed
        try:
            await self.stopping.wait()
        finally:
            server.close()
            for session in tuple(self._sessions):
                session.protocol.wire.close()
            await asyncio.gather(*self._sessions.values(), return_exceptions=True)
            await self._projects.close()

    def admits(self, token: bytes) -> bool:
        """Whether a client that shows this token may speak to the daemon."""
        return secrets.compare_digest(token, self._token)

    def begin(self, transport: asyncio.Transport, rest: bytes) -> None:
        """Serve one more editor; `rest` is what it has said already. Who comes too late asks the next daemon."""
        if self.stopping.is_set():
            transport.close()
            return
        session = sessions.new_session(self._projects)
        session.protocol.farewell = FAREWELL
        wire = session.connect()
        transport.set_protocol(wire)
        wire.connection_made(transport)
        self._sessions[session] = asyncio.get_running_loop().create_task(self._see_off(session))
        self._look()
        if rest:
            wire.data_received(rest)

    def status(self) -> dict[str, Any]:
        """How the daemon is, JSON-like: what `agent-server status` shows."""
        return {
            "pid": os.getpid(),
            "version": __version__,
            "python": ".".join(map(str, sys.version_info[:3])),
            "workspace": str(self.workspace),
            "name": self.name,
            "seconds": round(time.time() - self._began, 1),
            "memory": _memory(),
            "clients": [
                {"name": info.name if (info := session.client_info) else "", "documents": len(tuple(session.documents))}
                for session in self._sessions
            ],
            "projects": [
                {"root": str(project.root), "running": project.executor.going_on is not None, "run": _run_of(project)}
                for project in self._projects
            ],
        }

    def stop(self, *, even_with_runs: bool) -> str:
        """Leave, unless a run would be lost and may not be; returns what is in the way."""
        running = [project for project in self._projects if project.executor.going_on is not None]
        if running and not even_with_runs:
            return f"A wave runs in `{running[0].root}`. Wait for it, or stop it with `--force`."
        self.stopping.set()
        return ""

    async def _see_off(self, session: AgentLanguageServer) -> None:
        try:
            await session.serve()
        except Exception:  # noqa: BLE001  # a fault of one session is none of the others
            _log.exception("A session ended with a fault")
        finally:
            self._sessions.pop(session, None)
            self._look()

    def _look(self) -> None:
        """Leave in a while if nothing is to be done, and not if something is."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        if not self._sessions:
            self._leaving = asyncio.get_running_loop().call_later(self._idle_seconds, self._leave)

    def _leave(self) -> None:
        if any(project.executor.going_on is not None for project in self._projects):
            self._look()
        elif not self._sessions:
            _log.info("Nobody needs the daemon any more")
            self.stopping.set()


class _Hello(asyncio.Protocol):
    """A connection that has not said yet what it is for."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._said = b""
        self._transport: asyncio.Transport | None = None
        self._patience = asyncio.get_running_loop().call_later(_HELLO_SECONDS, self._hang_up)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take the first line; what follows is for whoever takes over."""
        self._said += data
        line, newline, rest = self._said.partition(b"\n")
        if not newline:
            if len(self._said) > _MOST_HELLO:
                self._hang_up()
            return
        self._patience.cancel()
        words = line.split()
        if (
            len(words) != 3
            or words[0] != place.PROTOCOL
            or not self._service.admits(words[2])
            or self._service.stopping.is_set()
        ):
            self._hang_up()
        elif words[1] == b"lsp" and self._transport is not None:
            self._service.begin(self._transport, rest)
        else:
            self._answer(words[1])

    def connection_lost(self, _error: Exception | None) -> None:
        """It has gone again."""
        self._patience.cancel()

    def _answer(self, purpose: bytes) -> None:
        answers: Mapping[bytes, Callable[[], dict[str, Any]]] = {
            b"status": self._service.status,
            b"stop": lambda: {"problem": self._service.stop(even_with_runs=False)},
            b"stop-now": lambda: {"problem": self._service.stop(even_with_runs=True)},
        }
        if self._transport is not None and purpose in answers:
            self._transport.write(json.dumps(answers[purpose]()).encode() + b"\n")
        self._hang_up()

    def _hang_up(self) -> None:
        self._patience.cancel()
        if self._transport is not None:
            self._transport.close()


def _run_of(project: Project) -> dict[str, Any] | None:
    run = project.executor.current
    if run is None:
        return None
    progress = run.progress
    return {
        "id": run.id,
        "plan": run.record.approval.plan,
        "wave": run.record.approval.wave,
        "state": run.record.state.value,
        "percentage": progress.percent,
        "message": progress.message,
    }


def _memory() -> int:
    """Bytes of memory that the process holds, or has held at most where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, LookupError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return pages * resource.getpagesize()
