"""Reading a file that a stranger may have put there: no waiting on FIFOs, no endless devices, no following of links."""

import os
import stat


def read_regular(path: str, most: int, *, folder: int | None = None) -> bytes | None:
    """The bytes of the regular file `path`, None if it is something else, too large (over `most` bytes) or unreadable.

    A symlink in the last place is not followed. A relative `path` starts at the open folder `folder`, if there is one.
    """
    try:
        # Without O_NONBLOCK, opening a FIFO that nobody writes to would wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except (OSError, ValueError):  # ValueError: the path holds a NUL
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        return _read(descriptor, most)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _read(descriptor: int, most: int) -> bytes | None:
    """Everything up to the end, None past `most` bytes: the file may grow while it is read."""
    chunks = []
    left = most + 1
    while left and (chunk := os.read(descriptor, left)):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks) if left else None
