"""What editors start: finds or starts the workspace's daemon, and carries bytes. Imports next to nothing.

The workspace is the one that the client's `initialize` names. So the first message is read here, and handed on as it
came; from then on nobody looks into the bytes.
"""

import os
import socket
import stat
import sys
from _thread import start_new_thread
from contextlib import suppress

from agent_server.daemon import place, spawning
from agent_server.lsp.framing import Frames, FramingError, framed

TYPE_CHECKING = False  # as in `typing`, whose import every editor would wait for
if TYPE_CHECKING:
    from typing import Any

FAREWELL = b"\0"
"""The last byte of a session that ended as LSP asks; the client does not see it.

Neither headers nor JSON hold this byte, so it is known wherever the stream is cut into pieces.
"""

_CHUNK = 1 << 16
_ATTEMPTS = 5

_SECONDS = 10.0
"""How long a daemon may take to answer the first message. One that works does so within milliseconds."""


class NotForwarded(Exception):
    """There is no daemon to be had. The message is for the user."""


FOR_EDITORS = (
    "`agent-server lsp` is started by editors, which talk to it through pipes. "
    "To look at a plan in a terminal, use `agent-server check PLAN`."
)


def is_for_editors() -> bool:
    """Whether the standard streams are such as editors give: pipes, or sockets."""
    return all(map(_is_pipe, (0, 1)))


def forward() -> int:
    """Serve the client on standard input and output; returns the exit status that LSP asks for."""
    said, body = _first_message()
    if not said:
        return 1
    message = _decoded(body)
    try:
        connection = _begun(_root_of(message) or os.getcwd(), said, is_request="id" in message and "method" in message)
    except (NotForwarded, place.NoPlace, spawning.NotStarted) as error:
        _refuse(message, str(error))
        return 1
    return _carry(connection)


def _begun(workspace: str, said: bytes, *, is_request: bool) -> socket.socket:
    """A connection to a daemon that was told what was said. Raises what is in the user's way.

    One that is just leaving may still take a connection, and hang up on it; then another one is asked. Any other
    answers a request. Until then the client is not read, since what it says would be lost with the connection. One that
    hangs takes the connection as well, for the kernel does that: so an answer is not waited for without end.
    """
    for _ in range(_ATTEMPTS):
        connection = _connected(workspace)
        connection.settimeout(_SECONDS)
        try:
            connection.sendall(said)
            if not is_request or connection.recv(1, socket.MSG_PEEK):
                connection.settimeout(None)
                return connection
        except TimeoutError:
            raise NotForwarded(
                f"The daemon of `{workspace}` does not answer. `agent-server stop --force` in that folder ends it."
            ) from None
        except OSError:
            pass
        connection.close()
    raise _ends_at_once(workspace)


def _connected(workspace: str) -> socket.socket:
    folder = place.runtime_folder(os.environ)
    name = place.daemon_name(workspace, os.environ)
    found = (name, folder)
    for _ in range(_ATTEMPTS):
        connection = place.connect(found[1], found[0], b"lsp")
        if connection is not None:
            return connection
        # None is there, or it was just leaving. Another one than we asked for may have the workspace.
        found = spawning.start(workspace, name, folder)
    raise _ends_at_once(workspace)


def _ends_at_once(workspace: str) -> NotForwarded:
    return NotForwarded(f"The daemon for `{workspace}` ends as soon as it is asked. `agent-server logs` may say why.")


def _carry(connection: socket.socket) -> int:
    """Carry bytes between the standard streams and the daemon until that one ends, each way in a thread of its own.

    Each side is read only when what it said before has been taken, so a slow one slows the other down, and a side that
    does not read keeps nobody from being read.
    """
    start_new_thread(_carry_to_daemon, (connection,))
    while data := _received(connection):
        left = data.endswith(FAREWELL)
        try:
            _write(data.removesuffix(FAREWELL))
        except OSError:  # the editor has gone, and the daemon hears of it when we have
            return 1
        if left:
            return 0
    sys.stderr.write("agent-server: The daemon has gone. `agent-server logs` may say why.\n")
    return 1


def _carry_to_daemon(connection: socket.socket) -> None:
    with suppress(OSError):
        while data := os.read(0, _CHUNK):
            connection.sendall(data)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except OSError:
        return b""


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def _first_message() -> tuple[bytes, bytes]:
    """All that was read until the first message was whole, and the body of that; nothing where the stream ends before.

    What is not framed as it should be goes to the daemon, which says what is wrong with it.
    """
    frames, said = Frames(), b""
    while part := os.read(0, _CHUNK):
        said += part
        try:
            for body in frames.feed(part):
                return said, body
        except FramingError:
            return said, b""
    return b"", b""


def _decoded(body: bytes) -> "dict[str, Any]":
    """The message in a body; an empty one where it is none. The daemon says what is wrong with that."""
    from json import loads  # noqa: PLC0415

    try:
        message = loads(body)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _root_of(message: "dict[str, Any]") -> str | None:
    """The folder that an `initialize` names first; None where it names none."""
    try:
        params = message.get("params") or {}
        folders = params.get("workspaceFolders") or ()
        uri = folders[0]["uri"] if folders else params.get("rootUri")
        path = _path_of(uri) if uri else params.get("rootPath")
    except (LookupError, TypeError, AttributeError):
        return None
    return path if isinstance(path, str) and os.path.isdir(path) else None


def _path_of(uri: str) -> str | None:
    if not uri.startswith("file://"):
        return None
    from urllib.parse import unquote  # noqa: PLC0415

    return unquote(uri[len("file://") :])


def _refuse(message: "dict[str, Any]", words: str) -> None:
    """Answer `initialize` with what is in the way: the user sees it in the editor, and in its log of the server."""
    from json import dumps  # noqa: PLC0415

    sys.stderr.write(f"agent-server: {words}\n")
    if "id" in message:
        error = {"code": -32603, "message": words}
        _write(framed(dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}).encode()))


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
