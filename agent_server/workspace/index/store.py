"""The SQLite file: its tables, what is written to it, and how it is opened."""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from agent_server import __version__
from agent_server.languages.model import Source
from agent_server.workspace.git import GitError
from agent_server.workspace.index import history, lexical
from agent_server.workspace.index.modules import module_words, only_goes_up

BUSY_SECONDS = 60.0
"""How long one process waits for another one's transaction. They are short."""

_CACHE_KIB = 8 << 10
_PAGE_BYTES = 4096

_TABLES = """
CREATE TABLE state (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE file (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL, package TEXT NOT NULL);
CREATE TABLE module (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, goes_up INTEGER NOT NULL);
CREATE TABLE module_word (word TEXT, module INTEGER, PRIMARY KEY (word, module)) WITHOUT ROWID;
CREATE TABLE import (file INTEGER, module INTEGER, PRIMARY KEY (file, module)) WITHOUT ROWID;
CREATE INDEX import_by_module ON import (module);
CREATE TABLE export (file INTEGER, name TEXT, PRIMARY KEY (file, name)) WITHOUT ROWID;
CREATE INDEX export_by_name ON export (name)
"""


_log = logging.getLogger(__name__)


class BrokenStore(Exception):
    """The file is no index, or a damaged one, or one of another version. It is of no use but to be thrown away."""


class UnusableStore(Exception):
    """The file cannot be read or written where it is. The message is the reason, to be read after "because"."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file as the index holds it. `text` is empty, and `source` None, where there is nothing to be read."""

    path: str
    stamp: str
    text: str = ""
    source: Source | None = None


class Store:
    """One connection to an index. Other connections, of other processes too, may read and write at the same time.

    Every method raises `BrokenStore` or `UnusableStore`.
    """

    def __init__(self, database: Path, root: Path, version: str) -> None:
        """Open the index of the workspace at `root`; it is made if there is none.

        One of another `version` (see `code_version`) is broken: all processes that work together must use one.
        """
        self.database = database
        self._root = root
        with _told():
            self.connection = sqlite3.connect(
                database, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(f"{version} {sha256(os.fsencode(os.path.realpath(root))).hexdigest()}")
            except BaseException:
                self.connection.close()
                raise
        with suppress(OSError):
            self._inode = os.stat(database).st_ino

    def close(self) -> None:
        """Let go of the file."""
        with suppress(sqlite3.Error):
            self.connection.close()

    @property
    def revision(self) -> int:
        """A number that grows with everything that is written."""
        ((value,),) = self.rows("SELECT value FROM state WHERE name = 'revision'")
        return int(value)

    def is_current(self) -> bool:
        """Whether the file is still where it was opened, and not thrown away by another process."""
        try:
            return os.stat(self.database).st_ino == self._inode
        except OSError:
            return False

    def rows(self, question: str, values: Sequence[object] = ()) -> list[Any]:
        """The rows that answer a question in SQL."""
        with _told():
            return self.connection.execute(question, values).fetchall()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for questions that are asked elsewhere."""
        with _told():
            yield self.connection

    def stamps(self) -> Iterator[tuple[str, str]]:
        """Every file that is indexed, with its stamp."""
        with _told():
            yield from self.connection.execute("SELECT path, stamp FROM file")

    def write(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Put `entries` in the place of what was known of their files, and forget the files `gone`."""
        with self._transaction():
            for path in gone:
                self._remove(path)
            for entry in entries:
                self._put(entry)
            self._step()

    def refresh_history(self, cancelled: Callable[[], bool]) -> None:
        """Learn the commits that are new."""
        with self._transaction():
            try:
                history.refresh(self.connection, self._root, cancelled=cancelled)
            except GitError as error:
                _log.info("The history of %s is not known: %s", self._root, error)
            else:
                self._step()

    def tidy(self) -> None:
        """Forget modules that nobody imports any more."""
        with self._transaction():
            self.connection.execute("DELETE FROM module WHERE id NOT IN (SELECT module FROM import)")
            self.connection.execute("DELETE FROM module_word WHERE module NOT IN (SELECT id FROM module)")

    def _prepare(self, key: str) -> None:
        execute = self.connection.execute
        execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        # `state` is made last, in one transaction with all others: where it is, everything is.
        if not execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
            execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = NORMAL")
        with self._transaction():
            if not execute("SELECT 1 FROM sqlite_master WHERE name = 'state'").fetchone():
                self._make(key)
        if execute("SELECT value FROM state WHERE name = 'key'").fetchone() != (key,):
            raise BrokenStore

    def _make(self, key: str) -> None:
        for statement in _TABLES.split(";\n"):
            self.connection.execute(statement)
        lexical.create(self.connection)
        self.connection.executemany("INSERT INTO state VALUES (?, ?)", [("key", key), ("revision", 0)])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _told():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise

    def _step(self) -> None:
        self.connection.execute("UPDATE state SET value = value + 1 WHERE name = 'revision'")

    def _put(self, entry: Entry) -> None:
        execute, source = self.connection.execute, entry.source or Source()
        self._remove(entry.path, lexically=False)
        file = execute(
            "INSERT INTO file (path, stamp, package) VALUES (?, ?, ?)", (entry.path, entry.stamp, source.package)
        ).lastrowid
        modules = {self._module(each.module) for each in source.imports}
        self.connection.executemany("INSERT INTO import VALUES (?, ?)", [(file, module) for module in modules])
        self.connection.executemany("INSERT INTO export VALUES (?, ?)", [(file, name) for name in set(source.exports)])
        lexical.put(self.connection, entry.path, entry.text, source.exports)

    def _remove(self, path: str, *, lexically: bool = True) -> None:
        known = self.connection.execute("SELECT id FROM file WHERE path = ?", (path,)).fetchone()
        if known is None:
            return
        for statement in ("file WHERE id", "import WHERE file", "export WHERE file"):
            self.connection.execute(f"DELETE FROM {statement} = ?", known)  # noqa: S608  # three texts of our own
        if lexically:
            lexical.remove(self.connection, path)

    def _module(self, text: str) -> int:
        known = self.connection.execute("SELECT id FROM module WHERE text = ?", (text,)).fetchone()
        if known is not None:
            return int(known[0])
        values = (text, only_goes_up(text))
        number = self.connection.execute("INSERT INTO module (text, goes_up) VALUES (?, ?)", values).lastrowid
        words = [(word, number) for word in module_words(text)]
        self.connection.executemany("INSERT INTO module_word VALUES (?, ?)", words)
        return int(number or 0)


@cache
def code_version() -> str:
    """Changes with whatever decides what is read out of a file: where we are another version, all is read anew."""
    stamps = [__version__]
    for package in ("agent_server.languages", "agent_server.workspace.index"):
        for source in sorted(Path(str(files(package))).glob("*.py")):
            status = source.stat()
            stamps.append(f"{source.name} {status.st_size} {status.st_mtime_ns}")
    return sha256("\n".join(stamps).encode()).hexdigest()[:16]


_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_TOOBIG,
    }
)


@contextmanager
def _told() -> Iterator[None]:
    """Turns SQLite's errors into ours: what is wrong with the file is not what is wrong with its place."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        raise (UnusableStore(str(error)) if code in _UNUSABLE else BrokenStore(str(error))) from error
