"""Sandboxes over 50,000 files, against `git worktree add` in the same run: how long until an agent can begin.

Run with `pytest tests/benchmarks/test_sandboxes.py --benchmark-enable -s`. The goal is 50 ms for an overlay over a base
that is frozen already, half of the time. Results are in `sandboxes.md`.
"""

import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from agent_server.execution.sandboxes.isolation import Isolation, Sandbox, SandboxError
from agent_server.execution.sandboxes.sandbox import Base, freeze
from agent_server.execution.state import STATE_VARIABLE, StateDirectory

FILES = 50_000
EDITS = 200
ROUNDS = {Isolation.OVERLAY: 25, Isolation.WORKTREE: 1, Isolation.COPY: 1}
WORKTREES = 2
"""How often Git is asked for a worktree; each time takes as long as hundreds of overlays."""

GOAL = 0.050


@dataclass
class Watch:
    """The seconds that each thing took, each time that it was done."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def timing(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds.setdefault(what, []).append(time.perf_counter() - began)

    def percentile(self, what: str, share: float) -> float:
        ordered = sorted(self.seconds[what])
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def workspace(root: Path) -> Path:
    """A repository of 50,000 sources in 1,000 folders, of some 2 kB each."""
    chance = random.Random(1)
    for number in range(FILES // 50):
        folder = root / f"package{number // 25}/module{number % 25}"
        folder.mkdir(parents=True)
        for name in range(50):
            line = b"value_%d = %d\n" % (name, chance.getrandbits(60))
            (folder / f"file{name}.py").write_bytes(line * chance.randrange(1, 150))
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "--quiet", "-m", "first")
    return root


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "gc.auto=0", *arguments], cwd=folder, check=True)


def edit(root: Path) -> None:
    """What an agent may do: change, create and delete some files."""
    for number in range(EDITS):
        folder = root / f"package{number % 40}/module{number % 25}"
        (folder / f"file{number % 50}.py").write_text(f"changed = {number}\n")
        (folder / f"new{number}.py").write_text(f"new = {number}\n")
    (root / "package0/module0/file49.py").unlink()


async def time_sandbox(base: Base, store: Path, watch: Watch) -> None:
    name = base.isolation.value
    with watch.timing(f"{name}: fork"):
        sandbox: Sandbox = await base.fork("task")
    edit(sandbox.root)
    with watch.timing(f"{name}: change list"):
        changes = await sandbox.changes(store)
    assert len(changes) == 2 * EDITS + 1
    if base.isolation is Isolation.OVERLAY:
        with watch.timing(f"{name}: fork over {len(changes)} changes"):
            over = await base.fork("over", changes)
        await over.close()
    with watch.timing(f"{name}: close"):
        await sandbox.close()


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("only_when_asked")
async def test_a_warm_sandbox_is_there_at_once(tmp_path: Path) -> None:
    watch = Watch()
    root = workspace(tmp_path / "workspace")
    state = StateDirectory.for_workspace(root, {STATE_VARIABLE: str(tmp_path / "state")})
    with watch.timing("mirror: first"):
        await (await freeze(root, state, prefer=Isolation.COPY)).close()
    for number in range(WORKTREES):
        with watch.timing("git worktree add"):
            git(root, "worktree", "add", "--quiet", "--detach", str(tmp_path / f"added-{number}"))
    for isolation, rounds in ROUNDS.items():
        try:
            with watch.timing(f"{isolation}: freeze, nothing changed"):
                base = await freeze(root, state, prefer=isolation)
        except SandboxError as refusal:
            Console().print(str(refusal))
            continue
        async with base:
            for number in range(rounds):
                await time_sandbox(base, tmp_path / f"store-{isolation}-{number}", watch)
    show(watch)
    assert watch.percentile("overlay: fork", 0.5) <= GOAL


def show(watch: Watch) -> None:
    """What has been measured so far."""
    load = os.getloadavg()[0]
    title = f"{FILES:,} files, {os.cpu_count()} processors, {load:.1f} programs that want one"
    table = Table("what", "times", "p50", "p95", title=title)
    for what, seconds in watch.seconds.items():
        median, most = watch.percentile(what, 0.5), watch.percentile(what, 0.95)
        table.add_row(what, str(len(seconds)), f"{median * 1000:,.1f} ms", f"{most * 1000:,.1f} ms")
    Console(width=110).print(table)
