"""A process that reads and parses files, and writes what they say into the index. `pool.py` starts and leads it.

It takes jobs on its standard input and reports on its standard output (see `protocol.py`). When its standard input
ends, so does it, at once and in the middle of anything: whoever started it is gone, and SQLite forgets what was not
committed.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree
from threading import Thread
from typing import BinaryIO, TypeAlias
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

_NAME = re.compile(rb"[^\0]+")

_log = logging.getLogger(__name__)


_Task: TypeAlias = tuple[Job, list[str], list[str]]  # a job, the files to look at, and those that are gone


def main(database: str, root: str, version: str, passing: str = "") -> None:
    """Serve until standard input ends. `passing` is a folder to remove then: nobody else is left to do it.

    `version` is that of whoever leads: it may run older code than this new process, and must find its own index.
    """
    os.nice(NICENESS)
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library may print, it is no report
    jobs: SimpleQueue[_Task] = SimpleQueue()
    receiver = Thread(target=_receive, args=(sys.stdin.buffer, jobs, passing), daemon=True)
    receiver.start()
    indexer = Indexer(Path(database), Path(root), version, reports)
    with suppress(BrokenPipeError):  # whoever leads has been killed, and nobody hears of the index any more
        while True:
            indexer.do(*jobs.get())
    receiver.join()  # it ends the process, and cleans up


def _receive(stream: BinaryIO, jobs: SimpleQueue["_Task"], passing: str) -> None:
    try:
        while line := stream.readline():
            job = Job(**json.loads(line))
            blob = stream.read(job.size)
            if len(blob) < job.size:
                break
            jobs.put((job, *_sorted_out(job, blob)))
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

    def do(self, job: Job, present: Sequence[str], gone: Sequence[str]) -> None:
        """Does one job, and reports on it. Never raises for what is wrong with the index."""
        try:
            files = self._learn() if job.history else self._look(job, present, gone)
            self._report(Report(files, files, ended=True))
        except BrokenStore as error:
            self._report(Report(ended=True, broken=str(error) or "another version wrote it"))
        except UnusableStore as error:
            self._report(Report(ended=True, unusable=str(error)))
        except OSError as error:
            self._report(Report(ended=True, unusable=error.strerror or str(error)))

    def _look(self, job: Job, present: Sequence[str], gone: Sequence[str]) -> int:
        """Brings the index up to date with the job's files. Returns how many had to be read."""
        store = self._open()
        known = _stamps_of_share(job, store) if job.full else _stamps_of(store, [*present, *gone])
        forgotten = known.keys() - set(present)
        with Folders(str(self.root)) as folders:
            stale = []
            for path, stamp in self._stamped(present, folders):
                if stamp is None:
                    forgotten |= known.keys() & {path}
                elif stamp == UNSURE or stamp != known.get(path):
                    stale.append(path)
            del known
            if forgotten:
                store.write((), sorted(forgotten))
            self._read(stale, folders, store, careful=job.careful)
        if job.full and forgotten:
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

    def _stamped(self, paths: Iterable[str], folders: Folders) -> Iterator[tuple[str, str | None]]:
        for number, path in enumerate(paths):
            if number % BATCH_FILES == 0:
                self._report_sometimes(0, 0)
            yield path, folders.stamp(path)

    def _read(self, stale: Sequence[str], folders: Folders, store: Store, *, careful: bool) -> None:
        batch: list[Entry] = []
        began, size = time.monotonic(), 0
        for done, path in enumerate(stale):
            self._report_sometimes(done, len(stale))
            # The stamp is from before the reading: where the file changes meanwhile, it will not fit.
            stamp = folders.stamp(path)
            if stamp is None:
                continue
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


def _sorted_out(job: Job, blob: bytes) -> tuple[list[str], list[str]]:
    """The worker's own files of those that came with a job: those to look at, and those that are gone."""
    names = (name.group() for name in _NAME.finditer(blob))  # a list of all would take as much memory as all else
    if job.full:
        return _texts(name for name in names if _share(name, job.shares) == job.share), []
    return _texts(islice(names, job.present)), _texts(names)


def _texts(names: Iterable[bytes]) -> list[str]:
    """The paths that are UTF-8. No source can spell another one, and SQLite cannot hold it."""
    texts = []
    for name in names:
        with suppress(UnicodeDecodeError):
            texts.append(name.decode())
    return texts


def _share(path: bytes, shares: int) -> int:
    """Which worker takes a path: the same for all files of a folder, which are read together."""
    return crc32(path.rpartition(b"/")[0]) % shares


def _stamps_of_share(job: Job, store: Store) -> dict[str, str]:
    return {path: stamp for path, stamp in store.stamps() if _share(path.encode(), job.shares) == job.share}


def _stamps_of(store: Store, paths: Iterable[str]) -> dict[str, str]:
    found = (store.rows("SELECT path, stamp FROM file WHERE path = ?", (path,)) for path in paths)
    return {path: stamp for rows in found for path, stamp in rows}


def _entry(path: str, stamp: str, folders: Folders) -> Entry:
    text = folders.read(path)
    return Entry(path, stamp) if text is None else Entry(path, stamp, text, _source(path, text))


def _source(path: str, text: str) -> Source | None:
    language = language_of(path)
    try:
        return language.read(path, text) if language else None
    except Exception:  # noqa: BLE001  # one file that a reader stumbles over must not keep all others from being read
        _log.exception("%s could not be understood", path)
        return None
