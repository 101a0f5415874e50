"""All processes that belong to one server, wherever they hang in the tree: their processor time and their memory.

A server may start others, and a daemon leaves the tree on purpose. So each server gets a folder of its own, named in
its environment, which its processes inherit: whoever has that folder in its environment belongs to it. Linux only.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "BENCHMARK_FOLDER"

_TICKS = os.sysconf("SC_CLK_TCK")
_QUIET_SECONDS = 0.5
_MOST_QUIET_CPU = 0.02
_MOST_SETTLING_SECONDS = 300.0
_MOST_ENDING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of so many processes: `rss` counts shared pages fully, `pss` a process's share of each."""

    rss: float
    pss: float
    processes: int


@dataclass(frozen=True, slots=True)
class Family:
    """The processes that have `folder` in their environment. `sockets` is where daemons are found: a short path."""

    folder: Path
    sockets: str

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process one of them, and keeps the files of Agent Server's own in the folder."""
        return {
            **os.environ,
            VARIABLE: str(self.folder),
            "AGENT_SERVER_CACHE_DIR": str(self.folder / "cache"),
            "AGENT_SERVER_STATE_DIR": str(self.folder / "state"),
            "AGENT_SERVER_RUNTIME_DIR": self.sockets,
            "AGENT_SERVER_SETTINGS": str(self.folder / "settings.toml"),
        }

    def pids(self) -> list[int]:
        return [pid for pid in _pids() if self._owns(pid)]

    def behind(self, *clients: int) -> list[int]:
        """The daemon that is behind these processes of clients. What it has started itself is not counted."""
        others = {pid: _parent(pid) for pid in self.pids() if pid not in clients}
        return [pid for pid, parent in others.items() if parent not in others]

    def cpu(self) -> float:
        """Seconds that they have had so far."""
        return sum(cpu_of(pid) for pid in self.pids())

    def end(self) -> None:
        """Ask all of them to end, and see that they do."""
        deadline = time.monotonic() + _MOST_ENDING_SECONDS
        sent = signal.SIGTERM
        while pids := self.pids():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, sent)
            time.sleep(0.05)
            if time.monotonic() > deadline:
                sent = signal.SIGKILL

    def _owns(self, pid: int) -> bool:
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:  # processes of others, and ones that have just ended
            return False
        return f"{VARIABLE}={self.folder}".encode() in variables


def settle(families: Sequence[Family]) -> None:
    """Wait until none of their processes has anything to do any more."""
    deadline = time.monotonic() + _MOST_SETTLING_SECONDS
    before = sum(family.cpu() for family in families)
    while time.monotonic() < deadline:
        time.sleep(_QUIET_SECONDS)
        now = sum(family.cpu() for family in families)
        if now - before < _MOST_QUIET_CPU:
            return
        before = now
    raise TimeoutError("The servers never come to rest.")


def is_supported() -> bool:
    return sys.platform == "linux" and Path("/proc/self/schedstat").exists()


def cpu_of(pid: int) -> float:
    """Seconds, user and system, of a process's living threads (to the nanosecond) and of its ended children."""
    total = 0.0
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):  # threads come and go
                total += int((thread / "schedstat").read_text().split()[0]) / 1e9
        total += sum(map(int, _stat(pid)[13:15])) / _TICKS
    return total


def memory_of(pids: list[int]) -> Memory:
    rss = pss = 0
    for pid in pids:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    rss += int(line.split()[1])
                elif line.startswith("Pss:"):
                    pss += int(line.split()[1])
    return Memory(rss / 1024, pss / 1024, len(pids))


def _pids() -> Iterator[int]:
    return (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())


def _stat(pid: int) -> list[str]:
    """The fields behind the name, of which the first is the state."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _parent(pid: int) -> int | None:
    try:
        return int(_stat(pid)[1])
    except OSError:
        return None
