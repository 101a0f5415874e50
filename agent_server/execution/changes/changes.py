"""A change set: what one agent, or one wave, would change in the workspace, with enough to check it before landing."""

# ruff: noqa: PTH104, PTH110, PTH115, PTH118, PTH123
# Called for every file that agents touched, where `Path` objects cost more than the reading.

import errno
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import file_digest, sha256
from pathlib import Path

from agent_server.execution.sandboxes.copying import copy_bytes

DIRECTORY = "directory"
"""The fingerprint of a directory, whatever it holds."""

MOST_BYTES = 50_000_000_000
"""How much the files of one change set may hold; holes count. Reading more takes minutes, and nobody could stop it."""

SPECIAL = "special"
"""The fingerprint of a socket, a pipe or a device."""


_MOST_IN_MEMORY = 1 << 20
"""Bytes of a file that is read once, and kept from memory; larger ones are copied inside the kernel."""


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
            return _read(path, dir_fd)[0]
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


@dataclass(frozen=True, slots=True)
class _Standing:
    """A file or a link: where it stands, its fingerprint, and its bytes (a link's target), if they are not many."""

    place: str
    fingerprint: str
    content: bytes | None


def _change(base: Path, path: str, now: Path | None, store: Path, over: Change | None) -> Change | None:
    before = _standing(os.path.join(base, path)) if over is None else _standing_after(over)
    new = _standing(os.fspath(now)) if now is not None else None
    if (before and before.fingerprint) == (new and new.fingerprint):
        return None
    base_fingerprint = before.fingerprint if before is not None else None
    kept = Path(_stored(before, store)) if before is not None else None
    if new is not None:
        content = Path(_stored(new, store))
        kind = ChangeKind.CREATE if before is None else ChangeKind.MODIFY
        return Change(path, kind, type_of(content.name), base_fingerprint, content.name, content, kept)
    return Change(path, ChangeKind.DELETE, type_of(base_fingerprint or ""), base_fingerprint, None, None, kept)


def _standing(place: str) -> _Standing | None:
    """What stands at `place`; None for what no change set names: nothing, directories and special files."""
    try:
        mode = os.lstat(place).st_mode
        if stat.S_ISLNK(mode):
            target = os.fsencode(os.readlink(place))
            return _Standing(place, _joined(FileType.SYMLINK, sha256(target).hexdigest()), target)
        found, content = _read(place, None) if stat.S_ISREG(mode) else (SPECIAL, None)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return None if found == SPECIAL else _Standing(place, found, content)


def _standing_after(change: Change) -> _Standing | None:
    """What a change left behind."""
    if change.new is None or change.content is None:
        return None
    return _Standing(os.fspath(change.content), change.new, None)


def _stored(found: _Standing, store: Path) -> str:
    """A copy in `store`, under the fingerprint of what was really copied.

    What is there already stays: file systems wait for the disk where a new file takes an old one's place.
    """
    kept = os.path.join(store, found.fingerprint)
    if os.path.exists(kept):
        return kept
    partial = os.path.join(store, "partial")
    if found.content is not None:
        writing = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(writing, "wb") as file:
            file.write(found.content)
    else:
        copy_bytes(found.place, partial)
        with open(partial, "rb") as file:
            copied = _joined(type_of(found.fingerprint), file_digest(file, "sha256").hexdigest())
        kept = os.path.join(store, copied)
    os.rename(partial, kept)
    return kept


def _read(path: str | Path, dir_fd: int | None) -> tuple[str, bytes | None]:
    """The fingerprint of an ordinary file, and its bytes, if they are not many."""
    # O_NONBLOCK: should a pipe have taken the file's place, opening it must not wait for a writer.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, dir_fd=dir_fd), "rb", buffering=0) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            return SPECIAL, None
        kind = FileType.EXECUTABLE if found.st_mode & stat.S_IXUSR else FileType.FILE
        if found.st_size > _MOST_IN_MEMORY:
            return _joined(kind, file_digest(file, "sha256").hexdigest()), None
        content = file.readall()
        return _joined(kind, sha256(content).hexdigest()), content


def _joined(kind: FileType, digest: str) -> str:
    return f"{kind.value}-{digest}"
