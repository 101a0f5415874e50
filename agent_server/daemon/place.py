"""Where a workspace's daemon is found: names, the private folder, and how to connect. Imports next to nothing.

The folder belongs to the user alone (0700), and so does each socket in it (0600): who can connect can have agents run.
A socket's name is a hash of what makes two daemons different: the workspace's real path, the version of this package,
and the settings that come from the environment. Its length does not depend on the workspace's, since the path of a
socket may have no more than some hundred bytes.

Where there are no Unix sockets a daemon listens on the loopback interface, and a file in the folder says on which port;
whoever connects must know the token in that file.
"""

import os
import socket
import stat

from agent_server import __version__

PROTOCOL = b"agent-server-daemon/1"
"""The first word of a connection; another number is another way of talking to daemons."""

SOCKET_SUFFIX = ".sock"
PORT_SUFFIX = ".port"
RUNTIME_VARIABLE = "AGENT_SERVER_RUNTIME_DIR"
"""The environment variable that says where sockets are kept instead of the platform's place."""

_SETTINGS = ("AGENT_SERVER_", "ANTHROPIC_", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "HOME")
_CONNECT_SECONDS = 5.0


class NoPlace(Exception):
    """The private folder cannot be had. The message is for the user."""


def runtime_folder(environ: "os._Environ[str] | dict[str, str]") -> str:
    """The folder of the sockets, made if need be; raises `NoPlace` where it cannot be the user's alone."""
    chosen = environ.get(RUNTIME_VARIABLE)
    runtime = environ.get("XDG_RUNTIME_DIR")
    temporary = environ.get("TMPDIR") or "/tmp"  # noqa: S108  # made private below, and checked
    user = os.getuid() if hasattr(os, "getuid") else environ.get("USERNAME", "user")
    folder = chosen or (f"{runtime}/agent-server" if runtime else f"{temporary}/agent-server-{user}")
    try:
        os.makedirs(os.path.dirname(folder) or "/", exist_ok=True)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            found = os.lstat(folder)
            if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "geteuid") and found.st_uid != os.geteuid()):
                raise NoPlace(
                    f"`{folder}` must be a folder of yours, and no link. Move away what is there, or set "
                    f"`{RUNTIME_VARIABLE}` to another folder."
                ) from None
            if stat.S_IMODE(found.st_mode) & 0o077:
                os.chmod(folder, 0o700)
    except OSError as error:
        raise NoPlace(
            f"`{folder}` cannot be made: {error.strerror}. Set `{RUNTIME_VARIABLE}` to a folder that you can write to."
        ) from None
    return folder


def root_key(workspace: str) -> str:
    """A short name for a workspace: there is one daemon with this key at a time, whatever its version and settings."""
    return _hash(os.fsencode(os.path.realpath(workspace)))


def daemon_name(workspace: str, environ: "os._Environ[str] | dict[str, str]") -> str:
    """The name of the daemon that a client with this environment wants for a workspace."""
    settings = sorted((name, value) for name, value in environ.items() if name.startswith(_SETTINGS))
    return f"{root_key(workspace)}-{_hash(repr((__version__, settings)).encode())}"


def connect(folder: str, name: str, purpose: bytes) -> socket.socket | None:
    """A connection to the daemon of that name, to be used for `purpose`; None where none is listening."""
    try:
        connection, token = _open(os.path.join(folder, name))
    except (OSError, ValueError):
        return None
    try:
        connection.settimeout(_CONNECT_SECONDS)
        connection.sendall(b"%b %b %b\n" % (PROTOCOL, purpose, token))
        connection.settimeout(None)
    except OSError:
        connection.close()
        return None
    return connection


def has_unix_sockets(environ: "os._Environ[str] | dict[str, str]") -> bool:
    """Whether daemons listen on Unix sockets here."""
    return hasattr(socket, "AF_UNIX") and environ.get("AGENT_SERVER_LOOPBACK") != "1"


def _open(path: str) -> tuple[socket.socket, bytes]:
    if hasattr(socket, "AF_UNIX") and os.path.exists(path + SOCKET_SUFFIX):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_CONNECT_SECONDS)
            connection.connect(path + SOCKET_SUFFIX)
        except OSError:
            connection.close()
            raise
        return connection, b"-"
    with open(path + PORT_SUFFIX, encoding="ascii") as file:
        port, token = file.read().split()
    return socket.create_connection(("127.0.0.1", int(port)), _CONNECT_SECONDS), token.encode()


def _hash(data: bytes) -> str:
    from hashlib import blake2s  # noqa: PLC0415  # only where a name is made

    return blake2s(data, digest_size=8).hexdigest()
