"""The tables of `state.db`, as the migrations that lead to them. Add one at the end; never change one.

Runs are numbered in the order in which they were launched, whatever the clock says. A task has a row for each attempt
at it. What an agent changed is kept for each attempt too: `change_set` says that an attempt has been read, `change`
lists its paths, declared or not, whose contents are files below the run's folder. So `change` is also what tasks of a
plan were seen to write.
"""

import sqlite3
from functools import partial
from pathlib import Path

from agent_server.execution.records import json_records
from agent_server.execution.records.database import Migration

_TABLES = """
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    plan TEXT NOT NULL,
    wave INTEGER NOT NULL,
    began TEXT NOT NULL,
    changed REAL NOT NULL,
    state TEXT NOT NULL,
    isolation TEXT NOT NULL,
    problem TEXT NOT NULL,
    branch TEXT NOT NULL,
    approval TEXT NOT NULL,
    verify TEXT NOT NULL,
    contracts TEXT NOT NULL,
    landings TEXT NOT NULL,
    commits TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX run_by_plan ON run (plan);
CREATE TABLE task (
    run TEXT NOT NULL,
    task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    place INTEGER NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    comment TEXT NOT NULL,
    seconds REAL NOT NULL,
    tokens INTEGER NOT NULL,
    used TEXT NOT NULL,
    usd REAL,
    changed TEXT NOT NULL,
    undeclared TEXT NOT NULL,
    landing TEXT NOT NULL DEFAULT '',
    failed_check INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, task, attempt)
) WITHOUT ROWID;
CREATE TABLE phase (
    run TEXT NOT NULL, phase TEXT NOT NULL, seconds REAL NOT NULL, PRIMARY KEY (run, phase)
) WITHOUT ROWID;
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    run TEXT NOT NULL,
    task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    at REAL NOT NULL,
    kind TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX event_of_task ON event (run, task);
CREATE TABLE change_set (
    run TEXT NOT NULL, task TEXT NOT NULL, attempt INTEGER NOT NULL, PRIMARY KEY (run, task, attempt)
) WITHOUT ROWID;
CREATE TABLE change (
    run TEXT NOT NULL,
    task TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    path TEXT NOT NULL,
    declared INTEGER NOT NULL,
    kind TEXT NOT NULL,
    type TEXT NOT NULL,
    base TEXT,
    new TEXT,
    content TEXT,
    before TEXT,
    PRIMARY KEY (run, task, attempt, path)
) WITHOUT ROWID;
CREATE TABLE notice (number INTEGER PRIMARY KEY, text TEXT NOT NULL)
"""


def migrations(runs: Path) -> tuple[Migration, ...]:
    """What leads from nothing to the tables of today. Records of before lie in `runs`."""
    return _make_tables, partial(json_records.take_in, runs), _add_beginnings, _add_unreported, _add_series


def _make_tables(connection: sqlite3.Connection) -> None:
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)


def _add_beginnings(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE task ADD COLUMN began REAL")


def _add_unreported(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE task ADD COLUMN unreported TEXT")


def _add_series(connection: sqlite3.Connection) -> None:
    """Each run of before is a run of its plan by itself: nothing was told of what came before and after."""
    connection.execute("ALTER TABLE run ADD COLUMN onto TEXT NOT NULL DEFAULT '{}'")
    connection.execute("ALTER TABLE run ADD COLUMN series TEXT NOT NULL DEFAULT ''")
    connection.execute("ALTER TABLE run ADD COLUMN open_tasks TEXT NOT NULL DEFAULT '[]'")
    connection.execute("UPDATE run SET series = id")
    connection.execute("CREATE INDEX run_by_series ON run (series)")
