"""What an agent can do to the files of its tree: read, write, edit, delete, list and search."""

import os
import re
import secrets
import stat
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from agent_server.agents.confinement import Confinement, FileError, Refused, told
from agent_server.agents.search import Line, search
from agent_server.agents.walk import walk
from agent_server.analysis.globs.path_sets import PathSet

MAX_BYTES = 4_000_000
"""The largest file that is read, written or searched, in bytes."""

MAX_ENTRIES = 1_000
"""The most entries that one listing shows."""

MAX_SEARCHED_BYTES = 32_000_000
"""The most text that one search goes through, in bytes."""

_MARKS = {stat.S_IFDIR: "/", stat.S_IFLNK: "@"}


@dataclass(frozen=True, slots=True)
class Entries:
    """What a directory holds: paths relative to the root, marked `/` for a directory and `@` for a symbolic link.

    `cut`: there is more.
    """

    paths: tuple[str, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The lines that a search found. `cut`: there is more than the caps let through."""

    lines: tuple[Line, ...]
    cut: bool


class ConfinedFiles:
    """The files below `root`, of which those in `writes` may be changed. `confinement.py` has the rules.

    Methods raise `Refused` or `FileError`, whose texts never tell where the tree lies on this machine. They block:
    call them in a thread.
    """

    def __init__(
        self, root: Path, writes: PathSet, *, visible_root: str | None = None, folds_case: bool | None = None
    ) -> None:
        """As `Confinement`."""
        self._tree = Confinement(root, writes, visible_root=visible_root, folds_case=folds_case)

    def shown(self, written: str) -> str:
        """`written` as the user knows it: relative to the root where it lies below it, else unchanged."""
        try:
            return "/".join(self._tree.normal(written)) or "."
        except Refused:
            return written

    def read(self, written: str) -> str:
        """The text of a file, line ends as they are."""
        parts = self._tree.readable(written)
        with told("/".join(parts)):
            return _as_text(self._bytes(parts))

    def write(self, written: str, text: str) -> bool:
        """Make the file hold `text`, with its directories where they are missing. Whether it is a new file."""
        parts = self._tree.writable(written)
        with told("/".join(parts)), self._tree.directory(parts[:-1], create=True) as directory:
            return _replace(directory, parts[-1], _as_bytes(text))

    def put(self, written: str, data: bytes, *, executable: bool) -> None:
        """Make a file of those bytes stand there, whatever file or link stood there before."""
        parts = self._tree.writable(written, final_link=True)
        with told("/".join(parts)), self._tree.directory(parts[:-1], create=True) as directory:
            _clear_directory(directory, parts[-1])
            _replace(directory, parts[-1], _capped(data), 0o755 if executable else 0o644)

    def link(self, written: str, target: str) -> None:
        """Make a symbolic link stand there, whatever file or link stood there before. It may lead anywhere."""
        parts = self._tree.writable(written, final_link=True)
        passing = f".agent-{secrets.token_hex(8)}"
        with told("/".join(parts)), self._tree.directory(parts[:-1], create=True) as directory:
            _clear_directory(directory, parts[-1])
            os.symlink(target, passing, dir_fd=directory)
            os.rename(passing, parts[-1], src_dir_fd=directory, dst_dir_fd=directory)

    def edit(self, written: str, old: str, new: str) -> None:
        """Replace `old`, which must occur exactly once, by `new`. In a file of CRLF lines, LF stands for them."""
        parts = self._tree.writable(written)
        with told("/".join(parts)):
            text = _as_text(self._bytes(parts))
            changed = _replaced_once(text, old, new)
            with self._tree.directory(parts[:-1]) as directory:
                _replace(directory, parts[-1], _as_bytes(changed))

    def delete(self, written: str) -> None:
        """Delete a file, or a symbolic link itself."""
        parts = self._tree.writable(written, final_link=True)
        with told("/".join(parts)), self._tree.directory(parts[:-1]) as directory:
            os.unlink(parts[-1], dir_fd=directory)

    def entries(self, written: str = ".", depth: int = 1) -> Entries:
        """What lies in a directory, `depth` levels deep, sorted. Git's own directory is left out."""
        parts = self._tree.readable(written)
        found: list[str] = []
        with (
            told("/".join(parts) or "."),
            self._tree.directory(parts) as directory,
            closing(walk(directory, "/".join(parts), depth)) as entries,
        ):
            found += [f"{path}{_MARKS.get(kind, '')}" for path, kind in islice(entries, MAX_ENTRIES + 1)]
        return Entries(tuple(found[:MAX_ENTRIES]), cut=len(found) > MAX_ENTRIES)

    def search(self, pattern: str, written: str = ".") -> Found:
        """The lines of a file, or of the text files below a directory, in which the regular expression occurs."""
        parts = self._tree.readable(written)
        with told("/".join(parts) or "."):
            texts, cut = self._texts(parts)
            try:
                lines, more = search(pattern, texts)
            except ValueError as error:
                raise FileError(str(error)) from None
        return Found(lines, cut=cut or more)

    def _bytes(self, parts: tuple[str, ...]) -> bytes:
        path = "/".join(parts)
        kind = self._tree.kind(parts)
        if kind == stat.S_IFDIR:
            raise FileError(f"`{path or '.'}` is a directory; use `list`")
        if kind not in {None, stat.S_IFREG}:
            raise Refused(path, "it is not an ordinary file")
        with self._tree.directory(parts[:-1]) as directory:
            return _read(directory, parts[-1])

    def _texts(self, parts: tuple[str, ...]) -> tuple[list[tuple[str, str]], bool]:
        """The text files at or below a path, up to the cap, and whether there were more."""
        if self._tree.kind(parts) != stat.S_IFDIR:
            return [("/".join(parts), _as_text(self._bytes(parts)))], False
        texts: list[tuple[str, str]] = []
        left = MAX_SEARCHED_BYTES
        with self._tree.directory(parts) as directory, closing(walk(directory, "/".join(parts))) as entries:
            for path, kind in entries:
                if kind != stat.S_IFREG:
                    continue
                # A file that is no text, is too large, or went away meanwhile is nothing to search.
                with suppress(FileError, Refused, OSError):
                    text = self._bytes(tuple(path.split("/")))
                    left -= len(text)
                    if left < 0:
                        return texts, True
                    texts.append((path, _as_text(text)))
        return texts, False


def _read(directory: int, name: str) -> bytes:
    # A pipe that took the file's place meanwhile must not make the open wait.
    with os.fdopen(
        os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory), "rb"
    ) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise FileError(f"`{name}` is larger than {MAX_BYTES:,} bytes")
    return data


def _clear_directory(directory: int, name: str) -> None:
    """Make room for a file where a directory without files is left."""
    with suppress(OSError):
        os.rmdir(name, dir_fd=directory)


def _replace(directory: int, name: str, data: bytes, mode: int | None = None) -> bool:
    """Put `data` at `name` by a rename, so that a hard link elsewhere keeps what it has. Whether the file is new.

    It keeps the mode that the file has there, unless it is given one.
    """
    try:
        before = stat.S_IMODE(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        before = None
    mode = before if mode is None else mode
    passing = f".agent-{secrets.token_hex(8)}"
    descriptor = os.open(
        passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=directory
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
        os.rename(passing, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        os.unlink(passing, dir_fd=directory)
        raise
    return before is None


def _replaced_once(text: str, old: str, new: str) -> str:
    if not old:
        raise FileError("The text to replace is empty; to fill a file, use `write`")
    if "\r\n" in text and "\r" not in old:
        old, new = old.replace("\n", "\r\n"), re.sub("\r?\n", "\r\n", new)
    count = text.count(old)
    if count == 0:
        raise FileError("The text to replace does not occur in the file; read it, and copy the text exactly")
    if count > 1:
        raise FileError(f"The text to replace occurs {count} times; give more of what surrounds it")
    return text.replace(old, new)


def _as_text(data: bytes) -> str:
    try:
        if b"\0" not in data:
            return data.decode()
    except UnicodeDecodeError:
        pass
    raise FileError("The file is not UTF-8 text")


def _as_bytes(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise FileError("The text holds half of a surrogate pair, which UTF-8 cannot store") from None
    return _capped(data)


def _capped(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise FileError(f"The text is larger than {MAX_BYTES:,} bytes")
    return data
