"""The executor of one workspace: what is approved, what runs, and what the last runs left behind."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from agent_server.agents.backend import Backend
from agent_server.agents.backends import UnknownBackend, backend_named
from agent_server.agents.brief import brief_for
from agent_server.analysis.estimates.past_runs import NO_HISTORY, History, PastTask
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.model import Analysis
from agent_server.execution.approval import Approval, NotLaunchable, confirm, propose
from agent_server.execution.isolation import Isolation, SandboxError
from agent_server.execution.landing import Lander, LandingFailed, Outcome, Recovered
from agent_server.execution.lifecycle import RunState
from agent_server.execution.past_runs import finished, past_tasks
from agent_server.execution.record import RunRecord, RunStore, after_crash, new_run_id
from agent_server.execution.run import Assignment, Conditions, Run
from agent_server.execution.sandbox import clear_leftovers
from agent_server.execution.state import StateDirectory, StateError, WorkspaceBusyError
from agent_server.execution.threads import in_thread
from agent_server.plan.visible import visible
from agent_server.settings import ExecutionSettings

FindBackend = Callable[[str, ExecutionSettings, Mapping[str, str]], Backend]

_log = logging.getLogger(__name__)


class Executor:
    """Runs the waves of one workspace, one run at a time. Its methods are called on one event loop."""

    def __init__(
        self,
        root: Path,
        settings: ExecutionSettings,
        environ: Mapping[str, str],
        unsaved: Callable[[], frozenset[str]] = frozenset,
        find_backend: FindBackend = backend_named,
    ) -> None:
        """The executor for the workspace at `root`. Touches no disk until something is asked of it."""
        self.root = root
        self.settings = settings
        self._environ = environ
        self._unsaved = unsaved
        self._find_backend = find_backend
        self._approvals: dict[str, Approval] = {}
        self._facts: dict[str, RunFacts] = {}
        self._runs: dict[str, Run] = {}
        self._past: tuple[PastTask, ...] | None = None
        self._learnt: set[str] = set()
        self._histories: dict[str, History] = {}
        self._run: Run | None = None
        self._opened: StateDirectory | None = None
        # One thread: records are written in the order of events.
        self._disk = ThreadPoolExecutor(1, "agent-server-record")

    @property
    def current(self) -> Run | None:
        """The last run that was launched here, ended or not."""
        return self._run

    @property
    def going_on(self) -> Run | None:
        """The run that goes on, if one does."""
        return self._run if self._run is not None and self._run.is_going_on else None

    @property
    def runs(self) -> tuple[Run, ...]:
        """The last run of each plan that was launched here, ended or not, the oldest first."""
        return tuple(sorted(self._runs.values(), key=lambda run: run.id))

    def last_run(self, plan: str) -> Run | None:
        """The last run of that plan that was launched here, ended or not."""
        return self._runs.get(plan)

    async def recover(self) -> tuple[str, ...]:
        """Bring the workspace and the records to a sound state after a crash; returns what was done, in words.

        Does nothing while another process runs or lands in the workspace: what looks like a crash is then its work.
        """
        done = await in_thread(self._recover)
        self._facts.clear()
        self._remember(await in_thread(self._read_past))
        return done

    def propose(self, plan: str, analysis: Analysis, wave: int, settings: ExecutionSettings | None = None) -> Approval:
        """What a person is asked to approve; raises `NotLaunchable`. `settings` are the person's, if not our own."""
        settings = settings or self.settings
        approval = propose(plan, analysis, wave, settings)
        for task in approval.tasks:
            self._backend(task.agent, settings)
        return approval

    def approve(self, approval: Approval) -> None:
        """Remember that somebody said yes to exactly this."""
        self._approvals[approval.plan] = approval

    def approved(self, plan: str) -> Approval | None:
        """What is approved for a plan and has not run yet."""
        return self._approvals.get(plan)

    def launch(self, plan: str, analysis: Analysis, settings: ExecutionSettings | None = None) -> Run:
        """Start what is approved for a plan; raises `NotLaunchable`. `settings` are as in `propose`.

        The approval is used up, also a stale one; but not where only the workspace is busy.
        """
        if plan not in self._approvals:
            raise NotLaunchable("Nothing is approved for this plan. Approve the wave first.")
        state = self._claim()
        try:
            run = self._run_of(self._approvals.pop(plan), analysis, state, settings or self.settings)
        except BaseException:
            state.unlock()
            raise
        self._run = self._runs[plan] = run
        run.start(lambda: self._ended(run, state))
        return run

    def land_again(self, plan: str) -> Run:
        """Try once more to land what the plan's last run holds; raises `NotLaunchable` where nothing can land."""
        run = self._runs.get(plan)
        if run is None or not run.can_land:
            raise NotLaunchable("This plan has no verified run that waits to land. Launch the wave again.")
        state = self._claim()
        run.land_again(lambda: self._ended(run, state))
        self._run = run
        return run

    def facts(self, plan: str) -> RunFacts:
        """What the plan's last run left behind, here or in an earlier process, and what is approved now."""
        if plan in self._runs:
            facts = self._runs[plan].record.facts()
        else:
            if plan not in self._facts:
                self._facts[plan] = self._stored_facts(plan)
            facts = self._facts[plan]
        facts = replace(facts, history=self._history(plan))
        approval = self._approvals.get(plan)
        if approval is None:
            return facts
        return replace(facts, approved_digest=approval.digest, approved_waves=(approval.wave,))

    def records(self) -> RunStore:
        """The records of this workspace's runs, to be read in any thread; raises `StateError`."""
        return RunStore(self._state().runs)

    async def close(self) -> None:
        """Cancel the run that is going on, wait for its end, and let go of the disk."""
        if self._run is not None:
            self._run.cancel()
            await self._run.wait()
        await asyncio.to_thread(self._disk.shutdown)
        if self._opened is not None:
            self._opened.unlock()

    def _history(self, plan: str) -> History:
        """What earlier runs took, as the plan's analysis is given it. After `recover` this asks no disk."""
        if self._past is None:
            self._remember(self._read_past())
        if plan not in self._histories:
            self._histories[plan] = History(plan, self._past) if self._past else NO_HISTORY
        return self._histories[plan]

    def _remember(self, past: tuple[PastTask, ...]) -> None:
        self._past = past
        self._histories.clear()

    def _read_past(self) -> tuple[PastTask, ...]:
        try:
            return past_tasks(self.records())
        except StateError as error:
            _log.warning("%s", error)
            return ()

    def _ended(self, run: Run, state: StateDirectory) -> None:
        """Let go of the workspace, and learn from the run; one that lands later is learnt from once."""
        state.unlock()
        if run.id not in self._learnt:
            self._learnt.add(run.id)
            self._remember((*finished(run.record), *(self._past or ())))

    def _state(self) -> StateDirectory:
        if self._opened is None:
            self._opened = StateDirectory.for_workspace(self.root, self._environ)
        return self._opened

    def _claim(self) -> StateDirectory:
        """Take the workspace for one run; who takes it unlocks it."""
        if (run := self.going_on) is not None:
            raise NotLaunchable(f"Run {run.id} of this workspace is still going on. Wait for it, or cancel it.")
        try:
            state = self._state()
            state.lock()
        except StateError as error:
            raise NotLaunchable(str(error)) from error
        return state

    def _run_of(
        self, approval: Approval, analysis: Analysis, state: StateDirectory, settings: ExecutionSettings
    ) -> Run:
        confirm(approval, analysis, settings)
        assignments = self._assignments(approval, analysis, settings)
        return Run(new_run_id(), approval, assignments, self._conditions(state, analysis, settings))

    def _assignments(self, approval: Approval, analysis: Analysis, settings: ExecutionSettings) -> list[Assignment]:
        assignments = []
        for task in approval.tasks:
            backend = self._backend(task.agent, settings)
            brief = brief_for(analysis, task.id, approval.limits)
            pace = settings.speed if task.agent == "replay" else 1.0
            expected = analysis.tasks[task.id].minutes * 60 / pace
            assignments.append(Assignment(task, brief, backend, expected))
        return assignments

    def _conditions(self, state: StateDirectory, analysis: Analysis, settings: ExecutionSettings) -> Conditions:
        try:
            lander = Lander(state.workspace, state.landing)
        except StateError as error:
            raise NotLaunchable(str(error)) from error
        return Conditions(
            root=self.root,
            state=state,
            store=RunStore(state.runs),
            lander=lander,
            disk=self._disk,
            environ=self._environ,
            verify_seconds=settings.verify_minutes * 60,
            contracts=tuple(analysis.contracts),
            isolation=Isolation(settings.isolation) if settings.isolation else None,
            unsaved=self._unsaved,
        )

    def _backend(self, name: str, settings: ExecutionSettings) -> Backend:
        try:
            return self._find_backend(name, settings, self._environ)
        except UnknownBackend as error:
            raise NotLaunchable(str(error)) from error

    def _stored_facts(self, plan: str) -> RunFacts:
        try:
            record = self.records().latest(plan)
        except StateError as error:
            _log.warning("%s", error)
            return NO_FACTS
        return record.facts() if record else NO_FACTS

    def _recover(self) -> tuple[str, ...]:
        try:
            state = self._state()
            state.lock()
        except WorkspaceBusyError:
            return ()
        except StateError as error:
            return (str(error),)
        try:
            lander = Lander(state.workspace, state.landing)
            recovered = lander.recover()
            store = RunStore(state.runs)
            closed = [after_crash(each, landed=lander.has_landed(each.id)) for each in store.under_way()]
            for record in closed:
                store.save(record)
            clear_leftovers(state)
        except (LandingFailed, StateError, SandboxError, OSError) as error:
            return (f"What an earlier run left behind could not be put in order: {error}",)
        finally:
            state.unlock()
        return (*map(_in_words, recovered), *(_cut_short(each) for each in closed if each.state is RunState.FAILED))


def _cut_short(record: RunRecord) -> str:
    wave = f"wave {record.approval.wave} of `{visible(record.approval.plan)}`"
    return f"The server stopped in the middle of {wave}. Nothing of it has landed: launch it again."


def _in_words(recovered: Recovered) -> str:
    ends = {
        Outcome.DISCARDED: "had not begun to touch the workspace, and was dropped",
        Outcome.COMPLETED: "is complete now",
        Outcome.REVERTED: "was taken back as a whole",
    }
    kept = ", ".join(str(path) for path in recovered.rescued)
    words = f"The landing of run {recovered.transaction} was cut short; it {ends[recovered.outcome]}."
    return f"{words} What had no place in the workspace is kept in {kept}." if kept else words
