"""The paths that a change set may name, and how their directories are reached without leaving the tree."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from agent_server.agents.walk import is_git
from agent_server.execution.state import LOCAL_FOLDER

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class UnsafePathError(ValueError):
    """A path that no change set may name. The message is for the user."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"`{self.path}` is not written: {self.reason}."


def components(path: str) -> tuple[str, ...]:
    """The components of a path relative to the tree's root, in normal form; raises `UnsafePathError` for any other.

    Refused are absolute paths, `..`, NUL, Git's own files under any name that some file system takes for `.git`, and
    our own folder.
    """
    parts = tuple(path.split("/"))
    if path.startswith("/"):
        raise UnsafePathError(path, "it is absolute")
    if "\0" in path or not _is_encodable(path):
        raise UnsafePathError(path, "it is not a valid path")
    if not all(parts) or {".", ".."} & set(parts):
        raise UnsafePathError(path, "it is not in the form that leads straight down from the root")
    if any(never_lands(name, at_root=place == 0) for place, name in enumerate(parts)):
        raise UnsafePathError(path, "it belongs to Git or to Agent Server itself")
    return parts


def never_lands(name: str, *, at_root: bool) -> bool:
    """Whether a component is the name of Git's own files, or at the root of ours: neither mirrored nor landed.

    Besides what `is_git` knows, Windows' file systems count: streams (`.git:x`), and backslashes that part directories.
    """
    if name.isascii() and "git" not in name.lower() and LOCAL_FOLDER not in name.lower():
        return False
    return (at_root and name.casefold() == LOCAL_FOLDER) or any(
        is_git(part.partition(":")[0]) for part in name.split("\\")
    )


@contextmanager
def opened(root: Path) -> Iterator[int]:
    """A descriptor of the directory `root`."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def directory(root: int, parts: Sequence[str], *, create: bool = False) -> Iterator[int]:
    """A descriptor of the directory `parts` below the open directory `root`; `create` makes what is missing.

    No symbolic link is followed, so nobody can lead the walk elsewhere, not even while it goes on. Raises
    `FileNotFoundError`, and `NotADirectoryError` also for a link.
    """
    descriptor = os.dup(root)
    try:
        for name in parts:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=descriptor)
                    _give_to_owner_of_parent(name, descriptor)
            inner = _open_directory(name, descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _open_directory(name: str, parent: int) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent)
    except OSError as error:
        if error.errno == errno.ELOOP:  # what some systems say of a link here
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name) from None
        raise


def _give_to_owner_of_parent(name: str, parent: int) -> None:
    """Root works in somebody's tree: what it makes there belongs to whom the directory belongs to."""
    if os.geteuid() == 0:
        owner = os.fstat(parent)
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=parent, follow_symlinks=False)


def _is_encodable(path: str) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True
