"""The record of a workspace's runs: what was approved, what happened, what each agent changed, how it ended.

It is one SQLite file, `state.db`, in the state directory. The contents of change sets are files, each under its
fingerprint, in `runs/<run>/changes/<task>/`.

A change of a run's state has reached the disk when `save` returns, the loss of power included: no agent begins before
that, and nothing is landed. All else (how a task stands, what it used, events) survives the death of any process, but
its last moments may go with the power. Events wait for one another for a moment, and are written together.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from agent_server.agents.backend import Event
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.harvest import Harvest
from agent_server.execution.records import event_log, record_rows
from agent_server.execution.records.database import Database, DatabaseError, spelled, unspelled
from agent_server.execution.records.event_log import EventPage, EventRow, event_row
from agent_server.execution.records.run_record import (
    RunRecord,
    TaskRecord,
    after_crash,
    began,
    contents_folder,
    is_run_id,
    new_run_id,
)
from agent_server.execution.records.tables import migrations
from agent_server.execution.runs.lifecycle import GOING_ON
from agent_server.execution.state import DATABASE

__all__ = [
    "DatabaseError",
    "Moment",
    "RunRecord",
    "RunStore",
    "TaskRecord",
    "after_crash",
    "began",
    "is_run_id",
    "new_run_id",
]

MOST_WAITING = 100
"""How many events wait to be written at most."""

WAIT_SECONDS = 0.05
"""How long an event waits at most for others to be written with it."""

Look = tuple[int, int, int, bool]
"""How a file looks: its inode, time and size, and whether the time is over by now in which they may stay the same."""

Moment = tuple[Look | None, ...]
"""How the files of the database look."""

# The clock of a file system goes in ticks, of 10 ms at most.
_TICK_NS = 50_000_000

T = TypeVar("T")

_NOTHING: Mapping[str, Harvest] = {}

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)

_log = logging.getLogger(__name__)


class RunStore:
    """The runs of one workspace. `folder` is the folder `runs` of its state directory.

    For any thread. All methods block, and raise `DatabaseError`, which is an `OSError` and a `StateError`, where the
    file cannot be read or written. Several stores, of several processes too, may be in use at a time; whoever must not
    wait for another thread's writing has one of their own.
    """

    def __init__(self, folder: Path) -> None:
        """Touches no disk."""
        self.folder = folder
        self._database = Database(folder.with_name(DATABASE), migrations(folder), _note_damage)
        self._writing = threading.RLock()
        self._waiting: list[EventRow] = []
        self._timed = False
        self._saved: RunRecord | None = None

    @property
    def moment(self) -> Moment:
        """Another one whenever anything was written, by any process. Two looks at the file system.

        And another one soon after that: what is written within the same tick may change neither times nor sizes.
        """
        files = (self._database.path, self._database.path.with_name(f"{DATABASE}-wal"))
        return tuple(map(_looked_at, files))

    def expect_writable(self) -> None:
        """Raise `DatabaseError` where nothing could be written. Writes nothing, so a full disk is not found out."""
        self._database.write(lambda _connection: None)

    def path(self, run: str) -> Path:
        """The folder of one run."""
        return self.folder / run

    def changes_folder(self, run: str, task: str) -> Path:
        """Where the contents of one task's change sets are kept, those of all its attempts."""
        return contents_folder(self.path(run), task)

    def save(self, record: RunRecord, reviewed: Mapping[str, Harvest] = _NOTHING) -> None:
        """Write the record, whole or not at all, with all events of before; see above for when it is on the disk.

        `reviewed` is what tasks change from now on, where somebody has left a part of it out.
        """
        with self._writing:
            before = self._saved if self._saved is not None and self._saved.id == record.id else None
            same_state = before is not None and before.state is record.state
            # Where the state is another, all is written: another process may have decided something meanwhile.
            known = before.tasks if before is not None and same_state else {}
            tasks = {name for name, task in record.tasks.items() if known.get(name) is not task}
            self._saved = None

            def write(connection: sqlite3.Connection) -> None:
                record_rows.put_run(connection, record, tasks)
                for name, harvest in reviewed.items():
                    of = (record.id, name, record.tasks[name].attempt)
                    record_rows.put_changes(connection, of, harvest, self.changes_folder(record.id, name))

            self._write(write, durable=not same_state or bool(reviewed))
            self._saved = record

    def append(self, run: str, task: str, seconds: float, event: Event, attempt: int = 1) -> None:
        """Add one event; `seconds` since the run began. It is written with others, within `WAIT_SECONDS`."""
        with self._writing:
            self._waiting.append(event_row(run, task, attempt, seconds, event))
            waiting = len(self._waiting)
        if waiting >= MOST_WAITING:
            self.flush()
        elif not self._timed:
            self._timed = True
            timer = threading.Timer(WAIT_SECONDS, self._flush_in_time)
            timer.daemon = True
            timer.start()

    def flush(self) -> None:
        """Write the events that wait."""
        with self._writing:
            if self._waiting:
                self._write(lambda _connection: None)

    def events(self, run: str, task: str, after: int = 0) -> EventPage:
        """What one task's agent did, behind where a page ended: one page of it."""
        self.flush()
        return self._database.read(lambda connection: event_log.read_page(connection, run, task, after))

    def save_changes(
        self, run: str, task: str, declared: Iterable[Change], undeclared: Iterable[Change] = (), attempt: int = 1
    ) -> None:
        """Keep what one attempt changed; the contents are in the change set's folder already.

        What was undeclared is kept to be looked at, apart from what may land.
        """
        changes = Harvest(tuple(declared), tuple(undeclared))
        folder = self.changes_folder(run, task)
        with self._writing:
            self._write(lambda connection: record_rows.put_changes(connection, (run, task, attempt), changes, folder))

    def changes(self, run: str, task: str, attempt: int | None = None) -> tuple[Change, ...]:
        """What an attempt would change, sorted by path; nothing until its agent has ended, or where it is unreadable.

        Without an `attempt` it is the one at which the task stands.
        """
        return self._changes(run, task, attempt, declared=True)

    def undeclared(self, run: str, task: str, attempt: int | None = None) -> tuple[Change, ...]:
        """What an attempt changed outside its write set, as in `changes`. It is never landed."""
        return self._changes(run, task, attempt, declared=False)

    def has_changes(self, run: str, task: str) -> bool:
        """Whether any attempt at the task changed anything, declared or not; contents without a list count, too."""
        folder = self.changes_folder(run, task)
        if folder.is_dir() and any(folder.iterdir()):
            return True
        return self._database.read(lambda connection: record_rows.has_changes(connection, run, task))

    def load(self, run: str) -> RunRecord | None:
        """The record of one run; None if there is none, or if it cannot be read. Any text may be asked for."""
        return self._record(run) if is_run_id(run) else None

    def attempts(self, run: str, task: str) -> tuple[TaskRecord, ...]:
        """How each attempt at a task stands or ended, the first one first."""
        try:
            return self._database.read(lambda connection: record_rows.get_attempts(connection, run, task))
        except _UNREADABLE:
            return ()

    def latest(self, plan: str) -> RunRecord | None:
        """The run of the plan at that path that was launched last, by any clock; None also where it cannot be read."""
        names = self._names("WHERE plan = ? ORDER BY number DESC LIMIT 1", spelled(plan))
        return self._record(names[0]) if names else None

    def of_series(self, series: str) -> tuple[RunRecord, ...]:
        """All runs of a series, in the order in which they were launched, as far as they can be read."""
        names = self._names("WHERE series = ? ORDER BY number", series)
        return tuple(filter(None, map(self._record, names)))

    def recent(self, most: int, plan: str | None = None) -> Iterator[RunRecord]:
        """The last runs of all plans, or of one, newest first, as far as they can be read; at most `most` of them."""
        if plan is None:
            names = self._names("ORDER BY number DESC LIMIT ?", most)
        else:
            which = "WHERE plan = ? ORDER BY number DESC LIMIT ?"
            names = self._names(which, spelled(plan), most)
        yield from filter(None, map(self._record, names))

    def beginning_with(self, beginning: str) -> tuple[str, ...]:
        """The ids of the runs that begin so, the newest first."""
        which = "WHERE substr(id, 1, ?) = ? ORDER BY began DESC, number DESC"
        return tuple(self._names(which, len(beginning), beginning))

    def under_way(self) -> tuple[RunRecord, ...]:
        """The runs that have not ended. For who holds the workspace's lock, their processes are dead."""
        states = sorted(GOING_ON)
        names = self._names(f"WHERE state IN ({', '.join('?' * len(states))}) ORDER BY number", *states)
        return tuple(filter(None, map(self._record, names)))

    def unchanged_since(self, moment: float) -> Iterator[RunRecord]:
        """The runs of which nothing was written since `moment` (seconds since the epoch), the oldest first.

        Each is read when it is asked for: there may be thousands.
        """
        names = self._names("WHERE changed < ? ORDER BY changed", moment)
        yield from filter(None, map(self._record, names))

    def forget(self, run: str) -> None:
        """Remove the record of a run, and all that happened in it. Its folder is left to the caller."""
        with self._writing:
            self._write(lambda connection: record_rows.remove_run(connection, run))

    def notices(self) -> tuple[str, ...]:
        """What happened to the file itself, in sentences for the user; each is told once."""

        def take(connection: sqlite3.Connection) -> tuple[str, ...]:
            found = connection.execute("SELECT text FROM notice ORDER BY number").fetchall()
            connection.execute("DELETE FROM notice")
            return tuple(unspelled(text) for (text,) in found)

        any_there = self._database.read(lambda connection: connection.execute("SELECT 1 FROM notice").fetchone())
        return self._database.write(take) if any_there else ()

    def close(self) -> None:
        """Write what waits, and let go of the file until it is used again."""
        try:
            self.flush()
        finally:
            self._database.close()

    def _write(self, work: Callable[[sqlite3.Connection], None], *, durable: bool = False) -> None:
        """Do `work` in one transaction with the events that wait; they are dropped where they cannot be written."""
        rows, self._waiting = self._waiting, []

        def write(connection: sqlite3.Connection) -> None:
            event_log.add(connection, rows)
            work(connection)

        self._database.write(write, durable=durable)

    def _flush_in_time(self) -> None:
        self._timed = False
        try:
            self.flush()
        except DatabaseError as error:
            _log.warning("Some events of a run could not be kept: %s", error)

    def _changes(self, run: str, task: str, attempt: int | None, *, declared: bool) -> tuple[Change, ...]:
        folder = self.changes_folder(run, task)
        get = partial(record_rows.get_changes, of=(run, task, attempt), folder=folder, declared=declared)
        try:
            return self._database.read(get)
        except _UNREADABLE:
            return ()

    def _record(self, run: str) -> RunRecord | None:
        try:
            return self._database.read(lambda connection: record_rows.get_run(connection, run))
        except _UNREADABLE:
            return None

    def _names(self, which: str, *values: object) -> list[str]:
        query = f"SELECT id FROM run {which}"  # noqa: S608  # texts of our own
        return [name for (name,) in self._database.read(lambda each: each.execute(query, values).fetchall())]


def _looked_at(file: Path) -> Look | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size, time.time_ns() - found.st_mtime_ns > _TICK_NS


def _note_damage(connection: sqlite3.Connection, aside: Path) -> None:
    words = f"The record of earlier runs was damaged. It is kept in `{aside}`, and a new one was begun."
    _log.warning("%s", words)
    connection.execute("INSERT INTO notice (text) VALUES (?)", (spelled(words),))
