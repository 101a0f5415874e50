"""The tree that an agent may touch, and nothing else of the machine.

A path comes from a model, a tree perhaps from a stranger. So no path is handed to the kernel whole: it is brought to
its normal form, then walked one component at a time from a descriptor of the root, with `O_NOFOLLOW` at every step.
Symbolic links are resolved here, by hand, for reading only, and only as long as they stay below the root. This also
holds where the root is reached through a process's own root directory, in `/proc`: an absolute link in the tree means
the agent's own file system, which the kernel would not know.

What holds an agent to its files in the end is the sandbox's change list. This module refuses early, so that the agent
hears of it, and so that the run can report what was tried.
"""

import errno
import os
import posixpath
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

from agent_server.agents.walk import is_git
from agent_server.analysis.globs.path_sets import PathSet

MOST_LEVELS = 200
"""How deep a path may lead. What is made by a loop has thousands of levels, and no path that the system takes."""

_MAX_LINKS = 40  # as Linux does
_PROCESS_ROOT = re.compile(r"/proc/(?:\d+|self(?:/fd/\d+)?)/root(?=/)")


class Refused(Exception):
    """The agent may not do this. `path` is relative to the root where it lies below it, else as the agent wrote it."""

    def __init__(self, path: str, reason: str) -> None:
        """`reason` is a clause without a final period that can follow a colon."""
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


class _LeavesError(Exception):
    """A symbolic link leaves the tree."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.target = target


class FileError(Exception):
    """The agent may do this, but it cannot be done: the file is missing, is no text, the disk is full, ..."""


class Missing(FileError):
    """There is no such file."""


class Confinement:
    """The tree below `root`, of which the paths in `writes` may be changed.

    `visible_root` is the absolute path at which the agent itself sees the root; absolute paths below it are taken. It
    is `root` unless that goes through a process's own root directory. `folds_case` says whether names that differ in
    case only are one file; it is asked of the file system when not given.

    Paths are answered as their components below the root.
    """

    def __init__(
        self, root: Path, writes: PathSet, *, visible_root: str | None = None, folds_case: bool | None = None
    ) -> None:
        """See the class."""
        self._root = root
        self._writes = writes
        self._visible_root = posixpath.normpath(visible_root or _PROCESS_ROOT.sub("", str(root), count=1))
        self._folds_case_known = folds_case

    def normal(self, written: str) -> tuple[str, ...]:
        """The components of `written` below the root, without `.` and `..`."""
        if "\0" in written or not _is_encodable(written):
            raise Refused(written, "it is not a valid path")
        if written.startswith("~"):
            raise Refused(written, "`~` is not expanded; write paths relative to the workspace root")
        parts: list[str] = []
        for part in self._relative(written).split("/"):
            if part == "..":
                if not parts:
                    raise Refused(written, "it lies outside the workspace")
                parts.pop()
            elif part not in {"", "."}:
                parts.append(part)
        if len(parts) > MOST_LEVELS:
            raise Refused(written, f"it leads more than {MOST_LEVELS} folders deep")
        return tuple(parts)

    def _relative(self, written: str) -> str:
        if not written.startswith("/"):
            return written
        absolute = f"/{posixpath.normpath(written).lstrip('/')}"
        if absolute == self._visible_root:
            return "."
        prefix = f"{self._visible_root.rstrip('/')}/"
        if not absolute.startswith(prefix):
            raise Refused(written, "it lies outside the workspace")
        return absolute.removeprefix(prefix)

    def readable(self, written: str) -> tuple[str, ...]:
        """Where `written` really lies, symbolic links resolved."""
        asked = self.normal(written)
        path = "/".join(asked) or "."
        with told(path):
            try:
                parts = self._resolved(asked, path)
            except _LeavesError:
                raise Refused(path, "it is a symbolic link that leaves the workspace") from None
        if any(map(is_git, (*asked, *parts))):
            raise Refused(path, "Git's own files are out of reach")
        return parts

    def writable(self, written: str, *, final_link: bool = False) -> tuple[str, ...]:
        """The components of a path that may be written; `final_link`: it may itself be a symbolic link."""
        parts = self.normal(written)
        if any(map(is_git, parts)):
            raise Refused("/".join(parts), "Git's own files are out of reach")
        if self._folds_case:
            parts = self._as_stored(parts)
        path = "/".join(parts)
        if not parts:
            raise Refused(".", "it is a directory")
        if not self._writes.matches(path):
            raise Refused(path, "it is not one of the files that this task may write")
        with told(path):
            kinds = self._kinds(parts)
            if stat.S_IFLNK in (kinds[:-1] if final_link and len(kinds) == len(parts) else kinds):
                raise Refused(self._lead(parts, path), "nothing is written through a symbolic link")
            if len(kinds) == len(parts) and kinds[-1] == stat.S_IFDIR:
                raise Refused(path, "it is a directory")
            if len(kinds) == len(parts) and kinds[-1] not in {stat.S_IFREG, stat.S_IFLNK}:
                raise Refused(path, "it is not an ordinary file")
        return parts

    def _resolved(self, asked: tuple[str, ...], path: str) -> tuple[str, ...]:
        pending = list(reversed(asked))
        parts: list[str] = []
        target = ""
        links = 0
        while pending:
            name = pending.pop()
            if name == "..":
                if not parts:
                    raise _LeavesError(target)
                parts.pop()
            elif (link := self._link(parts, name)) is None:
                parts.append(name)
            else:
                links += 1
                if links > _MAX_LINKS:
                    raise FileError(f"`{path}` is a symbolic link that leads round in a circle")
                target = link
                if target.startswith("/"):
                    parts, link = [], self._link_below_root(target)
                pending += reversed([part for part in link.split("/") if part not in {"", "."}])
        return tuple(parts)

    def _link_below_root(self, target: str) -> str:
        prefix = f"{self._visible_root.rstrip('/')}/"
        if not f"{target}/".startswith(prefix):
            raise _LeavesError(target)
        return f"{target}/".removeprefix(prefix)

    def _lead(self, parts: tuple[str, ...], path: str) -> str:
        """Where symbolic links lead: relative to the root, or as the link says where it leaves the root."""
        try:
            return "/".join(self._resolved(parts, path))
        except _LeavesError as error:
            return error.target
        except FileError:
            return path

    @contextmanager
    def directory(self, parts: tuple[str, ...] | list[str], *, create: bool = False) -> Iterator[int]:
        """A descriptor of a directory below the root, reached without following any link."""
        descriptor = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in parts:
                if create:
                    with suppress(FileExistsError):
                        os.mkdir(name, dir_fd=descriptor)
                inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def kind(self, parts: tuple[str, ...]) -> int | None:
        """The file type bits of what stands there, not following a final link; None where nothing stands."""
        if not parts:
            return stat.S_IFDIR
        try:
            with self.directory(parts[:-1]) as directory:
                return stat.S_IFMT(os.stat(parts[-1], dir_fd=directory, follow_symlinks=False).st_mode)
        except FileNotFoundError:
            return None

    def _kinds(self, parts: tuple[str, ...]) -> list[int]:
        """The file type bits of the path's components, up to the first that is a link or is missing."""
        kinds: list[int] = []
        for end in range(1, len(parts) + 1):
            kind = self.kind(parts[:end])
            if kind is None:
                break
            kinds.append(kind)
            if kind == stat.S_IFLNK:
                break
        return kinds

    def _link(self, parts: list[str], name: str) -> str | None:
        """The target of the symbolic link `name` in the directory `parts`; None where it is none."""
        if self.kind((*parts, name)) != stat.S_IFLNK:
            return None
        with self.directory(parts) as directory:
            return os.readlink(name, dir_fd=directory)

    @cached_property
    def _folds_case(self) -> bool:
        return _folds_case(self._root) if self._folds_case_known is None else self._folds_case_known

    def _as_stored(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The path in the case in which it is stored, as far as it exists."""
        stored: list[str] = []
        for name in parts:
            with suppress(OSError), self.directory(stored) as directory:
                stored.append(_as_listed(directory, name))
                continue
            stored.append(name)
        return tuple(stored)


@contextmanager
def told(path: str) -> Iterator[None]:
    """Translate the system's errors, whose own texts may name a path of this machine."""
    try:
        yield
    except FileNotFoundError:
        raise Missing(f"`{path}` does not exist") from None
    except NotADirectoryError:
        raise FileError(f"A part of `{path}` is not a directory") from None
    except OSError as error:
        raise FileError(f"`{path}`: {os.strerror(error.errno or errno.EIO)}") from None


def _is_encodable(path: str) -> bool:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _as_listed(directory: int, name: str) -> str:
    with os.scandir(directory) as scan:
        return next((entry.name for entry in scan if _folded(entry.name) == _folded(name)), name)


def _folds_case(root: Path) -> bool:
    """Whether an entry of `root` is also found in the other case."""
    with suppress(OSError), os.scandir(root) as scan:
        for name in (entry.name for entry in scan):
            if (other := name.swapcase()) != name:
                with suppress(FileNotFoundError):
                    return os.path.samestat((root / name).lstat(), (root / other).lstat())
                return False
    return False
