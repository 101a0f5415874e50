"""A change set: what one agent, or one wave, would change in the workspace, with enough to check it before landing."""

import errno
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import file_digest, sha256
from pathlib import Path

from agent_server.execution.copying import copy_bytes

DIRECTORY = "directory"
"""The fingerprint of a directory, whatever it holds."""

MOST_BYTES = 50_000_000_000
"""How much the files of one change set may hold; holes count. Reading more takes minutes, and nobody could stop it."""

SPECIAL = "special"
"""The fingerprint of a socket, a pipe or a device."""


class ChangeKind(StrEnum):
    """What happens to the path."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"


class FileType(StrEnum):
    """What stands at the path afterwards (for a delete: what stood there)."""

    FILE = "file"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"


@dataclass(frozen=True, slots=True)
class Change:
    """One path of a change set, relative to the workspace root.

    `base` is the fingerprint (`fingerprint` in this module) of what the agent started from, None where nothing was
    there. `new` is the fingerprint afterwards, None for a delete. `content` is a file that holds the new bytes (for a
    symlink: its target, UTF-8 with surrogate escapes); None for a delete. `before` holds the base's bytes in the same
    way; None for a create, and where they were not kept.
    """

    path: str
    kind: ChangeKind
    type: FileType
    base: str | None
    new: str | None
    content: Path | None
    before: Path | None = None


def fingerprint(path: str | Path, *, dir_fd: int | None = None) -> str | None:
    """What stands at `path`, as a file type and a SHA-256, such as `executable-9f86…`; None where nothing stands.

    Two files with one fingerprint are the same to a landing: bytes, and whether the owner may execute them. A final
    symbolic link is not followed; its target is what is hashed. Raises `OSError`.
    """
    try:
        found = os.stat(path, dir_fd=dir_fd, follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            return _joined(FileType.SYMLINK, sha256(os.fsencode(os.readlink(path, dir_fd=dir_fd))).hexdigest())
        if stat.S_ISREG(found.st_mode):
            return _fingerprint_of_file(path, dir_fd)
    except FileNotFoundError:
        return None
    return DIRECTORY if stat.S_ISDIR(found.st_mode) else SPECIAL


def type_of(fingerprint: str) -> FileType:
    """The file type that a fingerprint names; raises `ValueError` for that of a directory or a special file."""
    return FileType(fingerprint.partition("-")[0])


def content_of(change: Change) -> bytes:
    """The bytes that the path holds afterwards; a symlink's target; nothing for a delete. Raises `OSError`."""
    return change.content.read_bytes() if change.content else b""


def content_before(change: Change) -> bytes:
    """The bytes that the path held before, as `content_of`; nothing for a create. Raises `OSError`."""
    return change.before.read_bytes() if change.before else b""


def change_set(
    base: Path, after: Mapping[str, Path | None], store: Path, over: Sequence[Change] = ()
) -> tuple[Change, ...]:
    """The changes between `base`, with the changes `over` applied to it, and the files of `after`, sorted by path.

    `after` maps each path that may differ from `base` to where it stands now, None where nothing stands any more.
    Contents are copied into `store`, the new ones and those of before, each under its fingerprint: the base is a mirror
    that moves on. Raises `OSError`, also (EFBIG) where the files hold more than `MOST_BYTES`.
    """
    _expect_readable(place for place in after.values() if place is not None)
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = {change.path: change for change in over}
    # What was changed beforehand and does not differ from the base now has been changed back.
    now = {**{path: base / path for path in known}, **after}
    found = (_change(base, path, place, store, known.get(path)) for path, place in sorted(now.items()))
    return tuple(change for change in found if change is not None)


def _expect_readable(places: Iterable[Path]) -> None:
    total = 0
    for place in places:
        total += place.lstat().st_size
        if total > MOST_BYTES:
            raise OSError(errno.EFBIG, f"all files together hold more than {MOST_BYTES / 1e9:.0f} GB", place.name)


def _change(base: Path, path: str, now: Path | None, store: Path, over: Change | None) -> Change | None:
    before = over.new if over is not None else _file_fingerprint(base / path)
    new = _file_fingerprint(now) if now is not None else None
    if before == new:
        return None
    old = _kept(before, over.content if over is not None else base / path, store)
    if now is not None and new is not None:
        content, new = _stored(now, new, store)
        kind = ChangeKind.CREATE if before is None else ChangeKind.MODIFY
        return Change(path, kind, type_of(new), before, new, content, old)
    return Change(path, ChangeKind.DELETE, type_of(before), before, None, None, old) if before is not None else None


def _kept(before: str | None, place: Path | None, store: Path) -> Path | None:
    """A copy in `store` of what was there before, whose fingerprint is known: it stands still at `place`."""
    if before is None or place is None:
        return None
    kept = store / before
    if not kept.exists():
        partial = store / "partial"
        if type_of(before) is FileType.SYMLINK and place.is_symlink():
            partial.write_bytes(os.fsencode(place.readlink()))
        else:
            copy_bytes(place, partial)
        partial.rename(kept)
    return kept


def _stored(path: Path, new: str, store: Path) -> tuple[Path, str]:
    """A copy of the file in `store`, and the fingerprint of what was really copied.

    What is there already stays: file systems wait for the disk where a new file takes an old one's place.
    """
    kept = store / new
    if kept.exists():
        return kept, new
    partial = store / "partial"
    if type_of(new) is FileType.SYMLINK:
        partial.write_bytes(os.fsencode(path.readlink()))
        return partial.rename(kept), new
    copy_bytes(path, partial)
    new = _joined(type_of(new), _digest(partial))
    kept = store / new
    return kept if kept.exists() else partial.rename(kept), new


def _file_fingerprint(path: Path) -> str | None:
    """As `fingerprint`, and None for what no change set names: directories and special files."""
    try:
        found = fingerprint(path)
    except NotADirectoryError:
        return None
    return None if found in {DIRECTORY, SPECIAL} else found


def _fingerprint_of_file(path: str | Path, dir_fd: int | None) -> str | None:
    # O_NONBLOCK: should a pipe have taken the file's place, opening it must not wait for a writer.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, dir_fd=dir_fd), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            return SPECIAL
        kind = FileType.EXECUTABLE if mode & stat.S_IXUSR else FileType.FILE
        return _joined(kind, file_digest(file, "sha256").hexdigest())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _joined(kind: FileType, digest: str) -> str:
    return f"{kind.value}-{digest}"
