"""A Dask scheduler and workers on the loopback, as processes of their own that a test may kill."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

# Left to itself, Dask listens to the whole network.
_AT_HOME = ("--host", "127.0.0.1", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
_QUIET = {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "error"}


class Cluster:
    """The processes of a cluster, whose files lie in `folder`."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.address = ""
        self.workers: list[subprocess.Popen[bytes]] = []
        self._environ = {**os.environ, **_QUIET, **environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
        self._processes: list[subprocess.Popen[bytes]] = []

    async def begin(self, workers: int = 0) -> None:
        """Start the scheduler, and so many workers."""
        told = self.folder / "scheduler.json"
        self._start("scheduler", ["--port", "0", "--scheduler-file", str(told)])
        await until(lambda: told.exists() and told.read_text().endswith("}"))
        self.address = json.loads(told.read_text())["address"]
        await self.hire(workers)

    async def hire(self, workers: int = 1, before: Sequence[str] = ()) -> None:
        """Start more workers, and wait until the scheduler knows them. `before` is what their command begins with."""
        there = len(self.workers)
        for number in range(there, there + workers):
            local = self.folder / f"worker-{number}"
            arguments = [self.address, "--nthreads", "2", "--no-nanny", "--local-directory", str(local)]
            self.workers.append(self._start("worker", arguments, before))
        if workers:
            from distributed import Client

            async with Client(self.address, asynchronous=True, set_as_default=False) as client:
                await client.wait_for_workers(self.living)

    @property
    def living(self) -> int:
        """How many workers live."""
        return sum(each.poll() is None for each in self.workers)

    def _start(self, what: str, arguments: Sequence[str], before: Sequence[str] = ()) -> subprocess.Popen[bytes]:
        command = [*before, sys.executable, "-m", f"distributed.cli.dask_{what}", *_AT_HOME, *arguments]
        process = subprocess.Popen(command, env=self._environ, cwd=self.folder, start_new_session=True)
        self._processes.append(process)
        return process

    def end(self) -> None:
        """Kill all that is left."""
        for process in reversed(self._processes):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def processes_with(text: str) -> list[int]:
    """The living processes whose command line holds `text`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds that nobody tells of."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110  # see the docstring
            await asyncio.sleep(0.01)


@contextmanager
def cluster(folder: Path, environ: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """A cluster that has yet to begin."""
    folder.mkdir(exist_ok=True)
    found = Cluster(folder, environ or {})
    try:
        yield found
    finally:
        found.end()
