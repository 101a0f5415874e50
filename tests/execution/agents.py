"""Agents that are functions, and executors that let them work, for the tests of runs."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Workbench
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.run import Run
from agent_server.settings import ExecutionSettings

PLAN = "the.plan.md"
DONE = Outcome(OutcomeKind.DONE)
Script = Callable[[Brief, Path, Emit], Awaitable[Outcome]]


class Agents:
    """A backend whose agents are functions. One that has none writes `<task>.txt` and is done.

    `briefs` are those that agents were given, in their order; `most` is how many worked at once.
    """

    name = "scripted"
    runs = ""
    problem = ""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.briefs: list[Brief] = []
        self.most = 0
        self._working = 0

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        self.briefs.append(brief)
        self._working += 1
        self.most = max(self.most, self._working)
        try:
            script = self.scripts.get(brief.task)
            if script is not None:
                return await script(brief, workbench.root, emit)
            (workbench.root / f"{brief.task}.txt").write_text(f"by {brief.task}\n")
            await asyncio.sleep(0)
            return DONE
        finally:
            self._working -= 1

    @property
    def order(self) -> list[str]:
        """The tasks in the order in which their agents began."""
        return [brief.task for brief in self.briefs]


def writing(files: Mapping[str, str], outcome: Outcome = DONE) -> Script:
    """An agent that writes these files."""

    async def write(_brief: Brief, root: Path, _emit: Emit) -> Outcome:
        for name, text in files.items():
            (root / name).write_text(text)
        return outcome

    return write


def ending(outcome: Outcome) -> Script:
    """An agent that does nothing, and ends so."""
    return writing({}, outcome)


@asynccontextmanager
async def executing(root: Path, state: Path, agents: Agents, **settings: object) -> AsyncIterator[Executor]:
    """An executor for the workspace at `root`; it is closed with this."""
    chosen = ExecutionSettings(agent="scripted", verify_minutes=1, **settings)  # type: ignore[arg-type]  # a test's own
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(state)}
    executor = Executor(root, chosen, environ, find_backend=lambda *_: agents)
    try:
        yield executor
    finally:
        await executor.close()


async def ended(run: Run) -> RunRecord:
    """The record of a run, once it has ended."""
    return await asyncio.wait_for(run.wait(), 90)


def states(record: RunRecord) -> dict[str, str]:
    """The states of a run's tasks."""
    return {name: task.state.value for name, task in record.tasks.items()}
