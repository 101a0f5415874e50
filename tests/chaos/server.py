"""The servers of a round: the one that launches the wave, the next ones that decide about it, and how they die."""

import asyncio
import os
import random
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from agent_server.analysis.model import Analysis
from agent_server.execution import executor as executor_module
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.executor import Executor
from agent_server.execution.landing.commits import Branch, land_commits
from agent_server.execution.landing.landing import Lander
from agent_server.execution.records import record_rows
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs import run as run_module
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.settings import ExecutionSettings
from tests.chaos.wave import PLAN, Agents, plan
from tests.execution.plans import analysed

_PLACINGS = frozenset({"modify", "create", "delete", "committed"})

REFUSED = 3
"""The exit status of a server that would not do what was decided."""


@dataclass(frozen=True)
class Shape:
    """What sort of run a round has. `failing` are the tasks whose agents fail when the wave is launched."""

    isolation: Isolation
    stream: bool = False
    commits: bool = False
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Act:
    """What a server is to do: launch the wave, or what people decide about it. `tasks` are those that are to land."""

    name: str
    tasks: frozenset[str] | None = None
    unverified: bool = False


@dataclass(frozen=True)
class Death:
    """When a server kills itself, if it does: all are counted from 0, and -1 stands for never.

    `landing` is a step of a landing, `placing` one that puts a file in its place, `record` a writing of a record. At
    the placing `pause` it stops, so that the user can save at that very moment.
    """

    landing: int = -1
    placing: int = -1
    record: int = -1
    pause: int = -1

    def prepare(self) -> None:
        """See to it, in the process that is to die."""
        steps = (
            _Moment(self.landing, signal.SIGKILL),
            _Moment(self.placing, signal.SIGKILL, _PLACINGS),
            _Moment(self.pause, signal.SIGSTOP, _PLACINGS),
        )

        def step(name: str) -> None:
            for each in steps:
                each.pass_by(name)

        executor_module.Lander = partial(Lander, step=step)  # type: ignore[misc, assignment]  # as a class is called
        run_module.land_commits = partial(_committing, step=step)
        writing = _Moment(self.record, signal.SIGKILL)
        for name in ("put_run", "put_changes"):
            setattr(record_rows, name, _dying(getattr(record_rows, name), writing.pass_by))


@dataclass
class _Moment:
    """The step, of those of some names or of all, at which this process gets a signal from itself."""

    number: int
    signal: signal.Signals
    names: frozenset[str] = frozenset()

    def pass_by(self, name: str) -> None:
        if self.number >= 0 and (not self.names or name in self.names):
            self.number -= 1
            if self.number < 0:
                os.kill(os.getpid(), self.signal)


def _committing(*arguments: Any, step: Callable[[str], None], **named: Any) -> Branch | None:
    """`land_commits`, with a moment to die when the branch is there and nobody knows."""
    branch = land_commits(*arguments, step=step, **named)
    step("committed")
    return branch


def _dying(write: Callable[..., Any], step: Callable[[str], None]) -> Callable[..., Any]:
    """`write`, with a moment to die before it, and one before it is committed."""

    def writing(*arguments: Any) -> Any:
        step("before")
        result = write(*arguments)
        step("after")
        return result

    return writing


@dataclass(frozen=True)
class Scene:
    """All that the servers of one round have in common."""

    root: Path
    environ: Mapping[str, str]
    mark: str
    number: int
    seed: int
    shape: Shape

    @property
    def analysis(self) -> Analysis:
        """The plan of the round, over the workspace as it is now."""
        shape = self.shape
        text = plan(self.mark, random.Random(self.seed), stream=shape.stream, commits=shape.commits)
        return analysed(self.root, text)

    def executor(self, failing: frozenset[str] = frozenset()) -> Executor:
        """A server."""
        agents = Agents(self.mark, self.number, self.seed, self.environ, failing)
        settings = ExecutionSettings(agent="scripted", isolation=self.shape.isolation, bisect=False)
        return Executor(self.root, settings, self.environ, find_backend=lambda *_: agents)

    def serve(self, act: Act, death: Death) -> None:
        """Be a server that does `act` and ends. Exits with `REFUSED` where it would not."""
        death.prepare()
        try:
            asyncio.run(self._serve(act))
        except NotLaunchable:
            os._exit(REFUSED)

    async def recovered(self) -> tuple[tuple[str, ...], RunRecord | None]:
        """Recover; what was said, and the last run's record."""
        executor = self.executor()
        try:
            return await executor.recover(), executor.records().latest(PLAN)
        finally:
            await executor.close()

    async def _serve(self, act: Act) -> None:
        executor = self.executor(self.shape.failing if act.name == "launch" else frozenset())
        try:
            await executor.recover()
            await self._do(act, executor)
        finally:
            await executor.close()

    async def _do(self, act: Act, executor: Executor) -> None:
        match act.name:
            case "launch":
                analysis = self.analysis
                executor.approve(executor.propose(PLAN, analysis, 1, stream=self.shape.stream))
                await executor.launch(PLAN, analysis).wait()
            case "retry":
                await executor.retry(PLAN, self.analysis, comment="Once more.").wait()
            case "land":
                await executor.land(PLAN, tasks=act.tasks, unverified=act.unverified).wait()
            case "discard":
                await executor.discard(PLAN)
            case "undo":
                await executor.undo(PLAN)
