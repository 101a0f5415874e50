"""Starting a daemon that outlives whoever needed it first. Imports next to nothing."""

import os
import sys

LONG_ENOUGH = 60.0
"""Seconds after which a daemon that has not said that it is ready will not come."""


class NotStarted(Exception):
    """The daemon did not come up. The message is for the user."""


def start(workspace: str, name: str, folder: str) -> tuple[str, str]:
    """Start the daemon of that name in that folder, and wait until one serves the workspace; returns its whereabouts.

    They are others where another daemon has the workspace. Raises `NotStarted`.
    """
    reading, writing = os.pipe()
    try:
        _spawn([sys.executable, "-P", "-m", "agent_server.daemon", workspace, name, folder, str(writing)], writing)
    finally:
        os.close(writing)
    try:
        return _answer(reading, workspace)
    finally:
        os.close(reading)


def _spawn(command: list[str], kept: int) -> None:
    """Run `command` as nobody's child, in a session of its own, with `kept` as its only open descriptor."""
    os.set_inheritable(kept, True)
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork():
            os._exit(0)
        for name in filter(_names_place, list(os.environ)):
            os.environ[name] = os.path.abspath(os.environ[name])
        os.chdir("/")
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
        os.closerange(3, kept)
        os.closerange(kept + 1, 4096)
        os.execv(command[0], command)  # noqa: S606  # an argument list, as everywhere
    finally:
        os._exit(1)


def _names_place(variable: str) -> bool:
    """Whether it says where something of ours is: relative to here, which the daemon leaves."""
    return variable.startswith("AGENT_SERVER_") and variable.endswith(("_DIR", "_SETTINGS"))


def _answer(reading: int, workspace: str) -> tuple[str, str]:
    """What the daemon says when it is ready, or why it is not."""
    from select import select  # noqa: PLC0415  # only where there is something to wait for
    from time import monotonic  # noqa: PLC0415

    deadline, said = monotonic() + LONG_ENOUGH, b""
    while not said.endswith(b"\n"):
        ready, _, _ = select([reading], [], [], max(0.0, deadline - monotonic()))
        if not ready:
            raise NotStarted(f"The daemon for `{workspace}` did not start within {LONG_ENOUGH:.0f} seconds.")
        part = os.read(reading, 4096)
        if not part:
            raise NotStarted(f"The daemon for `{workspace}` ended while it was starting.")
        said += part
    word, _, rest = said.decode("utf-8", "replace").strip().partition(" ")
    if word != "ready":
        raise NotStarted(rest)
    name, _, folder = rest.partition(" ")
    return name, folder
