"""Who the daemon of a workspace is: at most one process, whatever its version and settings.

Who holds the lock in the workspace's state directory is the daemon. The kernel takes the lock from a dead one, so a
crashed daemon is followed by the next without a question, and its socket is removed. Beside the lock lies where the
daemon can be found, for those who come too late.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent_server.daemon import control, place
from agent_server.execution import file_lock
from agent_server.execution.state import StateDirectory

SECONDS = 30.0
"""How long an owner that cannot be reached is waited for: it is starting, or leaving."""

LOCK = "daemon.lock"
"""What the daemon holds for as long as it lives, in the state directory."""

LOG = "daemon.log"
"""The daemon's log, in the state directory."""

_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a daemon listens: the name of its socket, and the folder that it is in."""

    folder: str
    name: str


class Owned(Exception):
    """Another daemon serves the workspace, and is there to be used."""

    def __init__(self, by: Whereabouts) -> None:
        super().__init__(by)
        self.by = by


class Unreachable(Exception):
    """Another daemon holds the workspace, and does not answer. The message is for the user."""


def state_of(workspace: str, environ: Mapping[str, str]) -> Path:
    """Where the daemon of a workspace keeps its lock and its log; raises `StateError`."""
    return StateDirectory.for_workspace(Path(workspace), environ).root


def take(state: Path, mine: Whereabouts) -> int:
    """Become the owner; returns the lock's descriptor, which is held until the process ends.

    Raises `Owned` where another one is and goes on: it is of the same version with the same settings, or it has clients
    or a run. One that is idle is asked to leave. Raises `Unreachable`.
    """
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            lock = file_lock.take(state / LOCK)
        except file_lock.LockedError as error:
            _make_way(state, mine)
            if time.monotonic() > deadline:
                raise Unreachable(
                    f"Process {error.pid} holds the workspace and does not answer. `agent-server stop --force` ends it."
                ) from None
            time.sleep(_PAUSE)
        else:
            if (dead := owner(state)) is not None:
                remove_traces(dead)
            _write(state / "daemon.json", json.dumps({"folder": mine.folder, "name": mine.name}))
            return lock


def owner(state: Path) -> Whereabouts | None:
    """Where the present, or the last, daemon listens."""
    try:
        found = json.loads((state / "daemon.json").read_text("utf-8"))
        return Whereabouts(str(found["folder"]), str(found["name"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def remove_traces(of: Whereabouts) -> None:
    """Remove what leads to a daemon that has ended, or ends. Only for who holds the lock."""
    for suffix in (place.SOCKET_SUFFIX, place.PORT_SUFFIX):
        with suppress(OSError):
            Path(of.folder, f"{of.name}{suffix}").unlink()


def _make_way(state: Path, mine: Whereabouts) -> None:
    """Have an idle owner of another kind leave; raises `Owned` for any other that can be reached."""
    theirs = owner(state)
    status = control.ask(theirs.folder, theirs.name, b"status") if theirs else None
    if theirs is None or status is None:
        return
    busy = status.get("clients") or any(project.get("running") for project in status.get("projects", ()))
    if theirs.name == mine.name or busy or control.ask(theirs.folder, theirs.name, b"stop") != {"problem": ""}:
        raise Owned(theirs)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, "utf-8")
    draft.replace(path)
