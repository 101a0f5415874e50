"""Indexes for tests: their answers, what their files hold, and workers without a process."""

import io
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from agent_server.analysis.questions import Answer, Question
from agent_server.analysis.tree import Tree
from agent_server.workspace.index.index import Index
from agent_server.workspace.index.protocol import Job
from agent_server.workspace.index.store import code_version
from agent_server.workspace.index.worker import Indexer
from agent_server.workspace.listing import list_files


def files_of(root: Path) -> tuple[str, ...]:
    return list_files(root).files


def ask(index: Index, question: Question) -> Answer:
    """The answer about the files that are there now."""
    ((_, answer),) = index.answers([question], Tree(files_of(index.root)))
    return answer


def database_in(cache: Path) -> Path:
    (database,) = cache.rglob("index.sqlite")
    return database


def contents_of(database: Path) -> dict[str, list[Any]]:
    """All that an index knows, without the numbers of rows and the stamps of files."""
    connection = sqlite3.connect(database)
    try:
        known = {
            "files": "SELECT path, package FROM file",
            "imports": "SELECT path, text, goes_up "
            "FROM import JOIN file ON file.id = file JOIN module ON module.id = module",
            "words": "SELECT word, text "
            "FROM module_word JOIN module ON id = module WHERE id IN (SELECT module FROM import)",
            "exports": "SELECT path, name FROM export JOIN file ON id = file",
        }
        rows = {name: sorted(connection.execute(question).fetchall()) for name, question in known.items()}
        holders = "SELECT term, col, path FROM lexical_holders LEFT JOIN lexical_files ON id = doc"
        rows["lexical"] = sorted(connection.execute(holders).fetchall(), key=str)
        return rows
    finally:
        connection.close()


class Alone:
    """An index that this process writes itself, by what a worker does with a job."""

    def __init__(self, database: Path, root: Path) -> None:
        self.database = database
        self.reports = io.BytesIO()
        self._indexer = Indexer(database, root, code_version(), self.reports)  # type: ignore[arg-type]
        self._root = root

    def look_at_all(self, *, careful: bool = False) -> None:
        self._do(Job(0, full=True, careful=careful), files_of(self._root), ())

    def look_at(self, paths: Iterable[str]) -> None:
        files = set(files_of(self._root))
        present = sorted(files.intersection(paths))
        self._do(Job(0, present=len(present)), present, sorted(set(paths) - files))

    def _do(self, job: Job, present: Iterable[str], gone: Iterable[str]) -> None:
        self.reports.truncate(0)
        self._indexer.do(job, list(present), list(gone))
        assert b'"broken": ""' in self.reports.getvalue()
        assert b'"unusable": ""' in self.reports.getvalue()


def is_running(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be asked for its status does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
