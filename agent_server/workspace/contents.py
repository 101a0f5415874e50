"""The texts of the few files that an analysis asks for, confined to the workspace and remembered."""

import os
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import time_ns

from agent_server.workspace.paths import confined
from agent_server.workspace.reading import read_regular

MAX_FILE_BYTES = 1 << 20
"""Larger files are taken for data, and not read."""

MAX_REMEMBERED = 64 << 20
"""How many characters are remembered in all. What was asked for longest ago is forgotten first."""

CLOCK_TICK_NS = 20_000_000
"""Modification times step by a tick of the kernel's clock, which may be one behind the clock that is asked here: a file
that was written within the last one may be written again without a new time."""

_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a file said that had that time, size, inode and device; `sure` where no other text can have the same."""

    stamp: _Stamp | None
    sure: bool
    text: str | None


class Contents:
    """The texts below one folder. A file is read again when its modification time, size or inode changed.

    `revision` grows whenever a file that was read before, and is still remembered, turns out to have another text.
    Can be used from several threads.
    """

    def __init__(self, root: Path) -> None:
        self.revision = 0
        self._root = str(root)
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def read(self, path: str, *, again: bool = True) -> str | None:
        """The text of the file `path` (relative, `/`-separated), without a byte order mark.

        None if it does not exist, leads out of the workspace, is no regular file, is over 1 MiB or is not UTF-8.
        Without `again`, what is remembered is good, and not compared with the disk.
        """
        entry = self._recall(path)
        if entry is not None and not again:
            return entry.text
        stamp = self._stamp(path)
        if entry is None or entry.stamp != stamp or not entry.sure:
            sure = stamp is None or abs(time_ns() - stamp[0]) > CLOCK_TICK_NS
            entry = _Entry(stamp, sure, self._load(path) if stamp else None)
            self._remember(path, entry)
        return entry.text

    def last_read(self, path: str) -> str | None:
        """The text that `read` returned last, without a look at the disk; None also where it was never asked."""
        entry = self._entries.get(path)
        return entry.text if entry else None

    def _stamp(self, path: str) -> _Stamp | None:
        try:
            status = os.stat(f"{self._root}/{path}")
        except (OSError, ValueError):
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino, status.st_dev

    def _load(self, path: str) -> str | None:
        place = confined(self._root, path)
        data = read_regular(place, MAX_FILE_BYTES) if place else None
        return decode(data) if data is not None else None

    def _recall(self, path: str) -> _Entry | None:
        with self._lock:
            entry = self._entries.get(path)
            if entry is not None:
                self._entries.move_to_end(path)
            return entry

    def _remember(self, path: str, entry: _Entry) -> None:
        with self._lock:
            old = self._entries.get(path)
            self._entries[path] = entry  # in one step, for `last_read` takes no lock
            self._entries.move_to_end(path)
            self.revision += old is not None and old.text != entry.text
            self._size += _size(entry) - (_size(old) if old else 0)
            while self._size > MAX_REMEMBERED and len(self._entries) > 1:
                self._size -= _size(self._entries.popitem(last=False)[1])


def decode(data: bytes) -> str | None:
    """`data` as UTF-8 text, None if it is binary or in another encoding."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _size(entry: _Entry) -> int:
    return len(entry.text) if entry.text else 0
