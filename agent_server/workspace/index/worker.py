"""A process that reads and parses files, and writes what they say into the index. `pool.py` starts and leads it.

It takes jobs on its standard input and reports on its standard output (see `protocol.py`). When its standard input
ends, so does it, at once and in the middle of anything: whoever started it is gone, and SQLite forgets what was not
committed.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree
from threading import Thread
from typing import BinaryIO
from zlib import crc32

from agent_server.languages import Source, language_of
from agent_server.workspace.index.folders import UNSURE, Folders
from agent_server.workspace.index.protocol import Job, Report
from agent_server.workspace.index.store import BrokenStore, Entry, Store, UnusableStore

NICENESS = 10
"""How far a worker steps back behind the processes that somebody waits for."""

BATCH_FILES = 200
BATCH_CHARACTERS = 4 << 20
BATCH_SECONDS = 1.0
"""A batch is written when it holds so much, or is so old."""

REPORT_SECONDS = 0.1
"""How often a worker says how far it is."""

_log = logging.getLogger(__name__)


def main(database: str, root: str, version: str, passing: str = "") -> None:
    """Serve until standard input ends. `passing` is a folder to remove then: nobody else is left to do it.

    `version` is that of whoever leads: it may run older code than this new process, and must find its own index.
    """
    os.nice(NICENESS)
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library may print, it is no report
    jobs: SimpleQueue[tuple[Job, list[str]]] = SimpleQueue()
    Thread(target=_receive, args=(sys.stdin.buffer, jobs, passing), daemon=True).start()
    indexer = Indexer(Path(database), Path(root), version, reports)
    while True:
        indexer.do(*jobs.get())


def _receive(stream: BinaryIO, jobs: "SimpleQueue[tuple[Job, list[str]]]", passing: str) -> None:
    try:
        while line := stream.readline():
            job = Job(**json.loads(line))
            blob = stream.read(job.size)
            if len(blob) < job.size:
                break
            jobs.put((job, os.fsdecode(blob).split("\0") if blob else []))
    finally:
        if passing:
            rmtree(passing, ignore_errors=True)
        os._exit(0)


@dataclass(slots=True)
class Indexer:
    """Does jobs, one after the other."""

    database: Path
    root: Path
    version: str
    reports: BinaryIO
    _store: Store | None = None
    _last_report: float = field(default=0.0)

    def do(self, job: Job, paths: Sequence[str]) -> None:
        """Does one job, and reports on it. Never raises for what is wrong with the index."""
        try:
            files = self._learn() if job.history else self._look(job, paths)
            self._report(Report(files, files, ended=True))
        except BrokenStore as error:
            self._report(Report(ended=True, broken=str(error) or "another version wrote it"))
        except UnusableStore as error:
            self._report(Report(ended=True, unusable=str(error)))
        except OSError as error:
            self._report(Report(ended=True, unusable=error.strerror or str(error)))

    def _look(self, job: Job, paths: Sequence[str]) -> int:
        """Brings the index up to date with the job's files. Returns how many had to be read."""
        store = self._open()
        present = [path for path in _mine(job, paths) if _is_text(path)]
        known = store.stamps() if job.full else _stamps_of(store, paths)
        with Folders(str(self.root)) as folders:
            stamped = self._stamped(present, folders)
            stale = [(path, stamp) for path, stamp in stamped if stamp == UNSURE or stamp != known.get(path)]
            vanished = {path for path, stamp in stale if not stamp}
            stale = [(path, stamp) for path, stamp in stale if stamp]
            if gone := _gone(job, paths, present, known) | (vanished & known.keys()):
                store.write((), sorted(gone))
            self._read(stale, folders, store, careful=job.careful)
        if job.full and gone and job.share == 0:
            store.tidy()
        return len(stale)

    def _learn(self) -> int:
        """Learns the commits that are new."""

        def is_alive() -> bool:
            self._report_sometimes(0, 0)
            return False

        self._open().refresh_history(is_alive)
        return 0

    def _open(self) -> Store:
        if self._store is None or not self._store.is_current():
            if self._store is not None:
                self._store.close()
            self._store = Store(self.database, self.root, self.version)
        return self._store

    def _stamped(self, paths: Iterable[str], folders: Folders) -> Iterator[tuple[str, str]]:
        for number, path in enumerate(paths):
            if number % BATCH_FILES == 0:
                self._report_sometimes(0, 0)
            yield path, folders.stamp(path) or ""

    def _read(self, stale: Sequence[tuple[str, str]], folders: Folders, store: Store, *, careful: bool) -> None:
        batch: list[Entry] = []
        began, size = time.monotonic(), 0
        for done, (path, stamp) in enumerate(stale):
            self._report_sometimes(done, len(stale))
            if careful:
                store.write([Entry(path, stamp)])
            batch.append(_entry(path, stamp, folders))
            size += len(batch[-1].text)
            late = time.monotonic() - began > BATCH_SECONDS
            if careful or late or len(batch) >= BATCH_FILES or size >= BATCH_CHARACTERS:
                store.write(batch)
                batch, began, size = [], time.monotonic(), 0
        if batch:
            store.write(batch)

    def _report_sometimes(self, done: int, files: int) -> None:
        if time.monotonic() - self._last_report > REPORT_SECONDS:
            self._report(Report(done, files))

    def _report(self, report: Report) -> None:
        self._last_report = time.monotonic()
        self.reports.write(json.dumps(asdict(report)).encode() + b"\n")


def _mine(job: Job, paths: Sequence[str]) -> Iterable[str]:
    if not job.full:
        return paths[: job.present]
    return (path for path in paths if _share(path, job.shares) == job.share)


def _gone(job: Job, paths: Sequence[str], present: Sequence[str], known: Iterable[str]) -> set[str]:
    """What is indexed, and is no file of the workspace any more."""
    if not job.full:
        return set(paths[job.present :]).intersection(known)
    return {path for path in known if _share(path, job.shares) == job.share}.difference(present)


def _share(path: str, shares: int) -> int:
    """Which worker takes a path: the same for all files of a folder, which are read together."""
    return crc32(os.fsencode(path.rpartition("/")[0])) % shares


def _stamps_of(store: Store, paths: Iterable[str]) -> dict[str, str]:
    found = (store.rows("SELECT path, stamp FROM file WHERE path = ?", (path,)) for path in paths if _is_text(path))
    return {path: stamp for rows in found for path, stamp in rows}


def _is_text(path: str) -> bool:
    """Whether a path is UTF-8. No source can spell another one, and SQLite cannot hold it."""
    return path.isascii() or not any("\ud800" <= char <= "\udfff" for char in path)


def _entry(path: str, stamp: str, folders: Folders) -> Entry:
    text = folders.read(path)
    if text is None:
        return Entry(path, stamp)
    # The stamp is from before the reading: where the file changed since, it does not fit, and the file is read again.
    return Entry(path, stamp, text, _source(path, text))


def _source(path: str, text: str) -> Source | None:
    language = language_of(path)
    try:
        return language.read(path, text) if language else None
    except Exception:  # noqa: BLE001  # one file that a reader stumbles over must not keep all others from being read
        _log.exception("%s could not be understood", path)
        return None
