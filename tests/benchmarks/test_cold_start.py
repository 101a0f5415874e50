"""A cold workspace of 100,000 files: what it takes to the first diagnostics, and what the index behind them takes.

Run with `pytest tests/benchmarks/test_cold_start.py --benchmark-enable -s`. The goals: first diagnostics at no more
than twice the CPU time of `git ls-files -co --exclude-standard`, and an index in less than 300 MB of memory.

How it is counted. The server's CPU time is that of its process and of every child that it has waited for (its own calls
of git), from start to the moment when the client has read the first diagnostics. From that the same figure for a
workspace of one file is taken away: it is the start of Python and of the server, and is named in the table. Both
workspaces hold the same plan, and all of it is measured in turns, of which the median counts. Memory is what the server
grows by between its first diagnostics and the end of the indexing, and the peak of each process that indexes.
"""

import asyncio
import os
import resource
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from agent_server.workspace.index.index import Index
from agent_server.workspace.listing import list_files
from tests.e2e.raw_client import RawClient

pytestmark = pytest.mark.usefixtures("only_when_asked")

MOST_RATIO = 2.0
MOST_MEGABYTES = 300
MOST_INDEXING_SECONDS = 600
TURNS = 5

WORDS = (
    *("alpha", "beta", "gamma", "delta", "user", "order", "item", "page", "view", "model"),
    *("store", "cache", "parse", "token", "build", "query", "index", "route", "table", "admin"),
)

PLAN = """# Three tasks

## one: Write the report of orders
- writes: `reports/orders.py`

Write the report of orders.

## two: Follow the model of users
- writes: `reports/users.py`
- needs: one

Follow `user4/item_6/page7/model_9.py`.

## three: Cache what the query of the index gives

The query of the index is slow. Cache it.
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of 100,000 small sources that import each other, all of them in git's index."""
    root = tmp_path_factory.mktemp("large")
    for first, second, third in product(range(20), range(25), range(10)):
        folder = root / f"{WORDS[first]}{first}" / f"{WORDS[second % 20]}_{second}" / f"{WORDS[third]}{third}"
        folder.mkdir(parents=True)
        package = ".".join(folder.relative_to(root).parts)
        for number, word in enumerate(WORDS):
            other = f"{WORDS[number - 1]}_{number - 1}"
            if number % 2:
                text = (
                    f"import os\n\nfrom {package} import {other}\n\n\ndef {word}_{first}_{second}(value: str) -> str:\n"
                    f'    """The {WORDS[third]} of a {WORDS[first]}."""\n    return os.path.join(value, {other}.NAME)\n'
                )
                (folder / f"{word}_{number}.py").write_text(text)
            else:
                text = (
                    f"import {{ thing }} from './{WORDS[number - 2]}_{number - 2}'\n\n"
                    f"export function {word}{first}(value: string) {{\n  return thing(value, '{WORDS[third]}')\n}}\n"
                )
                (folder / f"{word}_{number}.ts").write_text(text)
    return as_repository(root)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return as_repository(tmp_path_factory.mktemp("small"))


def as_repository(root: Path) -> Path:
    (root / "three.plan.md").write_text(PLAN)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    return root.resolve()


@dataclass(frozen=True)
class FirstDiagnostics:
    own: float
    git: float
    seconds: float

    @property
    def cpu(self) -> float:
        return self.own + self.git


def cpu_of(pid: int) -> tuple[float, float]:
    """Seconds of CPU time of a process, and of the children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own, children = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
    return own / os.sysconf("SC_CLK_TCK"), children / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int, what: str) -> float:
    """Megabytes: `VmRSS` now, `VmHWM` at most so far."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(what))
    return int(line.split()[1]) / 1024


def peaks_of_workers(server: int) -> dict[int, float]:
    """The most megabytes that each process which indexes for the server has had so far."""
    peaks = dict[int, float]()
    for task in Path(f"/proc/{server}/task").iterdir():
        with suppress(OSError, StopIteration):  # threads and children come and go
            for child in map(int, (task / "children").read_text().split()):
                if b"index.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                    peaks[child] = memory_of(child, "VmHWM")
    return peaks


async def opened(root: Path, env: Mapping[str, str]) -> tuple[RawClient, FirstDiagnostics]:
    """A server that has just pushed its first diagnostics of the plan."""
    began = time.monotonic()
    client = await RawClient.start(env)
    await client.initialize(root, window={"workDoneProgress": True})
    uri = client.open(root / "three.plan.md")
    await client.diagnostics(uri, lambda codes: True)
    return client, FirstDiagnostics(*cpu_of(client.process.pid), time.monotonic() - began)


def git_ls_files(root: Path) -> float:
    """Seconds of CPU time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "AGENT_SERVER_CACHE_DIR": str(tmp_path / "cache"),
        "AGENT_SERVER_STATE_DIR": str(tmp_path / "state"),
        "AGENT_SERVER_SETTINGS": str(tmp_path / "settings.toml"),
    }


async def test_first_diagnostics_cost_at_most_twice_what_git_takes(large: Path, small: Path, tmp_path: Path) -> None:
    git, first, start = list[float](), list[FirstDiagnostics](), list[FirstDiagnostics]()
    for turn in range(TURNS):
        env = environment(tmp_path / str(turn))
        for root, found in ((large, first), (small, start)):
            client, taken = await opened(root, env)
            found.append(taken)
            await client.kill()
        git.append(git_ls_files(large))
    started = median(each.cpu for each in start)
    added = median(each.cpu for each in first) - started
    ratio = added / median(git)
    table = Table("seconds of CPU time, median", "own", "git", "together", "seconds")
    for name, runs in (("start, one file", start), ("100,000 files", first)):
        own, waited = median(each.own for each in runs), median(each.git for each in runs)
        seconds = median(each.seconds for each in runs)
        table.add_row(name, f"{own:.3f}", f"{waited:.3f}", f"{own + waited:.3f}", f"{seconds:.2f}")
    table.add_row("`git ls-files -co --exclude-standard`", "", f"{median(git):.3f}", f"{median(git):.3f}", "")
    table.add_row("ratio without the start", "", "", f"{ratio:.2f}", "")
    Console(width=100).print(table)
    assert ratio <= MOST_RATIO


async def test_the_index_stays_small(large: Path, tmp_path: Path) -> None:
    env = environment(tmp_path)
    client, _ = await opened(large, env)
    server = client.process.pid
    before, began = memory_of(server, "VmRSS"), time.monotonic()
    peaks = dict[int, float]()

    def is_over(message: Mapping[str, Any]) -> bool:
        return message.get("method") == "$/progress" and message["params"]["value"]["kind"] == "end"

    def measured(message: Mapping[str, Any]) -> bool:
        peaks.update(peaks_of_workers(server))
        return is_over(message)

    async with asyncio.timeout(MOST_INDEXING_SECONDS):
        while not any(map(is_over, client.received)):
            with suppress(TimeoutError):
                await client.until(measured)
    seconds = time.monotonic() - began
    grown = memory_of(server, "VmRSS") - before
    await client.stop()
    database = sum(path.stat().st_size for path in (tmp_path / "cache").rglob("index.sqlite*")) / 2**20
    again = warm_start(large, env)
    table = Table("the index of 100,000 files", "")
    table.add_row("processes, peak MB of each", ", ".join(f"{peak:.0f}" for peak in peaks.values()))
    table.add_row("growth of the server, MB", f"{grown:.0f}")
    table.add_row("together, MB", f"{grown + sum(peaks.values()):.0f}")
    table.add_row("on disk, MB", f"{database:.0f}")
    table.add_row("from nothing, s", f"{seconds:.1f}")
    table.add_row("started again, s", f"{again:.2f}")
    Console(width=100).print(table)
    assert grown + sum(peaks.values()) < MOST_MEGABYTES


def warm_start(root: Path, env: Mapping[str, str]) -> float:
    """Seconds until an index that is there already has looked at every file once more."""
    paths = list_files(root, folders=False).files
    began = time.monotonic()
    with Index(root, env) as index:
        index.refresh(paths)
        return time.monotonic() - began
