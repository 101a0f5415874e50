"""Copying files inside the kernel, sharing their blocks where the file system can, and removing whole trees."""

# ruff: noqa: PTH101, PTH102, PTH108, PTH115, PTH116, PTH208, PTH211
# Called for every file of the workspace, where `Path` objects cost more than the copying.

import errno
import os
import secrets
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

_UNSUPPORTED = {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTTY, errno.EPERM}
_CHUNK = 1 << 30
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_LEVELS_AT_A_TIME = 64


def copy_bytes(source: str | Path, target: str | Path, *, mode: int = 0o600) -> os.stat_result:
    """Copy the bytes of an ordinary file into a new file at `target`, replacing what is there.

    `mode` is the new file's, the umask applying. Returns what the source was when copying began. A symbolic link at
    either end is not followed. Raises `OSError`, also (EINVAL) where `source` is not an ordinary file.
    """
    with suppress(FileNotFoundError):
        os.unlink(target)
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(reading)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not an ordinary file", os.fspath(source))
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            copy_open(reading, writing)
        finally:
            os.close(writing)
    finally:
        os.close(reading)
    return found


def copy_open(reading: int, writing: int) -> None:
    """Copy all bytes between two open files, the second of which is empty. Holes stay holes. Raises `OSError`."""
    size = os.fstat(reading).st_size
    try:
        for begin, end in _parts_with_data(reading, size):
            os.lseek(reading, begin, os.SEEK_SET)
            os.lseek(writing, begin, os.SEEK_SET)
            left = end - begin
            while left and (copied := os.copy_file_range(reading, writing, min(left, _CHUNK))):
                left -= copied
        if size > os.fstat(writing).st_size:  # it ends with a hole
            os.ftruncate(writing, size)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in _UNSUPPORTED:
            raise
        # Not on this platform, or not on this file system.
        os.lseek(reading, 0, os.SEEK_SET)
        os.lseek(writing, 0, os.SEEK_SET)
        with os.fdopen(os.dup(reading), "rb") as source, os.fdopen(os.dup(writing), "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)


def _parts_with_data(file: int, size: int) -> Iterator[tuple[int, int]]:
    """Where an open file holds data, and not a hole: from which byte up to which."""
    end = 0
    while end < size:
        try:
            begin = os.lseek(file, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # from here on there are only holes
                return
            raise
        end = os.lseek(file, begin, os.SEEK_HOLE)
        yield begin, end


def copy_tree(source: str, target: str, cancelled: threading.Event, *, without_content: bool = False) -> None:
    """Copy a directory of directories, files and links, with modes and times, until `cancelled` is set.

    `without_content` is for a target in which all files and links stand already: it is given the directories that are
    missing, and the modes and times. Raises `OSError`.
    """
    with suppress(FileExistsError) if without_content else nullcontext():
        os.mkdir(target)
    with os.scandir(source) as scan:
        for entry in scan:
            if cancelled.is_set():
                return  # nobody will look at what there is
            path = f"{target}/{entry.name}"
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                copy_tree(entry.path, path, cancelled, without_content=without_content)
                continue
            if stat.S_ISLNK(found.st_mode):
                if not without_content:
                    os.symlink(os.readlink(entry.path), path)
            else:
                if not without_content:
                    copy_bytes(entry.path, path)
                os.chmod(path, found.st_mode & 0o777)
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns), follow_symlinks=False)
    found = os.stat(source)
    os.chmod(target, found.st_mode & 0o777)
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))


def remove_tree(folder: Path, before_each: Callable[[], None] = lambda: None) -> None:
    """Remove a folder and all below it, however deep, also directories that their owner may not enter.

    Nothing there is fine. No link is followed. `before_each` is called before each file; what it raises ends this.
    Raises `OSError` where something stays.
    """
    with suppress(FileNotFoundError):
        parent = os.open(folder.parent, _DIRECTORY)
        try:
            _Removal(parent, folder.name, before_each).all()
        finally:
            os.close(parent)


class _Removal:
    """The removal of one folder. What lies deeper than descriptors and Python's stack reach is moved up first."""

    def __init__(self, parent: int, name: str, before_each: Callable[[], None]) -> None:
        self._parent = parent
        self._name = name
        self._before_each = before_each
        self._moved_up: list[str] = []

    def all(self) -> None:
        with _entered(self._name, self._parent) as top:
            names = os.listdir(top)
            while names:
                self._remove(names.pop(), top, top, 1)
                names += self._moved_up
                self._moved_up = []
        os.rmdir(self._name, dir_fd=self._parent)

    def _remove(self, name: str, parent: int, top: int, depth: int) -> None:
        with suppress(FileNotFoundError):  # a process that is just dying may remove its own
            if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
                self._before_each()
                os.unlink(name, dir_fd=parent)
            elif depth < _LEVELS_AT_A_TIME:
                with _entered(name, parent) as inner:
                    for below in os.listdir(inner):
                        self._remove(below, inner, top, depth + 1)
                os.rmdir(name, dir_fd=parent)
            else:
                with _entered(name, parent):  # by which it may be moved
                    pass
                free = f"deep-{secrets.token_hex(8)}"
                os.rename(name, free, src_dir_fd=parent, dst_dir_fd=top)
                self._moved_up.append(free)


@contextmanager
def _entered(name: str, parent: int) -> Iterator[int]:
    """A descriptor of a directory, in which its owner may do anything from now on."""
    try:
        descriptor = os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    except PermissionError:
        # An overlay's work directory has mode 000, and an agent may take away what modes it likes.
        if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise
        os.chmod(name, stat.S_IRWXU, dir_fd=parent)
        descriptor = os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    try:
        if os.fstat(descriptor).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.fchmod(descriptor, stat.S_IRWXU)
        yield descriptor
    finally:
        os.close(descriptor)
