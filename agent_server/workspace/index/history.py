"""What git remembers of the workspace: the newest commits, what their authors said, and the files that they changed.

Commits are known by their hashes, so another branch or a rewritten past costs only the commits that are new. Where the
workspace lies in no git repository, nothing is known and nothing is wrong.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection

from agent_server.analysis.likelihood.score import fading
from agent_server.analysis.likelihood.words import terms
from agent_server.workspace.git import NotARepositoryError, find_repository, never, run_git

MOST_COMMITS = 5000
"""How many of the newest commits are known. Older ones say little about today's files."""

MOST_FILES = 100
"""A commit of more files tells nothing about any of them; only its renames are kept."""

# How many commits git tells of in one answer, which is held in memory.
_BATCH = 250

# Not a letter of this can be changed by a repository's configuration: no signature is checked (that runs a program),
# no message is recoded, no name is mapped, no external diff is started.
_LOG = (
    "log",
    "--stdin",
    "--no-walk=unsorted",
    "-z",
    "--name-status",
    "--find-renames",
    "--relative",
    "--no-show-signature",
    "--no-mailmap",
    "--no-ext-diff",
    "--no-color",
    "--no-notes",
    "--encoding=UTF-8",
    "--format=%x00%H %ct%x00%B%x00",
)
_HEADER = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64}) (\d+)")
_STATUS = re.compile(r"[ACDMRTUX]\d*")

_TABLES = """
CREATE TABLE IF NOT EXISTS history_commits (
    id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE,
    time INTEGER NOT NULL, words REAL NOT NULL, age INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS history_paths (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE,
    changes INTEGER NOT NULL DEFAULT 0, recent REAL NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS history_changes (
    path INTEGER NOT NULL, commit_id INTEGER NOT NULL, PRIMARY KEY (path, commit_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS history_changes_by_commit ON history_changes (commit_id);
CREATE TABLE IF NOT EXISTS history_renames (commit_id INTEGER NOT NULL, old TEXT NOT NULL, new TEXT NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS history_messages USING fts5 (
    subject, body, columnsize=0, detail=column, tokenize="ascii tokenchars '_'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS history_holders USING fts5vocab ('history_messages', 'instance');
CREATE VIRTUAL TABLE IF NOT EXISTS history_terms USING fts5vocab ('history_messages', 'row');
"""

_OF_A_COMMIT = {
    "history_changes": "commit_id",
    "history_renames": "commit_id",
    "history_messages": "rowid",
    "history_commits": "id",
}
_RENAMING = "FROM history_commits WHERE id IN (SELECT commit_id FROM history_renames)"


@dataclass(slots=True)
class _Commit:
    hash: str
    time: int
    message: str
    paths: list[str] = field(default_factory=list)
    renames: list[tuple[str, str]] = field(default_factory=list)


def create(connection: Connection) -> None:
    """Makes the tables where they are missing."""
    for statement in _TABLES.split(";\n"):
        connection.execute(statement)


def refresh(connection: Connection, root: Path, *, cancelled: Callable[[], bool] = never) -> None:
    """Learns the commits that `HEAD` has and the tables lack, and forgets those that it lost or that got too old.

    Makes the tables where they are missing; committing is the caller's business. Paths are relative to `root`
    (resolved); what lies outside of it is left out. Raises `GitError` where git is missing, fails or is cancelled.
    """
    create(connection)
    newest = _newest(root, cancelled)
    known = {name for (name,) in connection.execute("SELECT hash FROM history_commits")}
    lost = known.difference(newest)
    if lost and _renamed_files(connection, lost):
        _forget_all(connection)
        known = set()
    elif lost:
        _forget(connection, lost)
    missing = [name for name in reversed(newest) if name not in known]
    try:
        for start in range(0, len(missing), _BATCH):
            for commit in _read(root, missing[start : start + _BATCH], cancelled):
                _remember(connection, commit)
    finally:
        # What was learnt before git failed is whole too.
        if lost or missing:
            _count(connection, newest)


def _newest(root: Path, cancelled: Callable[[], bool]) -> list[str]:
    """The hashes of the newest commits, newest first; none where there is no repository or no commit yet."""
    try:
        find_repository(root, cancelled=cancelled)
    except NotARepositoryError:
        return []
    if not run_git(root, "rev-parse", "--verify", "--quiet", "HEAD", accept=(0, 1), cancelled=cancelled):
        return []
    listed = run_git(root, "rev-list", "--no-merges", f"--max-count={MOST_COMMITS}", "HEAD", cancelled=cancelled)
    return listed.decode("ascii").split()


def _read(root: Path, hashes: Sequence[str], cancelled: Callable[[], bool]) -> list[_Commit]:
    """The commits of these hashes, in their order."""
    told = run_git(root, *_LOG, stdin="\n".join(hashes).encode(), cancelled=cancelled)
    return list(_parse(iter(told.split(b"\0"))))


def _parse(fields: Iterator[bytes]) -> Iterator[_Commit]:
    commit = None
    # What follows a message begins on a line of its own.
    for text in (os.fsdecode(told.removeprefix(b"\n")) for told in fields):
        if header := _HEADER.fullmatch(text):
            if commit:
                yield commit
            commit = _Commit(header[1], int(header[2]), next(fields).decode("utf-8", "replace"))
        elif commit and _STATUS.fullmatch(text):
            path = os.fsdecode(next(fields))
            if text.startswith("R"):
                old, path = path, os.fsdecode(next(fields))
                commit.renames.append((old, path))
            elif text.startswith("C"):
                path = os.fsdecode(next(fields))
            commit.paths.append(path)
    if commit:
        yield commit


def _remember(connection: Connection, commit: _Commit) -> None:
    subject, _, body = (" ".join(dict.fromkeys(terms(part))) for part in commit.message.partition("\n"))
    number = connection.execute(
        "INSERT INTO history_commits (hash, time, words) VALUES (?, ?, ?)",
        (commit.hash, commit.time, len(subject.split()) + len(body.split()) / 2),
    ).lastrowid
    for old, new in commit.renames:
        if _storable(old) and _storable(new):
            connection.execute("INSERT INTO history_renames VALUES (?, ?, ?)", (number, old, new))
            _follow(connection, old, new)
    paths = [path for path in commit.paths if _storable(path)]
    if not 0 < len(paths) <= MOST_FILES:
        return
    connection.executemany(
        "INSERT OR IGNORE INTO history_changes (path, commit_id) VALUES (?, ?)",
        [(_path_number(connection, path), number) for path in paths],
    )
    connection.execute("INSERT INTO history_messages (rowid, subject, body) VALUES (?, ?, ?)", (number, subject, body))


def _follow(connection: Connection, old: str, new: str) -> None:
    """What was told of `old` is told of `new` from now on: commits come oldest first."""
    numbers = (_path_number(connection, new), _path_number(connection, old))
    connection.execute("UPDATE OR IGNORE history_changes SET path = ? WHERE path = ?", numbers)
    connection.execute("DELETE FROM history_changes WHERE path = ?", numbers[1:])


def _path_number(connection: Connection, path: str) -> int:
    connection.execute("INSERT OR IGNORE INTO history_paths (path) VALUES (?)", (path,))
    number: int
    (number,) = connection.execute("SELECT id FROM history_paths WHERE path = ?", (path,)).fetchone()
    return number


def _renamed_files(connection: Connection, lost: set[str]) -> bool:
    """Whether a commit that is gone for another reason than its age renamed a file: then the other paths are wrong."""
    renaming = {name for (name,) in connection.execute(f"SELECT hash {_RENAMING}")} & lost
    if not renaming:
        return False
    kept = [number for number, name in connection.execute("SELECT id, hash FROM history_commits") if name not in lost]
    return not kept or any(_number_of(connection, name) > min(kept) for name in renaming)


def _forget(connection: Connection, hashes: Iterable[str]) -> None:
    for name in hashes:
        number = _number_of(connection, name)
        for table, column in _OF_A_COMMIT.items():
            connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608  # our own names


def _forget_all(connection: Connection) -> None:
    for table in (*_OF_A_COMMIT, "history_paths"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # our own names


def _number_of(connection: Connection, name: str) -> int:
    number: int
    (number,) = connection.execute("SELECT id FROM history_commits WHERE hash = ?", (name,)).fetchone()
    return number


def _count(connection: Connection, newest: Sequence[str]) -> None:
    """Works out what depends on where a commit stands in the past: ages, and how often each file changed of late."""
    connection.executemany("UPDATE history_commits SET age = ? WHERE hash = ?", list(enumerate(newest)))
    rows = connection.execute(
        "SELECT path, age FROM history_changes JOIN history_commits ON history_commits.id = commit_id"
    )
    counts: dict[int, tuple[int, float]] = {}
    for path, age in rows:
        changes, recent = counts.get(path, (0, 0.0))
        counts[path] = (changes + 1, recent + fading(age))
    connection.execute("DELETE FROM history_paths WHERE id NOT IN (SELECT path FROM history_changes)")
    connection.executemany(
        "UPDATE history_paths SET changes = ?, recent = ? WHERE id = ?",
        [(changes, recent, path) for path, (changes, recent) in counts.items()],
    )


def _storable(path: str) -> bool:
    """Whether SQLite can hold the path: it is UTF-8."""
    return path.isascii() or not any("\ud800" <= char <= "\udfff" for char in path)
