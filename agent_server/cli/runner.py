"""Runs and what is decided about them, on a terminal: started, watched to their end, told, and marked in the plan."""

import asyncio
import os
import signal
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from agent_server.analysis.rules.wording import listed
from agent_server.cli import outcome
from agent_server.cli.configuration import formats_in
from agent_server.cli.plans import PlanFile, read_plan
from agent_server.cli.terminal.run_display import RunDisplay
from agent_server.execution.approval import Approval
from agent_server.execution.changes.changes import Change
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import CANCELLABLE, RunState
from agent_server.execution.runs.next_steps import held
from agent_server.execution.runs.run import Run
from agent_server.execution.ticking import tick, untick
from agent_server.plan.visible import visible
from agent_server.settings import Settings


class Runner:
    """The runs of the workspace at `root`, before somebody's eyes. Its methods raise `NotLaunchable` and `NotTicked`.

    Ctrl-C stops the run that goes on; the work of agents that are done is held. A landing and a decision go to their
    end, and so does what the plan is told of them. Where nothing of that goes on, whoever waits is cancelled.
    """

    def __init__(self, root: Path, settings: Settings, console: Console) -> None:
        self.console = console
        self._root = root
        self._settings = settings
        self._executor = Executor(root, settings.execution, os.environ)
        self.is_interrupted = False
        """Whether Ctrl-C was pressed: nothing more is to begin then."""
        self._run: Run | None = None
        self._is_deciding = False
        self._caller: asyncio.Task[object] | None = None

    async def __aenter__(self) -> Self:
        self._caller = asyncio.current_task()
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupt)
        for message in await self._executor.recover():
            self.say(message)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._executor.close()
        finally:
            with suppress(NotImplementedError):
                asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    def say(self, line: str, style: str = "") -> None:
        """Print a line as it is: nothing in it is taken for a style."""
        self.console.print(Text(line, style), soft_wrap=True)

    def propose(self, plan: PlanFile, *, stream: bool = False) -> Approval:
        """What is to be approved of the plan."""
        return self._executor.propose(plan.name, plan.analysis, stream=stream)

    def held_before(self, plan: PlanFile) -> str:
        """That the plan's last run still holds work, in a sentence; empty where it does not."""
        record = self._executor.last_record(plan.name)
        work = held(record) if record is not None else ()
        if record is None or not work:
            return ""
        return (
            f"Run {record.id} of this plan still holds what {visible(listed(work))} made. "
            f"`agent-server show {record.id}` says what can be done with it."
        )

    async def launch(self, plan: PlanFile, approval: Approval, *, fresh: bool = False) -> RunRecord:
        """Run what was approved, to its end: as the next wave of the plan's run or, with `fresh`, of a new one."""
        self._expect_uninterrupted()
        self._executor.approve(approval)
        return await self._see_through(self._executor.launch(plan.name, plan.analysis, fresh=fresh))

    async def retry(self, record: RunRecord, tasks: Collection[str] = (), comment: str = "") -> RunRecord:
        """Let tasks of a run try once more; without names, those that are not done."""
        self._expect_uninterrupted()
        plan = read_plan(self._plan_of(record), self._settings)
        return await self._see_through(self._executor.retry(plan.name, plan.analysis, tasks, comment, run=record.id))

    async def repair(self, record: RunRecord) -> RunRecord:
        """Let one more agent mend what the tasks of a run made together."""
        self._expect_uninterrupted()
        plan = read_plan(self._plan_of(record), self._settings)
        return await self._see_through(self._executor.repair(plan.name, plan.analysis, run=record.id))

    async def land(
        self, record: RunRecord, tasks: Collection[str] | None = None, *, unverified: bool = False
    ) -> RunRecord:
        """Land what a run holds, or what `tasks` of it made."""
        self._expect_uninterrupted()
        run = self._executor.land(record.approval.plan, tasks=tasks, unverified=unverified, run=record.id)
        return await self._see_through(run)

    async def leave_out(
        self, record: RunRecord, left_out: Mapping[tuple[str, str], Collection[str] | None]
    ) -> RunRecord:
        """Give up files that tasks changed, or hunks of them; by task and path, as `Executor.drop` takes them."""
        with self._deciding():
            for (task, path), hunks in left_out.items():
                record = await self._executor.drop(record.approval.plan, task, path, hunks, run=record.id)
        return record

    async def discard(self, record: RunRecord) -> RunRecord:
        """Give up what a run holds."""
        with self._deciding():
            after = await self._executor.discard(record.approval.plan, record.id)
        self.say(f"Nothing more of run {record.id} lands. `agent-server diff {record.id}` still shows what it made.")
        return after

    async def undo(self, record: RunRecord) -> RunRecord:
        """Take back the last landing of a run, and let its tasks be open again in the plan."""
        with self._deciding():
            after = await self._executor.undo(record.approval.plan, record.id)
        taken_back = tuple(name for name in record.landed if name not in after.landed)
        for line in outcome.undone(after, taken_back):
            self.say(line)
        untick(self._plan_of(record), record, taken_back, formats_in(self._root, self._settings))
        return after

    def changes(self, record: RunRecord) -> Mapping[str, Sequence[Change]]:
        """What each task of a run would change, or has changed."""
        store = self._executor.records()
        return {task: store.changes(record.id, task) for task in record.tasks}

    def _plan_of(self, record: RunRecord) -> Path:
        return self._root / record.approval.plan

    async def _see_through(self, run: Run) -> RunRecord:
        landings = len(run.record.landings)
        self._run = run
        with RunDisplay(self.console, self._settings.analysis.prices) as display:
            run.watch(display.update)
            display.update(run.progress)
            record = await run.wait()
            display.update(run.progress)
        self._run = None
        for line in outcome.in_lines(record, landings):
            self.say(line)
        if run.briefs and (used := outcome.spent(record, self._settings.analysis.prices)):
            self.say(used)
        if record.state is not RunState.LANDED:
            self.say(record.problem, "red")
        if len(record.landings) > landings:
            tick(self._plan_of(record), record, formats_in(self._root, self._settings))
        return record

    def _expect_uninterrupted(self) -> None:
        if self.is_interrupted:  # while something went to its end
            raise KeyboardInterrupt

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        """Something is decided meanwhile, which Ctrl-C does not break off."""
        self._is_deciding = True
        try:
            yield
        finally:
            self._is_deciding = False

    def _interrupt(self) -> None:
        is_first, self.is_interrupted = not self.is_interrupted, True
        if self._run is not None:
            self.say(_interrupted_words(self._run.record.state, is_first=is_first))
            self._run.cancel()
        elif not self._is_deciding and is_first and self._caller is not None:
            self._caller.cancel()


def _interrupted_words(state: RunState, *, is_first: bool) -> str:
    """What Ctrl-C does while a run stands so."""
    if state not in CANCELLABLE:
        return "It is landing, which goes to its end."
    if not is_first:
        return "Still stopping."
    if state is RunState.VERIFYING:
        return "Stopping. What the agents made is kept."
    return "Stopping the agents. What is done by now is kept."
