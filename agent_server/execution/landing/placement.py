"""One operation of a landing: put the new file in its place, or take it back. Each can be repeated after a crash.

Every step is one atomic system call whose loser is kept: the file that a new one displaces lands in its slot. So what
was displaced can be looked at *after* the exchange, when nobody can change the path under us any more, and a file that
its user saved in the last microsecond is found, and given back.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from agent_server.execution.changes.changes import ChangeKind, fingerprint
from agent_server.execution.landing.exchange import exchange, move
from agent_server.execution.landing.journal import Operation, Step
from agent_server.execution.paths import components, directory

# Somebody changed the tree between our look and our call.
_MEANWHILE = {errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENOTEMPTY}
_ATTEMPTS = 5


class ConflictError(Exception):
    """What stands at `path` is not what the landing started from."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands at a name."""

    inode: int
    fingerprint: str


class Remedy(Enum):
    """What brings an operation closer to not having happened."""

    NOTHING = auto()
    SWAP = auto()
    RESCUE = auto()


def remedy(operation: Operation, slot: Standing | None, place: Standing | None) -> Remedy:
    """What to do next to revert an operation, by what stands in its slot and in its place. Nothing means it is done.

    Ours is what we staged, same inode and same bytes. All else is the user's, and whoever wrote last keeps the place.
    """
    ours = Standing(operation.inode, operation.new) if operation.inode and operation.new else None
    if slot is None:
        # A create that was applied, if ours is in place. Else never applied, or rescued already.
        created = operation.kind is ChangeKind.CREATE and place is not None and place == ours
        return Remedy.SWAP if created else Remedy.NOTHING
    if slot == ours:
        return Remedy.NOTHING
    if place == ours:
        return Remedy.SWAP
    # The slot holds the user's bytes. They go back where nothing newer stands: nothing at all, or what they replaced.
    if operation.kind is not ChangeKind.MODIFY:
        return Remedy.SWAP if place is None else Remedy.RESCUE
    replaced_base = slot.fingerprint != operation.base and place is not None and place.fingerprint == operation.base
    return Remedy.SWAP if replaced_base else Remedy.RESCUE


class Placement:
    """The tree `root` and the slots of one transaction, both open directories. `rescued` takes what has no place."""

    def __init__(self, root: int, slots: int, rescued: Path, step: Step) -> None:
        self._root = root
        self._slots = slots
        self._rescued = rescued
        self._step = step

    def apply(self, number: int, operation: Operation) -> None:
        """Put the new file in its place. Raises `ConflictError`, then to be reverted; and `OSError`."""
        if not self._is_applied(number, operation):
            with _meanwhile(operation):
                self._put(number, operation)
        self.check(number, operation)

    def check(self, number: int, operation: Operation) -> None:
        """Whether what was displaced is what the landing started from; raises `ConflictError` if not."""
        if operation.base is not None and fingerprint(str(number), dir_fd=self._slots) != operation.base:
            raise ConflictError(operation.path)

    def revert(self, number: int, operation: Operation) -> None:
        """Take the new file back. What the user made of the place meanwhile stays there. Raises `OSError`."""
        for _ in range(_ATTEMPTS):
            slot, place = _standing(str(number), self._slots), self._at_place(operation)
            match remedy(operation, slot, place):
                case Remedy.NOTHING:
                    return
                case Remedy.RESCUE:
                    break
                case Remedy.SWAP:
                    with suppress(ConflictError), _meanwhile(operation):
                        self._swap(number, operation, slot, place)
        self._rescue(number, operation)

    def standing(self, path: str) -> str | None:
        """The fingerprint of what stands at a path of the tree, None also where a directory above it is missing.

        Raises `NotADirectoryError` where something else stands in the place of such a directory.
        """
        *parents, name = components(path)
        try:
            with directory(self._root, parents) as parent:
                return fingerprint(name, dir_fd=parent)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise PermissionError(error.errno, error.strerror, path) from error

    def _is_applied(self, number: int, operation: Operation) -> bool:
        try:
            inode = os.stat(str(number), dir_fd=self._slots, follow_symlinks=False).st_ino
        except FileNotFoundError:
            return operation.kind is not ChangeKind.DELETE
        return operation.kind is ChangeKind.DELETE or inode != operation.inode

    def _put(self, number: int, operation: Operation) -> None:
        *parents, name = components(operation.path)
        with directory(self._root, parents, create=operation.kind is ChangeKind.CREATE) as parent:
            if operation.kind is ChangeKind.CREATE:
                _remove_empty(name, parent)
            if fingerprint(name, dir_fd=parent) != operation.base:
                raise ConflictError(operation.path)
            self._step(operation.kind.value)
            if operation.kind is ChangeKind.MODIFY:
                exchange(str(number), self._slots, name, parent)
            elif operation.kind is ChangeKind.CREATE:
                move(str(number), self._slots, name, parent)
            else:
                move(name, parent, str(number), self._slots)

    def _swap(self, number: int, operation: Operation, slot: Standing | None, place: Standing | None) -> None:
        *parents, name = components(operation.path)
        self._step("swap back")
        with directory(self._root, parents, create=slot is not None) as parent:
            if slot and place:
                exchange(str(number), self._slots, name, parent)
            elif slot:
                move(str(number), self._slots, name, parent)
            else:
                move(name, parent, str(number), self._slots)

    def _at_place(self, operation: Operation) -> Standing | None:
        *parents, name = components(operation.path)
        try:
            with directory(self._root, parents) as parent:
                if operation.kind is ChangeKind.DELETE:
                    _remove_empty(name, parent)  # made for files that are gone again
                return _standing(name, parent)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _rescue(self, number: int, operation: Operation) -> None:
        """Move the bytes in the slot, which are the user's, where the user can find them."""
        self._step("rescue")
        self._rescued.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = operation.path.rpartition("/")[2]
        rescued = os.open(self._rescued, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for attempt in range(1000):
                with suppress(FileExistsError):
                    move(str(number), self._slots, f"{number}-{attempt}-{name}", rescued)
                    break
            os.fsync(rescued)
        finally:
            os.close(rescued)


def _standing(name: str, parent: int) -> Standing | None:
    try:
        inode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_ino
    except FileNotFoundError:
        return None
    found = fingerprint(name, dir_fd=parent)
    return Standing(inode, found) if found is not None else None


def _remove_empty(name: str, parent: int) -> None:
    """If `name` is a directory that holds nothing but such directories, remove it. Nothing that holds a file goes."""
    try:
        if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            return
        with directory(parent, (name,)) as inner:
            for below in os.listdir(inner):  # noqa: PTH208  # of an open directory
                _remove_empty(below, inner)
        os.rmdir(name, dir_fd=parent)
    except OSError as error:
        if error.errno not in _MEANWHILE:
            raise


@contextmanager
def _meanwhile(operation: Operation) -> Iterator[None]:
    """What the system says when the tree changed under us is a conflict; other errors are told with the path."""
    try:
        yield
    except OSError as error:
        if error.errno in _MEANWHILE:
            raise ConflictError(operation.path) from error
        raise OSError(error.errno, error.strerror, operation.path) from error
