"""One SQLite file that several processes read and write: opened, migrated, and put aside where it is damaged.

Commits survive the death of any process. Those made with `durable` survive the loss of power too, and with them all
commits before: they alone wait for the disk. The others are written to a log that the system flushes when it likes, so
that an event costs microseconds and never leaves the file damaged.

A connection is for one thread at a time, so a `Database` has one, under a lock. Whoever must not wait for another
thread makes a `Database` of their own: readers do not wait for the writer of another connection, nor it for them.
"""

import errno
import fcntl
import os
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from agent_server.execution.state import StateError

BUSY_SECONDS = 30.0
"""How long one process waits for another one's transaction. They take milliseconds."""

Migration = Callable[[sqlite3.Connection], None]
T = TypeVar("T")

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_ERRORS = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_BUSY: errno.EBUSY,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.ENOENT,
}
_ESCAPE = re.compile(r"\\(\\|u[0-9a-f]{4})")


class DatabaseError(StateError, OSError):
    """The file cannot be read or written. `strerror` says why, without a full stop; the disk is left as it was."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(number, reason)
        self.errno, self.strerror = number, reason

    def __str__(self) -> str:
        return f"{self.strerror}."


class Database:
    """The file at `path`, made when it is first used. For any thread; each use waits for the one before.

    `migrations` lead from an empty file to what the program needs, one step each; how many of them a file has seen is
    its version. `note_damage` is told in a new file where the damaged one has been put. Methods raise `DatabaseError`.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration],
        note_damage: Callable[[sqlite3.Connection, Path], None] = lambda _connection, _aside: None,
    ) -> None:
        self.path = path
        self._migrations = migrations
        self._note_damage = note_damage
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: int | None = None

    def __del__(self) -> None:
        self.close()

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` makes of the file. It fetches all that it wants before it returns."""
        return self._do(work)

    def write(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = False) -> T:
        """Do `work` in one transaction: all of it happens, or nothing. With `durable` it has reached the disk then."""
        return self._do(lambda connection: _in_transaction(connection, work, durable=durable))

    def close(self) -> None:
        """Let go of the file, until it is used again."""
        with self._lock:
            if self._connection is not None:
                with suppress(sqlite3.Error):
                    self._connection.close()
                self._connection = None

    def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with self._lock, _in_words(self.path):
            try:
                return work(self._opened())
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._put_aside()
            return work(self._opened())

    def _opened(self) -> sqlite3.Connection:
        """The connection to the file that is at the path now: it may have been put aside by another process."""
        if self._connection is None or self._inode != _inode(self.path):
            self.close()
            self._open()
        assert self._connection is not None, "it has just been opened"  # noqa: S101
        return self._connection

    def _open(self) -> None:
        """Connect. One after the other: a file that is being made must not be read."""
        with self._alone():
            self._connect()

    def _connect(self) -> sqlite3.Connection:
        """Connect, and bring the file up to date; it is made where there is none."""
        # Made before SQLite would: it gives its other files the same mode. One that is there is never opened but by
        # SQLite, whose locks would all be lost with the first descriptor that is closed.
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        self._inode = _inode(self.path)
        connection = self._connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            if self._version(connection) < len(self._migrations):
                connection.execute("PRAGMA journal_mode = WAL")
                self._migrate(connection)
        except BaseException:
            self.close()
            raise
        return connection

    def _version(self, connection: sqlite3.Connection) -> int:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(self._migrations):
            reason = (
                f"`{self.path}` was written by a newer Agent Server (version {version}; this one knows up to "
                f"{len(self._migrations)}). Install that one, or choose another `AGENT_SERVER_STATE_DIR`"
            )
            raise DatabaseError(errno.EPROTO, reason)
        return version

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Do what other processes have not done meanwhile, each step in a transaction of its own."""
        for version in range(self._version(connection), len(self._migrations)):

            def step(connection: sqlite3.Connection, version: int = version) -> None:
                self._migrations[version](connection)
                connection.execute(f"PRAGMA user_version = {version + 1}")

            _in_transaction(connection, step, durable=False)

    def _put_aside(self) -> None:
        """Move a damaged file out of the way, unless another process has done so, and begin a new one that tells it.

        Whoever has the damaged one open notices that it has moved, and SQLite too: it leaves the new one's log alone.
        """
        damaged = self._inode
        self.close()
        with self._alone():
            if damaged != _inode(self.path):
                return
            aside = self.path.with_name(f"{self.path.stem}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.db")
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
            _in_transaction(self._connect(), lambda connection: self._note_damage(connection, aside), durable=False)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else makes, migrates or moves the file meanwhile."""
        lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def spelled(name: str) -> str:
    r"""A name as it is written to a column: SQLite takes no lone surrogates, which stand for bytes of odd file names.

    They become `\udce9`, and a backslash becomes two; all other names stay what they are.
    """
    return name.replace("\\", "\\\\").encode("utf-8", "backslashreplace").decode()


def unspelled(column: str) -> str:
    """The name that `spelled` wrote."""
    return _ESCAPE.sub(lambda found: "\\" if found[1] == "\\" else chr(int(found[1][1:], 16)), column)


def _in_transaction(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T], *, durable: bool) -> T:
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # on a full disk SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise
    return result


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _is_damage(error: sqlite3.Error) -> bool:
    return _code(error) in _DAMAGE


def _code(error: sqlite3.Error) -> int:
    """The primary code; errors of the module itself have none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except DatabaseError:
        raise
    except sqlite3.Error as error:
        raise DatabaseError(_ERRORS.get(_code(error), errno.EIO), f"`{path}`: {error}") from error
    except OSError as error:
        raise DatabaseError(error.errno or errno.EIO, f"`{path}`: {error.strerror}") from error
