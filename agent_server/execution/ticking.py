"""Marking what landed as done, in a plan file that no editor holds."""

import os
import secrets
import stat
from collections.abc import Callable, Collection
from pathlib import Path

from agent_server.execution.records.record import RunRecord
from agent_server.plan.edits import set_field
from agent_server.plan.formats import FORMATS, Formats
from agent_server.plan.model import OWN_FORMAT, Edit, Plan, Status, apply_edits

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


class NotTicked(Exception):
    """The wave landed or was undone, but that could not be marked in the plan. The message is for the user."""


def ticks(plan: Plan, landed: Collection[str]) -> tuple[Edit, ...]:
    """The edits that mark the tasks as done that landed and are still open in the plan."""
    tasks = (plan.task(name) for name in landed)
    return tuple(edit for task in tasks if task and task.is_open for edit in set_field(plan, task, "status", "done"))


def unticks(plan: Plan, undone: Collection[str]) -> tuple[Edit, ...]:
    """The edits that let tasks be open again which were done in the plan and are undone."""
    tasks = (plan.task(name) for name in undone)
    done = (task for task in tasks if task and task.status is Status.DONE)
    return tuple(edit for task in done for edit in set_field(plan, task, "status", ()))


def by_hand(plan: str, tasks: str, formats: Formats = FORMATS, *, done: bool) -> str:
    """What a person has to do to mark tasks of a plan as done, or as open again. `plan` is its path."""
    reader = formats.reader_for(plan)
    if reader is None or reader.name == OWN_FORMAT:
        return f"Set `status: done` on {tasks} yourself" if done else f"Take `status: done` away from {tasks} yourself"
    return f"Tick off {tasks} yourself" if done else f"Take the ticks of {tasks} away yourself"


def tick(path: Path, record: RunRecord, formats: Formats = FORMATS) -> None:
    """Tick off what landed of a run in the plan file at `path`, and leave every other byte as it is.

    `formats` says how to read the plan. Where `path` is a symbolic link, the file it leads to is marked. Raises
    `NotTicked`; the file is then what it was.
    """
    try:
        _mark(path, record.approval.plan, formats, lambda plan: ticks(plan, record.landed))
    except _NotMarkedError as error:
        raise NotTicked(
            f"The wave landed, but `{path}` could not be marked: {error}. "
            f"{by_hand(record.approval.plan, 'its tasks', formats, done=True)} before you run the plan again."
        ) from error


def untick(path: Path, record: RunRecord, undone: Collection[str], formats: Formats = FORMATS) -> None:
    """Let tasks of a run that are undone be open again in the plan file at `path`, as `tick` does it."""
    try:
        _mark(path, record.approval.plan, formats, lambda plan: unticks(plan, undone))
    except _NotMarkedError as error:
        raise NotTicked(
            f"The landing was undone, but `{path}` could not be marked: {error}. "
            f"{by_hand(record.approval.plan, 'its tasks', formats, done=False)} before you run the plan again."
        ) from error


class _NotMarkedError(Exception):
    """The plan file is what it was. The message says why, without a full stop."""


def _mark(path: Path, name: str, formats: Formats, edits_of: Callable[[Plan], tuple[Edit, ...]]) -> None:
    try:
        real = path.resolve(strict=True)
        before = real.read_bytes()
        text = before.decode("utf-8")
        reader = formats.reader_for(name, text)
        edits = edits_of(reader.parse(text)[0]) if reader is not None else ()
        if edits:
            _replace(real, before, apply_edits(text, edits).encode("utf-8"))
    except UnicodeDecodeError as error:
        raise _NotMarkedError("it is no longer UTF-8 text") from error
    except OSError as error:
        raise _NotMarkedError(error.strerror or "it cannot be written") from error


def _replace(path: Path, before: bytes, after: bytes) -> None:
    """Put `after` in the file's place at one stroke, if it is still what was read, and its owner lets it be written."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & _WRITABLE:
        raise _NotMarkedError("it is read-only")
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(after)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        if path.read_bytes() != before:
            raise _NotMarkedError("it was changed at the same moment")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
