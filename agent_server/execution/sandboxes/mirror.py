"""The mirror: the frozen base of a run, a copy of the workspace that nobody edits while agents work over it.

An overlay must not lie over the live tree: agents would see some of the user's edits and not others. So the workspace
is copied once, and brought up to date before each run by copying what changed since. Tracked, modified, untracked and
ignored files are all there, with their modes and times, so that builds find their caches warm. Symbolic links stay
links. Sockets, pipes and devices are left out, and so is every `.git`: nothing in a sandbox can then harm a repository,
and tools that ask Git for a version inside a sandbox find none.
"""

# ruff: noqa: PTH101, PTH102, PTH108, PTH115, PTH211
# These loops go over every file of the workspace, where `Path` objects cost more than the copying.

import errno
import json
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.execution import file_lock
from agent_server.execution.paths import never_lands
from agent_server.execution.sandboxes.copying import copy_bytes, remove_tree
from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.execution.state import STATE_VARIABLE, StateDirectory

Progress = Callable[[int, int], None]
"""Told how many files of how many have been copied. Called in the thread that copies."""

_ATTEMPTS = 5
# Two writes within one tick of the file system's clock leave the same times. A file that changed this short a time
# before it was copied is copied again at the next synchronisation. Ticks in use are 10 ms at most.
_TICK_NS = 100_000_000
_FULL = {errno.ENOSPC, errno.EDQUOT}


class MirrorError(SandboxError):
    """The workspace cannot be copied. The message is for the user."""


class MirrorCancelledError(Exception):
    """The synchronisation was called off. The mirror may be half up to date; the next one mends that."""


@contextmanager
def held(state: StateDirectory) -> Iterator[None]:
    """Keep the mirror for one run: nobody else may change it, or lay sandboxes over it, until this ends.

    Raises `MirrorError` where somebody, in this process or another, holds it already.
    """
    try:
        descriptor = file_lock.take(state.root / "mirror.lock")
    except file_lock.LockedError as error:
        raise MirrorError(
            f"The copy of the workspace is in use by a run of process {error.pid or 'unknown'}. Wait for that run, or "
            "cancel it."
        ) from None
    try:
        yield
    finally:
        file_lock.give_back(descriptor)


def synchronise(state: StateDirectory, progress: Progress | None, cancelled: threading.Event) -> int:
    """Bring `state.mirror` up to date with the workspace; the number of files copied. The mirror must be `held`.

    A file counts as unchanged while size, mode, times and inode are what they were when it was copied. One that changes
    while it is copied is copied again; after five attempts (a log that never rests) the last copy stands until the next
    synchronisation. Raises `MirrorError`, and `MirrorCancelledError` soon after `cancelled` is set.
    """
    manifest = state.root / "mirror.json"
    try:
        state.workspace.stat()  # an error, should it be gone: that is no empty workspace
        work = _Synchronisation(
            str(state.workspace), str(state.mirror), _identity(state.root.lstat()), _loaded(manifest), cancelled
        )
        work.compare("")
        work.copy(progress)
        work.settle_directories()
        partial = manifest.with_suffix(".partial")
        partial.write_text(json.dumps(work.copied), encoding="ascii")
        partial.replace(manifest)
    except OSError as error:
        raise MirrorError(_message(error, state)) from error
    return len(work.pending)


_Manifest = dict[str, list[int]]
# For each file: inode and ctime, in nanoseconds, that the original had when it was copied.


@dataclass(slots=True)
class _Synchronisation:
    workspace: str
    mirror: str
    state: tuple[int, int]  # the state directory itself may lie in the workspace
    before: _Manifest
    cancelled: threading.Event
    copied: _Manifest = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    directories: list[tuple[str, os.stat_result]] = field(default_factory=list)

    def compare(self, path: str) -> None:
        """Make the directories those of the workspace, note the files to copy, and remove what is gone."""
        self._go_on()
        mirrored = _listed(f"{self.mirror}/{path}")
        for name, found in _listed(f"{self.workspace}/{path}").items():
            if never_lands(name, at_root=not path) or not _is_mirrored(found) or _identity(found) == self.state:
                continue
            inner = f"{path}/{name}" if path else name
            there = mirrored.pop(name, None)
            if there and stat.S_IFMT(there.st_mode) != stat.S_IFMT(found.st_mode):
                _remove(f"{self.mirror}/{inner}", there)
                there = None
            if stat.S_ISDIR(found.st_mode):
                self._compare_directory(inner, found, there)
            elif there and self._is_current(inner, found, there):
                self.copied[inner] = self.before[inner]
            else:
                self.pending.append(inner)
        for name, gone in mirrored.items():
            _remove(f"{self.mirror}/{path}/{name}", gone)

    def copy(self, progress: Progress | None) -> None:
        """Copy the files that were noted."""
        for done, path in enumerate(self.pending):
            self._go_on()
            if progress and done % 100 == 0:
                progress(done, len(self.pending))
            self._copy_until_stable(path)
        if progress:
            progress(len(self.pending), len(self.pending))

    def settle_directories(self) -> None:
        """Give each directory its time, which copying into it has changed."""
        for path, found in self.directories:
            copy = f"{self.mirror}/{path}"
            if os.lstat(copy).st_mtime_ns != found.st_mtime_ns:
                os.utime(copy, ns=(found.st_atime_ns, found.st_mtime_ns))

    def _compare_directory(self, path: str, found: os.stat_result, there: os.stat_result | None) -> None:
        copy = f"{self.mirror}/{path}"
        mode = found.st_mode & 0o777 | stat.S_IRWXU
        if there is None:
            os.mkdir(copy)
        if there is None or there.st_mode & 0o7777 != mode:
            os.chmod(copy, mode)
        self.directories.append((path, found))
        self.compare(path)

    def _is_current(self, path: str, found: os.stat_result, there: os.stat_result) -> bool:
        same = (found.st_size, found.st_mtime_ns, found.st_mode & 0o777) == (
            there.st_size,
            there.st_mtime_ns,
            there.st_mode & 0o777,
        )
        return same and self.before.get(path) == _stamp(found)

    def _copy_until_stable(self, path: str) -> None:
        source, target = f"{self.workspace}/{path}", f"{self.mirror}/{path}"
        for _ in range(_ATTEMPTS):
            try:
                found = _copied(source, target)
                after = os.lstat(source)
            except FileNotFoundError:
                with suppress(FileNotFoundError):
                    os.unlink(target)
                return
            if found and (*_stamp(found), found.st_size) == (*_stamp(after), after.st_size):
                if time.time_ns() - found.st_ctime_ns > _TICK_NS:
                    self.copied[path] = _stamp(found)
                return

    def _go_on(self) -> None:
        if self.cancelled.is_set():
            raise MirrorCancelledError


def _copied(source: str, target: str) -> os.stat_result | None:
    """Copy a file or a link with its mode and times; what it was then, or None if it has become something else."""
    found = os.lstat(source)
    if stat.S_ISLNK(found.st_mode):
        with suppress(FileNotFoundError):
            os.unlink(target)
        os.symlink(os.readlink(source), target)
    elif stat.S_ISREG(found.st_mode):
        try:
            found = copy_bytes(source, target)
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EINVAL}:
                return None
            raise
        os.chmod(target, found.st_mode & 0o777)
    else:
        return None
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns), follow_symlinks=False)
    return found


def _listed(folder: str) -> dict[str, os.stat_result]:
    """What lies in a directory; nothing where it went away meanwhile."""
    found = {}
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as scan:
        for entry in scan:
            with suppress(FileNotFoundError):
                found[entry.name] = entry.stat(follow_symlinks=False)
    return found


def _is_mirrored(found: os.stat_result) -> bool:
    return stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)


def _remove(path: str, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        remove_tree(Path(path))
    else:
        os.unlink(path)


def _stamp(found: os.stat_result) -> list[int]:
    return [found.st_ino, found.st_ctime_ns]


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _loaded(manifest: Path) -> _Manifest:
    """The manifest of the last synchronisation; an empty one, so that all is copied, where it cannot be read."""
    try:
        loaded = json.loads(manifest.read_text("ascii"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _message(error: OSError, state: StateDirectory) -> str:
    if error.errno in _FULL:
        return (
            f"The disk is full: there is no room for the copy of the workspace in `{state.mirror}`. Free some space, "
            f"or set `{STATE_VARIABLE}` to a directory on a larger disk."
        )
    where = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(state.workspace)
    if isinstance(error, PermissionError):
        return f"`{where}` may not be read or written, so the workspace cannot be copied. Change its permissions."
    return f"The workspace cannot be copied: `{where}`: {error.strerror}."
