"""The processes that index: started when there is something to do, led through it, and gone when nobody needs them.

They are fresh interpreters, not forks: a fork of a process with threads may hang. `multiprocessing` is not used,
because its fresh interpreters look for modules in the working directory first, and an editor starts us in a
stranger's workspace: a `pickle.py` there would run. It would also hand our standard output on, which belongs to the
editor, and run the main module of whoever uses this as a library once more.
"""

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from threading import Lock, RLock
from typing import IO

from agent_server.workspace.index.place import Place
from agent_server.workspace.index.protocol import Job, Report
from agent_server.workspace.index.store import code_version

MOST_WORKERS = 4
"""More would only wait for each other: one process writes at a time."""

FEW = 64
"""So few files are looked at by one worker."""

MOST_DEATHS = 5
"""After so many workers died over one share of the files, it is left as it is."""

STALL_SECONDS = 60.0
"""A worker that does not say anything for so long is taken for stuck, and ended."""

Progress = Callable[[int, int], None]
"""Is told how many files were read, and how many are to be read in all, as far as that is known."""


class WorkersDied(Exception):
    """Workers died again and again. The message is a reason, to be read after "because"."""


class Pool:
    """Up to `most` workers for one index. One thread at a time gives it work; any thread may close it."""

    def __init__(self, place: Place, root: Path, most: int | None = None) -> None:
        self._place = place
        self._root = root
        self._most = most or min(MOST_WORKERS, os.cpu_count() or 1)
        self._workers: list[_Worker | None] = [None] * self._most
        self._lock = Lock()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that are running."""
        return tuple(worker.pid for worker in self._workers if worker is not None and worker.is_running())

    def look_at_all(self, paths: Sequence[str], progress: Progress) -> Report:
        """Bring the index up to date with `paths`, which are all files of the workspace. Raises `WorkersDied`."""
        blob = os.fsencode("\0".join(paths))
        count = self._most if len(paths) > FEW else 1
        return self._lead(
            [Job(len(blob), full=True, share=share, shares=count) for share in range(count)], blob, progress
        )

    def look_at(self, present: Sequence[str], gone: Sequence[str], progress: Progress) -> Report:
        """The same for a few files: those in `present`, and those that are `gone`."""
        blob = os.fsencode("\0".join([*present, *gone]))
        return self._lead([Job(len(blob), present=len(present))], blob, progress)

    def read_history(self) -> Report:
        """Learn the commits that are new. Raises `WorkersDied`."""
        return self._lead([Job(0, history=True)], b"", lambda _done, _files: None)

    def rest(self) -> None:
        """Let the workers go until there is something to do again."""
        with self._lock:
            for number, worker in enumerate(self._workers):
                self._workers[number] = None
                if worker is not None:
                    worker.end()

    def close(self) -> None:
        """End the workers, whatever they are doing: work that goes on raises `WorkersDied`."""
        self._closed = True
        self.rest()

    def _lead(self, jobs: Sequence[Job], blob: bytes, progress: Progress) -> Report:
        reports = [Report()] * len(jobs)

        def hear(number: int, report: Report) -> None:
            reports[number] = report
            progress(sum(each.done for each in reports), sum(each.files for each in reports))

        with ThreadPoolExecutor(len(jobs), "index-worker") as threads:
            leading = [
                threads.submit(self._do, number, job, blob, partial(hear, number)) for number, job in enumerate(jobs)
            ]
            return _together([each.result() for each in leading])

    def _do(self, number: int, job: Job, blob: bytes, hear: Callable[[Report], None]) -> Report:
        """Have the job done by that worker; where it dies, by another one in its place, which is more careful."""
        for _ in range(MOST_DEATHS):
            worker = self._worker(number)
            try:
                return worker.do(job, blob, hear)
            except _Died:
                worker.end()  # it may be dying only: it must not be taken for one that runs
                job = replace(job, careful=True)
        raise WorkersDied(f"{MOST_DEATHS} processes that read its files have died")

    def _worker(self, number: int) -> "_Worker":
        with self._lock:
            if self._closed:
                raise WorkersDied("it was closed")
            worker = self._workers[number]
            if worker is None or not worker.is_running():
                if worker is not None:
                    worker.end()
                worker = self._workers[number] = _Worker(self._place, self._root)
            return worker


class _Died(Exception):
    """The worker is gone, or stuck."""


class _Worker:
    """One process. `end` may be called in any thread, everything else by one at a time."""

    def __init__(self, place: Place, root: Path) -> None:
        arguments = (str(place.database), str(root), code_version(), str(place.folder) if place.passing else "")
        try:
            self._process = subprocess.Popen(
                # `-P`: no module comes from the working directory. Ours come from where this process has them from.
                [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), *arguments],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C in a terminal is for the command, which ends us in its own way
                bufsize=0,
            )
        except OSError as error:
            raise WorkersDied(f"no process can be started: {error.strerror}") from error
        self._heard = b""
        self._busy = RLock()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def do(self, job: Job, blob: bytes, hear: Callable[[Report], None]) -> Report:
        """Have the job done; `hear` gets every report, the last one is returned. Raises `_Died`."""
        with self._busy:
            try:
                self._send(json.dumps(asdict(job)).encode() + b"\n" + blob)
                while True:
                    report = Report(**json.loads(self._line()))
                    hear(report)
                    if report.ended:
                        return report
            except (OSError, ValueError) as error:
                raise _Died from error

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        with self._busy:  # whoever still listens hears the end first: a closed descriptor may soon be another file's
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()

    def _send(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(_fileno(self._process.stdin), left) :]

    def _line(self) -> bytes:
        output = _fileno(self._process.stdout)
        while b"\n" not in self._heard:
            ready, _, _ = select.select([output], [], [], STALL_SECONDS)
            chunk = os.read(output, 1 << 16) if ready else b""
            if not chunk:
                self._process.kill()
                raise _Died
            self._heard += chunk
        line, _, self._heard = self._heard.partition(b"\n")
        return line


# The path of modules comes first, so that the program finds what this process would.
_PROGRAM = """
import sys, json
sys.path[:] = json.loads(sys.argv[1])
from agent_server.workspace.index.worker import main
main(*sys.argv[2:])
"""


def _fileno(stream: IO[bytes] | None) -> int:
    if stream is None or stream.closed:
        raise _Died
    return stream.fileno()


def _together(reports: Sequence[Report]) -> Report:
    return Report(
        sum(each.done for each in reports),
        sum(each.files for each in reports),
        ended=True,
        broken=next((each.broken for each in reports if each.broken), ""),
        unusable=next((each.unusable for each in reports if each.unusable), ""),
    )
