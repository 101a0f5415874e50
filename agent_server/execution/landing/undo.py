"""Undoing a landing: the changes that take it back, made of what it displaced."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from agent_server.execution.changes.changes import (
    DIRECTORY,
    SPECIAL,
    Change,
    ChangeKind,
    FileType,
    fingerprint,
    type_of,
)
from agent_server.execution.landing.journal import JournalError, Operation, Transaction


def reversal(done: Transaction) -> tuple[list[Change], Mapping[str, int]]:
    """The changes that start from what a landing left and bring back what it displaced, and the files' modes.

    Raises `JournalError` where that is no longer kept, and `OSError`.
    """
    changes = [_reverse(done, number, operation) for number, operation in enumerate(done.plan().operations)]
    modes = {change.path: stat.S_IMODE(change.content.stat().st_mode) for change in changes if change.content}
    return changes, modes


def _reverse(done: Transaction, number: int, operation: Operation) -> Change:
    if operation.kind is ChangeKind.CREATE and operation.new:
        return Change(operation.path, ChangeKind.DELETE, type_of(operation.new), operation.new, None, None)
    slot = done.slots / str(number)
    displaced = fingerprint(slot)
    if displaced is None or displaced in {DIRECTORY, SPECIAL}:
        raise JournalError(f"what `{done.id}` displaced at `{operation.path}` is no longer kept")
    kind = ChangeKind.MODIFY if operation.new else ChangeKind.CREATE
    return Change(operation.path, kind, type_of(displaced), operation.new, displaced, _content(done, number, displaced))


def _content(done: Transaction, number: int, displaced: str) -> Path:
    """A file that holds what was displaced; of a link, one that holds its target."""
    slot = done.slots / str(number)
    if type_of(displaced) is not FileType.SYMLINK:
        return slot
    target = done.folder / f"target-{number}"
    target.write_bytes(os.fsencode(slot.readlink()))
    return target
