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

FAREWELL = b"\n"
"""The last byte of a session that ended as LSP asks. No message ends with it, and the client does not see it."""

_CHUNK = 1 << 16
_MOST_HEADERS = 1 << 13
_ATTEMPTS = 5


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
    first = _first_message()
    if first is None:
        return 1
    root = _root_of(first) or os.getcwd()
    try:
        connection = connected(root)
    except (NotForwarded, place.NoPlace, spawning.NotStarted) as error:
        _refuse(first, str(error))
        return 1
    connection.sendall(first)
    return _carry(connection)


def connected(workspace: str) -> socket.socket:
    """A connection to the workspace's daemon, which is started if need be; raises what is in the user's way."""
    folder = place.runtime_folder(os.environ)
    name = place.daemon_name(workspace, os.environ)
    found = (name, folder)
    for _ in range(_ATTEMPTS):
        connection = place.connect(found[1], found[0], b"lsp")
        if connection is not None:
            return connection
        # None is there, or it was just leaving. Another one than we asked for may have the workspace.
        found = spawning.start(workspace, name, folder)
    raise NotForwarded(f"The daemon for `{workspace}` ends as soon as it is asked. `agent-server logs` may say why.")


def _carry(connection: socket.socket) -> int:
    """Carry bytes between the standard streams and the daemon until that one ends, each way in a thread of its own.

    Each side is read only when what it said before has been taken, so a slow one slows the other down, and a side that
    does not read keeps nobody from being read.
    """
    start_new_thread(_carry_to_daemon, (connection,))
    status = 1
    while data := _received(connection):
        if data.endswith(FAREWELL):
            status, data = 0, data[: -len(FAREWELL)]
        _write(data)
    if status:
        sys.stderr.write("agent-server: The daemon has gone. `agent-server logs` may say why.\n")
    return status


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


def _first_message() -> bytes | None:
    """The bytes of the first message, and what came with them; None at the end of the stream."""
    data = b""
    while True:
        end = data.find(b"\r\n\r\n")
        if end >= 0 and len(data) >= end + 4 + _length(data[:end]):
            return data
        if end < 0 and len(data) > _MOST_HEADERS:
            return data  # the daemon says what is wrong with it
        part = os.read(0, _CHUNK)
        if not part:
            return data or None
        data += part


def _length(headers: bytes) -> int:
    for line in headers.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return 0


def _root_of(first: bytes) -> str | None:
    """The folder that an `initialize` names first; None where it names none."""
    from json import loads  # noqa: PLC0415

    try:
        params = loads(first.partition(b"\r\n\r\n")[2]).get("params") or {}
        folders = params.get("workspaceFolders") or ()
        uri = folders[0]["uri"] if folders else params.get("rootUri")
        path = _path_of(uri) if uri else params.get("rootPath")
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return path if isinstance(path, str) and os.path.isdir(path) else None


def _path_of(uri: str) -> str | None:
    if not uri.startswith("file://"):
        return None
    from urllib.parse import unquote  # noqa: PLC0415

    return unquote(uri[len("file://") :])


def _refuse(first: bytes, message: str) -> None:
    """Answer `initialize` with what is in the way: the user sees it in the editor, and in its log of the server."""
    from json import dumps, loads  # noqa: PLC0415

    sys.stderr.write(f"agent-server: {message}\n")
    try:
        identity = loads(first.partition(b"\r\n\r\n")[2])["id"]
    except (ValueError, LookupError, TypeError):
        return
    error = {"code": -32603, "message": message}
    body = dumps({"jsonrpc": "2.0", "id": identity, "error": error}).encode()
    _write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
