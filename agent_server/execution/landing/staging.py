"""Staging: the new contents of a landing, complete and durable in their slots, before anything in the tree changes."""

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, content_of, fingerprint
from agent_server.execution.landing.journal import Operation, Plan, Step, Transaction
from agent_server.execution.paths import components, directory, opened
from agent_server.execution.sandboxes.copying import copy_open

_LINK = FileType.SYMLINK
_SYNCED_AT_ONCE = 8
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class CannotStageError(Exception):
    """The contents cannot be staged. The message is for the user."""


def stage(transaction: Transaction, root: int, changes: Sequence[Change], modes: Mapping[str, int], step: Step) -> Plan:
    """Stage `changes`, for the open tree `root`, in the slots of a new transaction, and prepare it.

    `modes` has the permission bits of files that a landing once displaced; others get those of the file they replace,
    or what the umask leaves. Raises `CannotStageError` and `OSError`; the transaction is then to be discarded.
    """
    ordered = sorted(changes, key=lambda change: (change.kind is not ChangeKind.DELETE, change.path))
    operations: list[Operation] = []
    made: set[str] = set()
    try:
        transaction.begin()
        with opened(transaction.slots) as slots:
            for number, change in enumerate(ordered):
                step("stage")
                around = _look_around(root, change.path)
                if around.nearest.st_dev != os.fstat(slots).st_dev:
                    raise CannotStageError(_elsewhere(transaction, change))
                made.update(around.missing)
                operations.append(_staged(change, str(number), slots, around, modes.get(change.path)))
            step("sync slots")
            _sync(slots, ordered)
        plan = Plan(tuple(operations), tuple(sorted(made)))
        transaction.prepare(plan)
    except OSError as error:
        if error.errno in _FULL:
            raise CannotStageError(_no_room(transaction, changes)) from error
        raise
    return plan


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What stands at a path, the nearest directory above it, and the directories between them that are missing."""

    existing: os.stat_result | None
    nearest: os.stat_result
    missing: tuple[str, ...]


def _look_around(root: int, path: str) -> _Surroundings:
    parts = components(path)
    missing: list[str] = []
    existing = None
    for end in range(len(parts) - 1, 0, -1):
        try:
            with directory(root, parts[:end]) as nearest:
                if not missing:
                    existing = _stat_or_none(parts[-1], nearest)
                return _Surroundings(existing, os.fstat(nearest), tuple(missing))
        except (FileNotFoundError, NotADirectoryError):
            missing.append("/".join(parts[:end]))
    if not missing:
        existing = _stat_or_none(parts[-1], root)
    return _Surroundings(existing, os.fstat(root), tuple(missing))


def _stat_or_none(name: str, parent: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _staged(change: Change, slot: str, slots: int, around: _Surroundings, mode: int | None) -> Operation:
    """Stage one change; its operation."""
    if change.kind is ChangeKind.DELETE:
        return Operation(change.path, change.base, None, None)
    if change.type is FileType.SYMLINK:
        os.symlink(os.fsdecode(content_of(change)), slot, dir_fd=slots)
    else:
        _stage_file(change, slot, slots, around, mode)
    if fingerprint(slot, dir_fd=slots) != change.new:
        raise CannotStageError(f"The stored content of `{change.path}` is not what was verified.")
    inode = os.stat(slot, dir_fd=slots, follow_symlinks=False).st_ino
    return Operation(change.path, change.base, change.new, inode)


def _stage_file(change: Change, slot: str, slots: int, around: _Surroundings, mode: int | None) -> None:
    executable = change.type is FileType.EXECUTABLE
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    writing = os.open(slot, flags, 0o777 if executable else 0o666, dir_fd=slots)
    try:
        if change.content is not None:
            with change.content.open("rb") as content:
                copy_open(content.fileno(), writing)
        _inherit(writing, around, mode, executable=executable)
    finally:
        os.close(writing)


def _sync(slots: int, ordered: Sequence[Change]) -> None:
    """Make the staged files durable, several at a time: the file system then writes its own journal for all of them."""
    staged = [str(number) for number, change in enumerate(ordered) if change.content and change.type is not _LINK]
    with ThreadPoolExecutor(min(_SYNCED_AT_ONCE, len(staged) or 1), thread_name_prefix="sync") as pool:
        list(pool.map(lambda slot: _sync_file(slot, slots), staged))


def _sync_file(slot: str, slots: int) -> None:
    descriptor = os.open(slot, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=slots)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _inherit(writing: int, around: _Surroundings, mode: int | None, *, executable: bool) -> None:
    """Give the staged file the owner and the permissions of the one it replaces; only who may execute it is ours."""
    replaced = around.existing if around.existing and stat.S_ISREG(around.existing.st_mode) else None
    owner = replaced or around.nearest
    if os.geteuid() == 0:
        os.fchown(writing, owner.st_uid, owner.st_gid)
    kept = stat.S_IMODE(replaced.st_mode) if replaced else mode
    if kept is not None:
        readable = kept & 0o444
        os.fchmod(writing, kept | readable >> 2 if executable else kept & ~0o111)


def _elsewhere(transaction: Transaction, change: Change) -> str:
    return (
        f"`{change.path}` lies on another file system than `{transaction.folder.parent}`, where landings are prepared, "
        "so it cannot be landed in one step. Nothing was landed."
    )


def _no_room(transaction: Transaction, changes: Sequence[Change]) -> str:
    needed = sum(change.content.stat().st_size for change in changes if change.content is not None)
    place = transaction.folder.parent
    free = os.statvfs(place)
    return (
        f"The disk is full: landing needs {_in_megabytes(needed)} in `{place}`, and "
        f"{_in_megabytes(free.f_bavail * free.f_frsize)} are free. Nothing was landed; make room and land again."
    )


def _in_megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
