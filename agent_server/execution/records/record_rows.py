"""Runs and change sets as rows of the database, and back.

What is looked for has a column; what is only read together is one column of JSON. What cannot be read back raises
`ValueError`: somebody else has written it.
"""

import json
import re
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.analysis.model import Contract
from agent_server.execution.approval import Approval
from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.changes.harvest import Harvest
from agent_server.execution.records.database import spelled, unspelled
from agent_server.execution.records.run_record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import RunState

T = TypeVar("T")

_RUN = "id, state, isolation, problem, branch, approval, verify, contracts, landings, commits, onto, series, open_tasks"
_TASK = (
    "task, attempt, state, message, comment, seconds, tokens, used, usd, changed, undeclared, landing, failed_check, "
    "began, unreported"
)
_CHANGE = "path, kind, type, base, new, content, before"
# A file below the folder of a change set: no part of its path is hidden, and none leads out of the folder.
_BELOW = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*")


def put_run(connection: sqlite3.Connection, record: RunRecord, tasks: Iterable[str]) -> None:
    """Write the run, and those of its tasks; its other tasks stay what they are."""
    approval = record.approval
    values = {
        "id": record.id,
        "plan": spelled(approval.plan),
        "wave": approval.wave,
        "began": record.id.partition("-")[0],
        "changed": time.time(),
        "state": record.state.value,
        "isolation": record.isolation,
        "problem": spelled(record.problem),
        "branch": spelled(record.branch),
        "approval": json.dumps(asdict(approval)),
        "verify": json.dumps(record.verify and asdict(record.verify)),
        "contracts": json.dumps([asdict(each) for each in record.contracts]),
        "landings": json.dumps(record.landings),
        "commits": json.dumps(dict(record.commits)),
        "onto": json.dumps(dict(record.onto)),
        "series": record.series,
        "open_tasks": json.dumps(record.open_tasks),
    }
    _upsert(connection, "run", values, key=("id",))
    for place, (name, task) in enumerate(record.tasks.items()):
        if name in tasks:
            _put_task(connection, record.id, place, name, task)
    for phase, seconds in record.seconds.items():
        _upsert(connection, "phase", {"run": record.id, "phase": phase, "seconds": seconds}, key=("run", "phase"))


def _put_task(connection: sqlite3.Connection, run: str, place: int, name: str, task: TaskRecord) -> None:
    values = {
        "run": run,
        "task": spelled(name),
        "attempt": task.attempt,
        "place": place,
        "state": task.state.value,
        "message": spelled(task.message),
        "comment": spelled(task.comment),
        "seconds": task.seconds,
        "tokens": task.tokens,
        "used": json.dumps(asdict(task.used)),
        "usd": task.usd,
        "changed": json.dumps(task.changed),
        "undeclared": json.dumps(task.undeclared),
        "landing": task.landing,
        "failed_check": task.failed_check,
        "began": task.began,
        "unreported": json.dumps(asdict(task.unreported)) if task.unreported.total else None,
    }
    _upsert(connection, "task", values, key=("run", "task", "attempt"))


def get_run(connection: sqlite3.Connection, run: str) -> RunRecord | None:
    """The run of that id, each of its tasks as in its last attempt; None if there is none."""
    row = connection.execute(f"SELECT {_RUN} FROM run WHERE id = ?", (run,)).fetchone()  # noqa: S608  # our own text
    if row is None:
        return None
    name, state, isolation, problem, branch, approval, verify, contracts, landings, *series = row
    commits, onto, first, open_tasks = series
    rows = connection.execute(
        f"SELECT {_TASK} FROM task WHERE run = ? ORDER BY place, task, attempt",  # noqa: S608  # our own text
        (run,),
    ).fetchall()
    phases = connection.execute("SELECT phase, seconds FROM phase WHERE run = ?", (run,)).fetchall()
    return RunRecord(
        id=name,
        approval=_read(approval, Approval),
        state=RunState(state),
        tasks=dict(map(_task, rows)),
        isolation=isolation,
        verify=_read(verify, VerifyFacts | None),
        problem=unspelled(problem),
        contracts=_read(contracts, tuple[Contract, ...]),
        seconds=dict(phases),
        landings=_read(landings, tuple[str, ...]),
        branch=unspelled(branch),
        commits=_read(commits, dict[str, str]),
        onto=_read(onto, dict[str, str]),
        series=first,
        open_tasks=_read(open_tasks, tuple[str, ...]),
    )


def get_attempts(connection: sqlite3.Connection, run: str, task: str) -> tuple[TaskRecord, ...]:
    """How each attempt at a task stands, the first one first."""
    rows = connection.execute(
        f"SELECT {_TASK} FROM task WHERE run = ? AND task = ? ORDER BY attempt",  # noqa: S608  # our own text
        (run, spelled(task)),
    ).fetchall()
    return tuple(_task(row)[1] for row in rows)


def put_changes(connection: sqlite3.Connection, of: tuple[str, str, int], harvest: Harvest, folder: Path) -> None:
    """Write what an attempt changed in the place of what was written of it.

    `of` is its run, its task and its number.
    """
    run, task, attempt = of
    key = {"run": run, "task": spelled(task), "attempt": attempt}
    connection.execute("DELETE FROM change WHERE run = :run AND task = :task AND attempt = :attempt", key)
    _upsert(connection, "change_set", key, key=tuple(key))
    for change, declared in (
        *((each, True) for each in harvest.declared),
        *((each, False) for each in harvest.undeclared),
    ):
        values = {
            **key,
            "path": spelled(change.path),
            "declared": declared,
            "kind": change.kind.value,
            "type": change.type.value,
            "base": change.base,
            "new": change.new,
            "content": _below(change.content, folder),
            "before": _below(change.before, folder),
        }
        _upsert(connection, "change", values, key=(*key, "path"))


def get_changes(
    connection: sqlite3.Connection, of: tuple[str, str, int | None], folder: Path, *, declared: bool
) -> tuple[Change, ...]:
    """What an attempt changed, sorted by path; without a number, the attempt at which the task stands."""
    run, task, attempt = of
    name = spelled(task)
    if attempt is None:
        (last,) = connection.execute("SELECT max(attempt) FROM task WHERE run = ? AND task = ?", (run, name)).fetchone()
        attempt = 1 if last is None else last
    rows = connection.execute(
        f"SELECT {_CHANGE} FROM change WHERE run = ? AND task = ? AND attempt = ? AND declared = ?",  # noqa: S608  # ours
        (run, name, attempt, declared),
    ).fetchall()
    # Not sorted by SQLite: there an odd name is spelled in another way, and so has another place.
    return tuple(sorted((_change(row, folder) for row in rows), key=lambda change: change.path))


def has_changes(connection: sqlite3.Connection, run: str, task: str) -> bool:
    """Whether any attempt at the task changed anything."""
    found = connection.execute("SELECT 1 FROM change WHERE run = ? AND task = ? LIMIT 1", (run, spelled(task)))
    return found.fetchone() is not None


def remove_run(connection: sqlite3.Connection, run: str) -> None:
    """Remove all rows of a run."""
    for table in ("event", "change", "change_set", "phase", "task"):
        connection.execute(f"DELETE FROM {table} WHERE run = ?", (run,))  # noqa: S608  # names of our own
    connection.execute("DELETE FROM run WHERE id = ?", (run,))


def _task(row: tuple[Any, ...]) -> tuple[str, TaskRecord]:
    (
        name,
        attempt,
        state,
        message,
        comment,
        seconds,
        tokens,
        used,
        usd,
        changed,
        undeclared,
        landing,
        failed,
        began,
        unreported,
    ) = row
    return unspelled(name), TaskRecord(
        state=TaskState(state),
        message=unspelled(message),
        changed=_read(changed, tuple[str, ...]),
        undeclared=_read(undeclared, tuple[str, ...]),
        tokens=tokens,
        seconds=seconds,
        used=_read(used, Tokens),
        usd=usd,
        attempt=attempt,
        comment=unspelled(comment),
        landing=landing,
        failed_check=bool(failed),
        began=began,
        unreported=Tokens() if unreported is None else _read(unreported, Tokens),
    )


def _change(row: tuple[Any, ...], folder: Path) -> Change:
    path, kind, file_type, base, new, content, before = row
    return Change(
        unspelled(path), ChangeKind(kind), FileType(file_type), base, new, _file(content, folder), _file(before, folder)
    )


def _below(file: Path | None, folder: Path) -> str | None:
    """Where a content lies in its folder; None for what lies elsewhere, and so is not kept."""
    return file.relative_to(folder).as_posix() if file is not None and file.is_relative_to(folder) else None


def _file(name: str | None, folder: Path) -> Path | None:
    if name is None:
        return None
    if not _BELOW.fullmatch(name):
        raise ValueError(f"{name} is no content of a change set")
    return folder / name


def _read(column: str, kind: Any) -> Any:
    """A column of JSON as a value of that type; what a newer version has added to it is left out."""
    return msgspec.convert(json.loads(column), kind)


def _upsert(connection: sqlite3.Connection, table: str, values: dict[str, Any], key: tuple[str, ...]) -> None:
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    changes = ", ".join(f"{name} = excluded.{name}" for name in values if name not in key)
    action = f"UPDATE SET {changes}" if changes else "NOTHING"
    connection.execute(
        f"INSERT INTO {table} ({names}) VALUES ({places}) ON CONFLICT ({', '.join(key)}) DO {action}",  # noqa: S608
        values,
    )
