import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent_server.agents.backend import Brief, Denied, Event, Outcome, ToolCall, ToolStatus
from agent_server.agents.replay import ReplayBackend
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.settings import Tier
from agent_server.demo.material import DemoPaths, materialise, transcripts
from agent_server.plan.model import Plan
from agent_server.plan.native import parse

Build = Callable[..., subprocess.CompletedProcess[str]]
Play = Callable[[Iterable[str]], Awaitable["Played"]]


@dataclass(frozen=True)
class Played:
    """What the replayed agents did, and how they ended."""

    events: tuple[Event, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def failures(self) -> list[Event]:
        return [
            event
            for event in self.events
            if isinstance(event, Denied) or (isinstance(event, ToolCall) and event.status is ToolStatus.FAILED)
        ]


@dataclass(frozen=True)
class Folder:
    root: Path


@pytest.fixture
def demo(tmp_path: Path) -> DemoPaths:
    return materialise(tmp_path / "demo")


@pytest.fixture
def good_plan(demo: DemoPaths) -> Plan:
    plan, problems = parse(demo.good_plan.read_text("utf-8"))
    assert not problems
    return plan


@pytest.fixture
def build() -> Build:
    def run(site: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-B", str(site / "build.py"), *options],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={"PYTHONUTF8": "1"},
            check=False,
        )

    return run


@pytest.fixture
def play(demo: DemoPaths, good_plan: Plan) -> Play:
    async def run(tasks: Iterable[str]) -> Played:
        """Let the agents of `tasks` work on the demo's folder, each held to the files that the plan gives it."""
        backend = ReplayBackend(transcripts(), speed=1e9)
        events: list[Event] = []
        outcomes = []
        for task in map(good_plan.task, tasks):
            assert task is not None
            writes = PathSet.of(item.text for item in task.writes)
            brief = Brief(task.id, task.title, task.instructions, writes, "none", Tier.DEFAULT)
            outcomes.append(await backend.run(brief, Folder(demo.root), events.append))
        return Played(tuple(events), tuple(outcomes))

    return run
