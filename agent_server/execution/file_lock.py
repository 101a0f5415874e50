"""A lock between processes: an empty file under `flock`, freed by the kernel when its holder dies, however it dies."""

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

_PAUSE = 0.01


class LockedError(Exception):
    """Somebody else holds the lock. `pid` is the process that took it last, None where that cannot be told."""

    def __init__(self, path: Path, pid: int | None) -> None:
        super().__init__(path, pid)
        self.path = path
        self.pid = pid

    def __str__(self) -> str:
        return f"`{self.path}` is held by process {self.pid or 'unknown'}"


def take(path: Path, patience: float = 0.0) -> int:
    """Take the lock at `path`, and write our pid into it, where there is room for that. `give_back` gives it back.

    It does not wait for a holder that lives. Where that has just died, what it was about to start may hold the lock for
    a moment longer, until it runs: that is waited for, `patience` seconds at most. Raises `LockedError`, in this
    process too when it already holds the lock through another descriptor.
    """
    until = time.monotonic() + patience
    while True:
        try:
            return _taken(path)
        except LockedError as error:
            if error.pid is None or _lives(error.pid) or time.monotonic() >= until:
                raise
        time.sleep(_PAUSE)


def give_back(descriptor: int) -> None:
    """Give back what `take` took, at once.

    Closing it does so, too, but only when all copies are closed: a program that another thread is just starting has one
    until it runs.
    """
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def holder(path: Path) -> int | None:
    """The process that holds the lock at `path`; None where nobody does, or where that cannot be told."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        # Whoever takes the lock at this instant finds it taken. It is free again at once.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _holder(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _taken(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with suppress(OSError):  # on a full disk there is no pid; recovery must go on there
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
    except OSError as error:
        pid = _holder(descriptor)
        os.close(descriptor)
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            raise LockedError(path, pid) from None
        raise
    return descriptor


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _holder(descriptor: int) -> int | None:
    try:
        return int(os.pread(descriptor, 20, 0))
    except (OSError, ValueError):
        return None
