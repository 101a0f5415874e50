"""A daemon that does not answer: one that was frozen, or that waits for a disk.

It can be asked for nothing, not even to leave. But the kernel knows that somebody holds the workspace's lock, and the
lock says which process; ending that is for who was asked to, since what its agents do ends with it. What they have
finished is kept: the next daemon finds it, as after a crash.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_server.daemon import control, ownership
from agent_server.execution import file_lock
from agent_server.execution.state import state_directories_beside, state_directory_of

PATIENCE = 5.0
"""How long an answer is waited for, in seconds. It comes within milliseconds, but from a daemon that just starts."""

_SECONDS_TO_END = 5.0
_PAUSE = 0.05
_MODULE = " -m agent_server.daemon "


@dataclass(frozen=True, slots=True)
class Hung:
    """A daemon that holds a workspace and does not answer."""

    workspace: str
    pid: int
    state: Path
    """The state directory of its workspace."""


def serving(workspace: Path, environ: Mapping[str, str]) -> Hung | None:
    """The hung daemon of a workspace, or of a folder above it; None where there is none, or it answers."""
    for folder in (workspace, *workspace.parents):
        found = _in(state_directory_of(folder, environ))
        if found is not None:
            return found
    return None


def everywhere(environ: Mapping[str, str]) -> Iterator[Hung]:
    """The hung daemons of all workspaces."""
    try:
        states = state_directories_beside(state_directory_of(Path("/"), environ))
    except OSError:
        return
    for state in sorted(states):
        found = _in(state)
        if found is not None:
            yield found


def end(hung: Hung) -> str:
    """Kill it, for it would not hear of anything less; returns what is in the way."""
    try:
        os.kill(hung.pid, signal.SIGKILL)
    except ProcessLookupError:
        return ""
    except OSError as error:
        return f"Process {hung.pid} cannot be ended: {error.strerror}."
    deadline = time.monotonic() + _SECONDS_TO_END
    while file_lock.holder(hung.state / ownership.LOCK) == hung.pid:
        if time.monotonic() > deadline:
            return f"Process {hung.pid} does not end: the system waits for something, perhaps for a disk."
        time.sleep(_PAUSE)
    return ""


def _in(state: Path) -> Hung | None:
    """The daemon that holds the lock of a state directory all the while, and does not answer."""
    lock = state / ownership.LOCK
    pid = file_lock.holder(lock)
    deadline = time.monotonic() + PATIENCE
    while pid is not None:
        theirs = ownership.owner(state)
        left = deadline - time.monotonic()
        if theirs is not None and left <= 0:
            workspace = _served_by(pid, theirs.name)
            return Hung(workspace, pid, state) if workspace else None
        if theirs is None or control.ask(theirs.folder, theirs.name, b"status", left) is not None:
            return None
        time.sleep(_PAUSE)
        pid = file_lock.holder(lock)
    return None


def _served_by(pid: int, name: str) -> str:
    """The workspace whose daemon of that name a process is; empty where it is another process, or another user's.

    A lock's note of its process is wrong where the disk was full when it was taken.
    """
    _, module, arguments = _command_of(pid).partition(_MODULE)
    workspace, is_named, _ = arguments.partition(f" {name} ")
    return workspace if module and is_named else ""


def _command_of(pid: int) -> str:
    """The command line of a process of this user; empty for any other."""
    place = Path("/proc") / str(pid)
    try:
        if place.parent.joinpath("self").exists():
            words = place.joinpath("cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            return os.fsdecode(b" ".join(words)) if place.stat().st_uid == os.geteuid() else ""
        asked = ["ps", "-ww", "-o", "uid=,args=", "-p", str(pid)]
        told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    except (OSError, ValueError):
        return ""
    user, _, command = told.partition(" ")
    return command if user == str(os.geteuid()) else ""
