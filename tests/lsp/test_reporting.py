"""When a client that shows lenses is told to look at them again while a run goes on."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.progress import Progress
from agent_server.execution.runs.run import Run
from agent_server.lsp import reporting as module
from agent_server.lsp.client import Client
from agent_server.lsp.project import Project
from agent_server.lsp.reporting import RunReporter
from agent_server.lsp.server import AgentLanguageServer
from tests.lsp.test_run_state import run as progress_of

WORKING = TaskRecord(TaskState.RUNNING)


class Told:
    """What stands in for a session: it notes in which order it is asked to tell what."""

    client = Client()

    def __init__(self) -> None:
        self.asked: list[str] = []

    def tell_run(self, _project: object, progress: Progress) -> None:
        self.asked.append(progress.record.state.value)

    def refresh_lenses(self) -> None:
        self.asked.append("lenses")


class Played:
    """What stands in for a run: the test says how it goes on."""

    id = "1"
    is_resumed = False

    def __init__(self) -> None:
        self.progress = progress_of(RunState.PREPARING, TaskRecord(TaskState.WAITING))
        self.ended = asyncio.Event()
        self.watcher: Callable[[Progress], None] = lambda _: None

    @property
    def record(self) -> RunRecord:
        return self.progress.record

    def watch(self, watcher: Callable[[Progress], None]) -> Callable[[], None]:
        self.watcher = watcher
        return lambda: None

    async def wait(self) -> RunRecord:
        await self.ended.wait()
        return self.record

    async def become(self, state: RunState, task: TaskRecord) -> None:
        self.progress = progress_of(state, task)
        self.watcher(self.progress)
        await turns()


async def turns() -> None:
    """Let the loop do all that is due by now."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_lenses_follow_a_change_of_state_at_once_and_what_agents_do_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("_INTERVAL", "_TASK_LENS_INTERVAL", "_LENS_INTERVAL"):  # none is over while the test goes on
        monkeypatch.setattr(module, name, 10_000 * getattr(module, name))
    server, run = Told(), Played()
    reporter = RunReporter(cast("AgentLanguageServer", server), cast("Project", None), cast("Run", cast("Any", run)))
    reporting = asyncio.create_task(reporter.report())
    await turns()
    assert server.asked == ["preparing", "lenses"]
    await run.become(RunState.RUNNING, WORKING)
    assert server.asked[2:] == ["running", "lenses"]
    for _ in range(20):
        await run.become(RunState.RUNNING, WORKING)
    await run.become(RunState.RUNNING, TaskRecord(TaskState.FINISHED))
    assert server.asked[4:] == ["running"]  # its lenses come together with those of others that end about now
    await run.become(RunState.VERIFYING, TaskRecord(TaskState.VERIFYING))
    assert server.asked[5:] == ["verifying", "lenses"]
    run.progress = progress_of(RunState.LANDED, TaskRecord(TaskState.LANDED))
    run.ended.set()
    await reporting
    assert server.asked[7:] == ["landed", "lenses"]
