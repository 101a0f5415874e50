"""The daemon of one workspace: `python -m agent_server.daemon WORKSPACE NAME FOLDER DESCRIPTOR`.

A forwarder starts it. Through the descriptor the daemon says `ready NAME FOLDER`: where the one is that serves the
workspace now, be it another. Or it says `failed`, and why.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from agent_server.daemon import ownership, place
from agent_server.daemon.ownership import Owned, Unreachable, Whereabouts
from agent_server.execution.state import StateError

_BACKLOG = 128

_log = logging.getLogger(__name__)


def main(workspace: str, name: str, folder: str, descriptor: str) -> int:
    """Become the daemon, or say who is it; returns the exit status."""
    told = False

    def tell(line: str) -> None:
        nonlocal told
        if not told:
            told = True
            with contextlib.suppress(OSError):
                os.write(int(descriptor), f"{line}\n".encode())
            os.close(int(descriptor))

    try:
        _become(workspace, Whereabouts(folder, name), tell)
    except Owned as owned:
        tell(f"ready {owned.by.name} {owned.by.folder}")
    except (Unreachable, StateError) as error:
        tell(f"failed {error}")
        return 1
    except BaseException as error:
        tell(f"failed The daemon could not start ({type(error).__name__}: {error}).")
        raise
    return 0


def _become(workspace: str, mine: Whereabouts, tell: Callable[[str], None]) -> None:
    state = ownership.state_of(workspace, os.environ)
    lock = ownership.take(state, mine)
    from agent_server.daemon import sessions  # noqa: PLC0415  # heavy, and only for who becomes the daemon

    sessions.log_to(state / ownership.LOG)
    socket_file = Path(mine.folder) / f"{mine.name}{place.SOCKET_SUFFIX}"
    port_file = Path(mine.folder) / f"{mine.name}{place.PORT_SUFFIX}"
    unix = place.has_unix_sockets(os.environ)
    listening, token = _listen_at(socket_file) if unix else _listen_on_loopback(port_file)
    try:
        asyncio.run(_serve(Path(workspace), mine, listening, token, lambda: tell(f"ready {mine.name} {mine.folder}")))
    except Exception:
        _log.exception("The daemon ends with a fault")
        raise
    finally:
        ownership.remove_traces(mine)
        os.close(lock)


async def _serve(
    workspace: Path, mine: Whereabouts, listening: socket.socket, token: bytes, ready: Callable[[], None]
) -> None:
    from agent_server.daemon.service import IDLE_SECONDS, Service  # noqa: PLC0415  # heavy, as above
    from agent_server.daemon.sessions import learn_types, make_ready  # noqa: PLC0415

    idle = float(os.environ.get("AGENT_SERVER_IDLE_SECONDS", IDLE_SECONDS))
    service = Service(workspace, mine.name, token, idle)
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, service.stopping.set)
    _log.info("Serving %s", workspace)
    asyncio.get_running_loop().call_soon(ready)
    make_ready()
    Thread(target=learn_types, name="learning", daemon=True).start()
    await service.serve(listening)
    _log.info("Leaving %s", workspace)


def _listen_at(path: Path) -> tuple[socket.socket, bytes]:
    """A Unix socket for the user alone. What lies there is a dead daemon's: we hold the lock."""
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    listening.listen(_BACKLOG)
    return listening, b"-"


def _listen_on_loopback(path: Path) -> tuple[socket.socket, bytes]:
    """A port of this machine, and the token without which nobody is served there."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
    token = secrets.token_hex(32)
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{listening.getsockname()[1]} {token}")
    draft.replace(path)
    return listening, token.encode()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
