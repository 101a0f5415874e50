"""Reading many files of one folder tree without ever following a symlink, however the tree changes meanwhile."""

import os
import stat
import time
from types import TracebackType
from typing import Self

from agent_server.workspace.contents import CLOCK_TICK_NS, MAX_FILE_BYTES, decode
from agent_server.workspace.reading import read_regular

UNSURE = "unsure"
"""The stamp of a file that was written a moment ago: it fits no file, so that the file is read once more."""


class Folders:
    """The folders below `root`, opened one below the other. Paths that come sorted need the fewest openings."""

    def __init__(self, root: str) -> None:
        self._open: list[tuple[str, int]] = [("", os.open(root, _FOLDER & ~os.O_NOFOLLOW))]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close(0)

    def stamp(self, path: str) -> str | None:
        """What changes whenever the file does; None where nothing is at `path`, or a symlink is on the way."""
        folder, _, name = path.rpartition("/")
        try:
            status = os.stat(name, dir_fd=self._enter(folder), follow_symlinks=False)
        except (OSError, ValueError):
            return None
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) < CLOCK_TICK_NS:
            return UNSURE
        return (
            f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {status.st_ino} {stat.S_IFMT(status.st_mode)}"
        )

    def read(self, path: str) -> str | None:
        """The text of the regular file `path`; None for anything else, over 1 MiB, or not UTF-8."""
        folder, _, name = path.rpartition("/")
        try:
            data = read_regular(name, MAX_FILE_BYTES, folder=self._enter(folder))
        except (OSError, ValueError):
            return None
        return decode(data) if data is not None else None

    def _enter(self, folder: str) -> int:
        """The descriptor of `folder`; raises `OSError` where it is none, or a symlink is on the way."""
        depth = len(self._open)
        while not _is_at_or_below(folder, self._open[depth - 1][0]):
            depth -= 1
        self._close(depth)
        at, descriptor = self._open[-1]
        for name in folder[len(at) :].strip("/").split("/") if folder != at else ():
            descriptor = os.open(name, _FOLDER, dir_fd=descriptor)
            at = f"{at}/{name}" if at else name
            self._open.append((at, descriptor))
        return descriptor

    def _close(self, depth: int) -> None:
        while len(self._open) > depth:
            os.close(self._open.pop()[1])


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def _is_at_or_below(folder: str, top: str) -> bool:
    return not top or folder == top or folder.startswith(f"{top}/")
