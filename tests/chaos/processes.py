"""Looking at processes, and at what is left of them. Linux only."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_STATUS: dict[int, int] = {}
_STOPPED: set[int] = set()


def forked(act: Callable[[], None]) -> int:
    """Do `act` in a process of its own; its id."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    return pid


def has_ended(pid: int) -> bool:
    """Whether a process that `forked` made has ended."""
    if pid in _STATUS:
        return True
    changed, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
    if changed and os.WIFSTOPPED(status):
        _STOPPED.add(pid)
        return False
    if changed:
        _STATUS[pid] = status
    return bool(changed)


def has_stopped(pid: int) -> bool:
    """Whether a process has stopped itself since this was asked last. `has_ended` has to be asked before."""
    if pid in _STOPPED:
        _STOPPED.remove(pid)
        return True
    return False


def status_of(pid: int) -> int:
    """How a process ended, as `os.waitpid` tells it. To be asked once."""
    return _STATUS.pop(pid)


def with_text(text: str) -> list[int]:
    """The processes that have the text in their command line, or work in such a folder."""
    return [pid for pid in _others() if text in command_line(pid) or text in _place(pid)]


def command_line(pid: int) -> str:
    """Its words, with a NUL behind each; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def children(pid: int) -> list[int]:
    """The children of all threads of a process."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found


def _others() -> Iterator[int]:
    own = os.getpid()
    return (int(each.name) for each in Path("/proc").glob("[0-9]*") if int(each.name) != own)


def _place(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""
