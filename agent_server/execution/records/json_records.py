"""The records of Agent Server 0.1, which were folders of JSON: taken into the database once.

`runs/<run>/run.json` is how a run stood, `events.jsonl` what happened, `changes/<task>/change-set.json` what a task
changed. The files stay where they are, also because the contents of change sets lie among them; the janitor removes
them when they are old. What cannot be read is passed over, and never removed.

This is a migration: it writes the tables as they were then, and knows no other version.
"""

import json
import logging
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent_server.execution.records.database import spelled, unspelled
from agent_server.execution.records.run_record import contents_folder

VERSION = 2
"""The version of a record that is taken in."""

RUN_FILE, LOG_FILE, CHANGES_FILE, LATEST = "run.json", "events.jsonl", "change-set.json", "latest"

_RUN_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")
_CONTENT = re.compile(r"(?:file|executable|symlink)-[0-9a-f]{64}")
_LONGEST_LINE = 1 << 22  # bytes; an agent says less in one turn
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)

_log = logging.getLogger(__name__)


def take_in(runs: Path, connection: sqlite3.Connection) -> None:
    """Write all records below `runs` into the tables, the oldest first."""
    try:
        names = sorted(entry.name for entry in os.scandir(runs) if _RUN_ID.fullmatch(entry.name))
    except OSError:
        return
    for name in names:
        try:
            record = _record(runs / name)
        except _UNREADABLE as error:
            _log.warning("The record `%s` cannot be read, and stays where it is: %r", runs / name / RUN_FILE, error)
            continue
        if record is not None:
            _write(connection, record, runs / name)


def _record(folder: Path) -> dict[str, Any] | None:
    """The record in a folder, as the rows of its tables; None where there is none."""
    try:
        data = json.loads((folder / RUN_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    if data["version"] != VERSION:
        raise ValueError(f"it has version {data['version']}")
    if data["id"] != folder.name:
        raise ValueError(f"it is the record of another run, `{data['id']}`")
    run, approval = data["id"], data["approval"]
    return {
        "run": (
            run,
            spelled(approval["plan"]),
            int(approval["wave"]),
            run.partition("-")[0],
            (folder / RUN_FILE).stat().st_mtime,
            data["state"],
            data["isolation"],
            spelled(data["problem"]),
            "",
            json.dumps(approval),
            json.dumps(data["verify"]),
            json.dumps(data.get("contracts", ())),
            json.dumps([run] if data["state"] == "landed" else []),
        ),
        "tasks": [_task(run, place, name, task) for place, (name, task) in enumerate(data["tasks"].items())],
        "phases": [(run, phase, float(seconds)) for phase, seconds in data["seconds"].items()],
    }


def _task(run: str, place: int, name: str, task: dict[str, Any]) -> tuple[Any, ...]:
    return (
        run,
        spelled(name),
        1,
        place,
        task["state"],
        spelled(task["message"]),
        "",
        float(task["seconds"]),
        int(task["tokens"]),
        json.dumps(task.get("used", {})),  # the first records did not tell tokens apart
        None,
        json.dumps(task["changed"]),
        json.dumps(task["undeclared"]),
    )


def _write(connection: sqlite3.Connection, record: dict[str, Any], folder: Path) -> None:
    run = record["run"][0]
    connection.execute(
        "INSERT OR REPLACE INTO run (id, plan, wave, began, changed, state, isolation, problem, branch, approval, "
        "verify, contracts, landings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record["run"],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO task (run, task, attempt, place, state, message, comment, seconds, tokens, used, usd, "
        "changed, undeclared) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        record["tasks"],
    )
    connection.executemany("INSERT OR REPLACE INTO phase (run, phase, seconds) VALUES (?, ?, ?)", record["phases"])
    connection.executemany(
        "INSERT INTO event (run, task, attempt, at, kind, data) VALUES (?, ?, 1, ?, ?, ?)", _events(run, folder)
    )
    for _, task, *_ in record["tasks"]:
        for row in _changes(run, task, folder):
            connection.execute("INSERT OR IGNORE INTO change_set (run, task, attempt) VALUES (?, ?, 1)", (run, task))
            connection.execute(
                "INSERT OR REPLACE INTO change (run, task, attempt, path, declared, kind, type, base, new, content) "
                "VALUES (?, ?, 1, ?, 1, ?, ?, ?, ?, ?)",
                (run, task, *row),
            )


def _events(run: str, folder: Path) -> Iterator[tuple[Any, ...]]:
    """The lines of the log that are whole and can be read."""
    try:
        log = (folder / LOG_FILE).open("rb")
    except OSError:
        return
    with log:
        while line := log.readline(_LONGEST_LINE):
            try:
                entry = json.loads(line)
                at, task, kind = float(entry.pop("at")), spelled(entry.pop("task")), str(entry.pop("event"))
            except _UNREADABLE:
                continue
            yield run, task, at, kind, json.dumps(entry)


def _changes(run: str, task: str, folder: Path) -> Iterator[tuple[Any, ...]]:
    """What a task of that run changed; nothing where its list cannot be read."""
    try:
        entries = json.loads((contents_folder(folder, unspelled(task)) / CHANGES_FILE).read_text("utf-8"))
        for each in entries:
            new = each["new"]
            if new is None or _CONTENT.fullmatch(new):
                yield spelled(each["path"]), each["kind"], each["type"], each["base"], new, new
    except _UNREADABLE as error:
        if not isinstance(error, FileNotFoundError):
            _log.warning("The changes of `%s` in run %s cannot be read: %r", task, run, error)
