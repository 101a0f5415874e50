"""The executor of one workspace: what is approved, what runs, and what the last runs left behind."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from agent_server.agents.backends import backend_named
from agent_server.agents.threads import in_thread, to_its_end
from agent_server.analysis.estimates.past_runs import NO_HISTORY, History, PastTask
from agent_server.analysis.estimates.prices import Price
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.model import Analysis
from agent_server.execution.approval import (
    Approval,
    NotLaunchable,
    confirm,
    confirm_again,
    propose,
    with_programs,
)
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.harvest import Harvest
from agent_server.execution.changes.review import NoSuchHunk, without_hunks
from agent_server.execution.landing.commits import Branch, CannotCommit, branch_name, undo_commits
from agent_server.execution.landing.landing import (
    Lander,
    LandingConflict,
    LandingFailed,
    LandingNotNoted,
)
from agent_server.execution.records.janitor import Janitor
from agent_server.execution.records.last_records import LastRecords
from agent_server.execution.records.past_runs import finished, past_tasks
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord, began, new_run_id
from agent_server.execution.recovery import put_in_order
from agent_server.execution.runs.budget import shares, spent
from agent_server.execution.runs.decisions import (
    discarded,
    expect_reviewable,
    last_landing,
    left_out,
    to_land,
    tried_again,
    undone,
    with_repair,
)
from agent_server.execution.runs.lifecycle import GOING_ON, WITH_WORK, RunState
from agent_server.execution.runs.progress import Progress, as_recorded
from agent_server.execution.runs.run import Assignment, Conditions, Run
from agent_server.execution.runs.series import continued, open_tasks
from agent_server.execution.runs.staffing import FindBackend, Staff
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.state import StateDirectory, StateError
from agent_server.execution.workplaces import workplace_for
from agent_server.plan.visible import visible
from agent_server.settings import ExecutionSettings

_NO_HARVESTS: Mapping[str, Harvest] = {}

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
        self._last = LastRecords(self.records)
        self._runs: dict[str, Run] = {}
        self._as_recorded: dict[str, Progress] = {}
        self._past: tuple[PastTask, ...] | None = None
        self._learnt: set[tuple[str, str]] = set()
        self._histories: dict[str, History] = {}
        self._run: Run | None = None
        self._deciding: set[asyncio.Future[RunRecord]] = set()
        self._is_closing = False
        self._opened: StateDirectory | None = None
        self._janitor = Janitor(partial(StateDirectory.for_workspace, root, environ), lambda: self.settings.keep_days)
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
        # Of those that were launched within one second, the ids do not tell.
        return tuple(sorted(self._runs.values(), key=lambda run: began(run.id)))

    def last_run(self, plan: str) -> Run | None:
        """The last run of that plan that was launched here, ended or not."""
        return self._runs.get(plan)

    async def recover(self) -> tuple[str, ...]:
        """Bring the workspace and the records to a sound state after a crash; returns what was done, in words.

        Does nothing while another process runs or lands in the workspace: what looks like a crash is then its work.
        """
        done = await in_thread(self._put_in_order)
        self._remember(await in_thread(self._read_past))
        self._janitor.sweep_soon()
        return done

    def propose(
        self,
        plan: str,
        analysis: Analysis,
        wave: int = 1,
        settings: ExecutionSettings | None = None,
        *,
        stream: bool = False,
    ) -> Approval:
        """What a person is asked to approve; raises `NotLaunchable`. `settings` are the person's, if not our own.

        With `stream` it is all that can run: each task begins as soon as what it waits for is done.
        """
        staff = self._staff(settings)
        approval = with_programs(propose(plan, analysis, wave, staff.settings, stream=stream), staff.runs)
        staff.expect_able(approval.tasks)
        return approval

    def expect_runnable(self, plan: str, analysis: Analysis, settings: ExecutionSettings | None = None) -> None:
        """Raise `NotLaunchable` where the plan's first wave cannot run as the plan stands.

        A key or a program that is missing says nothing of the plan: that may be there when somebody launches.
        """
        staff = self._staff(settings)
        with_programs(propose(plan, analysis, 1, staff.settings), staff.runs)

    def approve(self, approval: Approval) -> None:
        """Remember that somebody said yes to exactly this."""
        self._approvals[approval.plan] = approval

    def approved(self, plan: str) -> Approval | None:
        """What is approved for a plan and has not run yet."""
        return self._approvals.get(plan)

    def series(self, plan: str, analysis: Analysis) -> tuple[RunRecord, ...]:
        """The runs that a launch of the plan would continue (`runs/series.py`), in their order; none if it begins anew.

        Looks at the disk; none where the records cannot be read.
        """
        try:
            last = self.last_record(plan)
            if last is None:
                return ()
            # The last one may be known here alone, where it could not be written.
            found = (*(each for each in self.records().of_series(last.series) if each.id != last.id), last)
        except StateError as error:
            _log.warning("%s", error)
            return ()
        return found if continued(found, open_tasks(analysis)) else ()

    def launch(
        self, plan: str, analysis: Analysis, settings: ExecutionSettings | None = None, *, fresh: bool = False
    ) -> Run:
        """Start what is approved for a plan; raises `NotLaunchable`. `settings` are as in `propose`.

        It continues the plan's last series, if that is not over; not with `fresh`. The approval is used up, also a
        stale one; but not where only the workspace is busy.
        """
        if plan not in self._approvals:
            raise NotLaunchable("Nothing is approved for this plan. Approve the wave first.")
        staff = self._staff(settings)
        with self._claimed() as claim:
            self.records().expect_writable()
            approval = self._approvals.pop(plan)
            confirm(approval, analysis, staff.settings, staff.runs)
            staff.expect_able(approval.tasks)
            names = frozenset(task.id for task in approval.tasks)
            before = () if fresh else self.series(plan, analysis)
            record = RunRecord(
                id=new_run_id(),
                approval=approval,
                state=RunState.PREPARING,
                tasks={task.id: TaskRecord() for task in approval.tasks},
                contracts=tuple(each for each in analysis.contracts if {each.task, each.producer} <= names),
                series=before[0].series if before else "",
                open_tasks=open_tasks(analysis),
            )
            assignments = [staff.assignment(task, analysis, record) for task in approval.tasks]
            conditions = self._conditions(claim.state, approval, analysis, staff.settings)
            run = Run(record, conditions, assignments)
            return claim.start(run, run.start)

    def retry(  # noqa: PLR0913  # what is asked for, and what a person may say about it
        self,
        plan: str,
        analysis: Analysis,
        tasks: Collection[str] = (),
        comment: str = "",
        settings: ExecutionSettings | None = None,
        *,
        run: str | None = None,
    ) -> Run:
        """Try tasks of the plan's last run again, or all that are not done, under its approval; the others' work stays.

        Their agents are told how the last attempt ended, and `comment`. Raises `NotLaunchable`. Here and in what
        follows, `run` is the id of the run that is meant where it is not the last one.
        """
        staff = self._staff(settings)
        with self._claimed() as claim:
            before = self._last_record(plan, run)
            record, names = tried_again(before, tasks, comment)
            confirm_again(record.approval, names, analysis, staff.settings, staff.runs)
            _expect_within_budget(before, analysis.settings.prices)
            chosen = [task for task in record.approval.tasks if task.id in names]
            staff.expect_able(chosen)
            assignments = [staff.assignment(task, analysis, record, before) for task in chosen]
            conditions = self._conditions(claim.state, record.approval, analysis, staff.settings)
            resumed = self._resumed(record, conditions, assignments)
            return claim.start(resumed, resumed.start)

    def repair(
        self, plan: str, analysis: Analysis, settings: ExecutionSettings | None = None, *, run: str | None = None
    ) -> Run:
        """Let one more agent mend what the plan's last run made together and what failed to verify.

        It may write what all its tasks may, as they were approved. Raises `NotLaunchable`.
        """
        staff = self._staff(settings)
        with self._claimed() as claim:
            before = self._last_record(plan, run)
            record, repair, failed = with_repair(before)
            planned = [task.id for task in before.approval.tasks if task.id in repair.after and not task.repairs]
            confirm_again(before.approval, planned, analysis, staff.settings, staff.runs)
            _expect_within_budget(before, analysis.settings.prices)
            staff.expect_able((repair,))
            assignments = [staff.repair(repair, analysis, planned, failed, record)]
            conditions = self._conditions(claim.state, record.approval, analysis, staff.settings)
            resumed = self._resumed(record, conditions, assignments)
            return claim.start(resumed, resumed.start)

    def land(
        self, plan: str, *, tasks: Collection[str] | None = None, unverified: bool = False, run: str | None = None
    ) -> Run:
        """Land what the plan's last run holds: all, or what `tasks` made; what stays is still held.

        It is verified once more, over the workspace as it is now, but for `unverified`. Raises `NotLaunchable`.
        """
        with self._claimed() as claim:
            record, names = to_land(self._last_record(plan, run), tasks, verify=not unverified)
            resumed = self._resumed(record, self._conditions(claim.state, record.approval))
            return claim.start(resumed, partial(resumed.start_landing, names, verify=not unverified))

    async def discard(self, plan: str, run: str | None = None) -> RunRecord:
        """Give up what the plan's last run holds, or the `run` of that id. Raises `NotLaunchable`.

        Its change sets are kept with the record for as long as that is.
        """
        return await self._to_its_end(self._discard(plan, run))

    async def drop(
        self, plan: str, task: str, path: str, hunks: Collection[str] | None = None, run: str | None = None
    ) -> RunRecord:
        """Leave a file, or some of its hunks, out of what a task of the plan's last run would land.

        Hunks go by their ids (`review.hunk_id`). Raises `NotLaunchable`, also where nothing of the task would be left.
        """
        return await self._to_its_end(self._drop(plan, task, path, hunks, run))

    async def undo(self, plan: str, run: str | None = None) -> RunRecord:
        """Take back the last landing of the plan's last run, or of the `run` of that id, as a whole.

        Raises `NotLaunchable`, also where a file of it was changed since; nothing is undone then.
        """
        return await self._to_its_end(self._undo(plan, run))

    def begin(self, run: Run, state: StateDirectory, start: Callable[[Callable[[], None]], None]) -> None:
        """Take a run for the current one, and `start` it."""
        plan = run.record.approval.plan
        # What is launched comes last; what goes on stays where it was. Other threads look at these meanwhile.
        before = {name: known for name, known in self._runs.items() if name != plan or known.id == run.id}
        self._runs = {**before, plan: run}
        self._run = run
        start(lambda: self._ended(run, state))

    async def keep(
        self, record: RunRecord, state: StateDirectory, reviewed: Mapping[str, Harvest] = _NO_HARVESTS
    ) -> None:
        """Write down what was decided about a run that does not go on. Raises `NotLaunchable`.

        `reviewed` is what tasks would change from now on, where that is less than before.
        """
        saving = self._disk.submit(RunStore(state.runs).save, record, reviewed)
        try:
            await asyncio.wrap_future(saving)
        except OSError as error:
            raise NotLaunchable(f"That cannot be written down: {error.strerror}. Make room, and try again.") from error
        plan = record.approval.plan
        self._last.told({plan: record})
        known = self._runs.get(plan)
        if known is not None and known.id == record.id:
            harvests = {**known.harvests, **reviewed}
            self._runs[plan] = Run(record, self._conditions(state, record.approval), (), harvests)
            if self._run is known:
                self._run = self._runs[plan]

    def last_record(self, plan: str) -> RunRecord | None:
        """The record of the plan's last run, of whichever process; None where there is none. For any thread."""
        run = self._runs.get(plan)
        if run is not None and run.is_going_on:
            return run.record
        record = self._last.of(plan)
        return run.record if run is not None and (record is None or run.is_ahead_of(record)) else record

    def last_progress(self, plan: str) -> Progress | None:
        """How the plan's last run stands, of whichever process; None where there is none. For any thread."""
        record, run = self.last_record(plan), self._runs.get(plan)
        if record is None or (run is not None and (run.is_going_on or run.record == record)):
            return run.progress if run is not None else None
        known = self._as_recorded.get(plan)
        if known is None or known.record != record:
            known = self._as_recorded[plan] = as_recorded(record, self._changes_of(record))
        return known

    def facts(self, plan: str) -> RunFacts:
        """What the plan's last run left behind, in whichever process, and what is approved now. For any thread."""
        record = self.last_record(plan)
        facts = replace(record.facts() if record else NO_FACTS, history=self._history(plan))
        approval = self._approvals.get(plan)
        if approval is None:
            return facts
        return replace(facts, approved_digest=approval.digest, approved_waves=(approval.wave,))

    async def moment(self) -> object:
        """Another one whenever this process or another one has written to the record of the runs."""
        return await in_thread(lambda: self._last.moment)

    async def catch_up(self) -> tuple[str, ...] | None:
        """Learn what other processes have run and decided here since; None where that is nothing.

        Returns the plans whose last run stands otherwise now, and goes on no more; those that are known here are known
        as they stand. While a run goes on here, nobody else decides anything.
        """
        news, past = await in_thread(lambda: (self._last.news(), self._read_past()))
        held = {plan: await in_thread(self._harvests_left, each) for plan, each in news.items() if each}
        if self.going_on is not None or not news:
            return None
        self._last.told(news)
        self._remember(past)
        stopped = {plan: record for plan, record in news.items() if record and self._is_news(record)}
        for plan, record in stopped.items():
            if plan in self._runs:
                self._take_in(record, held[plan])
        return tuple(stopped)

    def records(self) -> RunStore:
        """The records of this workspace's runs, to be read in any thread; raises `StateError`."""
        return RunStore(self._state().runs)

    async def close(self) -> None:
        """Cancel the run that is going on, wait for its end, and let go of the disk. Nothing begins from here on."""
        self._is_closing = True
        if self._deciding:
            await asyncio.wait(self._deciding)
        if self._run is not None:
            self._run.cancel()
            await self._run.wait()
        await asyncio.to_thread(self._disk.shutdown)
        await asyncio.to_thread(self._janitor.stop)
        if self._opened is not None:
            self._opened.unlock()

    async def _to_its_end(self, decision: Coroutine[Any, Any, RunRecord]) -> RunRecord:
        """Carry a decision out and write it down, also where whoever asked for it gives up meanwhile."""
        work = asyncio.ensure_future(decision)
        self._deciding.add(work)
        work.add_done_callback(self._deciding.discard)
        return await to_its_end(work)

    async def _discard(self, plan: str, run: str | None) -> RunRecord:
        with self._claimed() as claim:
            return await claim.settle(discarded(self._last_record(plan, run)))

    async def _drop(self, plan: str, task: str, path: str, hunks: Collection[str] | None, run: str | None) -> RunRecord:
        with self._claimed() as claim:
            record = self._last_record(plan, run)
            expect_reviewable(record, task)
            changes, store = self._harvests_of(record)[task].declared, RunStore(claim.state.runs)
            folder = store.changes_folder(record.id, task)
            left = await in_thread(_without, changes, task, path, hunks, folder)
            reviewed = Harvest(left, await in_thread(store.undeclared, record.id, task))
            after = left_out(record, task, [change.path for change in left])
            return await claim.settle(after, {task: reviewed})

    async def _undo(self, plan: str, run: str | None) -> RunRecord:
        with self._claimed() as claim:
            record = self._last_record(plan, run)
            landing = last_landing(record)
            lander = self._lander(claim.state)
            try:
                await in_thread(_take_back, record, landing, lander, claim.state.workspace, self._unsaved)
            except (LandingConflict, LandingFailed, CannotCommit) as error:
                raise NotLaunchable(_not_undone(error)) from error
            return await claim.settle(undone(record, landing))

    def _history(self, plan: str) -> History:
        """What earlier runs took, as the plan's analysis is given it. After `recover` this asks no disk.

        For any thread: what is remembered meanwhile in another one makes a new dictionary, and leaves this one alone.
        """
        if self._past is None:
            self._remember(self._read_past())
        histories, past = self._histories, self._past
        found = histories.get(plan)
        if found is None:
            found = histories[plan] = History(plan, past) if past else NO_HISTORY
        return found

    def _remember(self, past: tuple[PastTask, ...]) -> None:
        self._past = past
        self._histories = {}

    def _read_past(self) -> tuple[PastTask, ...]:
        try:
            return past_tasks(self.records())
        except StateError as error:
            _log.warning("%s", error)
            return ()

    def _ended(self, run: Run, state: StateDirectory) -> None:
        """Let go of the workspace, and learn from the run: from each of its tasks once."""
        state.unlock()
        self._last.told({run.record.approval.plan: run.record})
        self._janitor.sweep_soon()
        new = [task for task in finished(run.record) if (run.id, task.task) not in self._learnt]
        self._learnt.update((run.id, task.task) for task in new)
        self._remember((*new, *(self._past or ())))

    def _staff(self, settings: ExecutionSettings | None) -> Staff:
        return Staff(settings or self.settings, self._environ, self._find_backend)

    def _state(self) -> StateDirectory:
        if self._opened is None:
            self._opened = StateDirectory.for_workspace(self.root, self._environ)
        return self._opened

    @contextmanager
    def _claimed(self) -> Iterator["_Claim"]:
        """The workspace, taken for one run or decision; it is given back with this, unless a run has begun by then."""
        if (run := self.going_on) is not None:
            raise NotLaunchable(f"Run {run.id} of this workspace is still going on. Wait for it, or cancel it.")
        if self._is_closing:
            raise NotLaunchable("This workspace is being closed, so nothing was begun. Open it again.")
        try:
            state = self._state()
            state.lock()
        except StateError as error:
            raise NotLaunchable(str(error)) from error
        claim = _Claim(self, state)
        try:
            yield claim
        except StateError as error:  # the record of the runs cannot be read or written
            raise NotLaunchable(f"{error} Nothing was begun.") from error
        finally:
            if not claim.has_begun:
                state.unlock()

    def _last_record(self, plan: str, run: str | None = None) -> RunRecord:
        """The record of the plan's last run, or of the run of that id: as it is on the disk.

        Another process may have decided something since, or have run the plan anew. What is known here alone counts
        where it could not be written. The workspace must be claimed, so that nobody decides meanwhile.
        """
        store = self.records()
        record = store.latest(plan) if run is None else store.load(run)
        known = self._runs.get(plan)
        if known is not None and run in {None, known.id}:
            if record is None or record == known.record or known.is_ahead_of(record):
                return known.record
            self._take_in(record)
        if record is None or record.approval.plan != plan:
            raise NotLaunchable("There is no such run of this plan." if run else "This plan has not been run yet.")
        return record

    def _is_news(self, record: RunRecord) -> bool:
        """Whether a plan's last run has stopped, and stands in this record otherwise than it is known here."""
        known = self._runs.get(record.approval.plan)
        if record.state in GOING_ON:
            return False
        return known is None or (record != known.record and not known.is_ahead_of(record))

    def _take_in(self, record: RunRecord, harvests: Mapping[str, Harvest] | None = None) -> None:
        """Know a plan's last run as another process has left it; `harvests` are read, where they are not given."""
        plan, state = record.approval.plan, self._state()
        before = self._runs[plan]
        left = self._harvests_left(record) if harvests is None else harvests
        self._runs[plan] = Run(record, self._conditions(state, record.approval), (), left)
        if self._run is before:
            self._run = self._runs[plan]

    def _harvests_left(self, record: RunRecord) -> Mapping[str, Harvest]:
        """As `_harvests`; none where they cannot be read, which whoever needs them is told."""
        try:
            return self._harvests(record)
        except NotLaunchable:
            return _NO_HARVESTS

    def _changes_of(self, record: RunRecord) -> Mapping[str, tuple[Change, ...]]:
        """What each task of a run changed, as far as that can be read."""
        try:
            store = self.records()
        except StateError:
            return {}
        return {name: store.changes(record.id, name) for name in record.tasks}

    def _resumed(self, record: RunRecord, conditions: Conditions, assignments: Sequence[Assignment] = ()) -> Run:
        """The next stretch of a run that had stopped, with what its agents had made."""
        return Run(record, conditions, assignments, self._harvests_of(record))

    def _harvests_of(self, record: RunRecord) -> Mapping[str, Harvest]:
        """What the tasks of a run made that may still land."""
        known = self._runs.get(record.approval.plan)
        # As on the disk, where another process may have left out hunks; what could not be written is known here alone.
        try:
            return self._harvests(record)
        except NotLaunchable:
            if known is not None and known.id == record.id and known.holds_work_of(record):
                return known.harvests
            raise

    def _harvests(self, record: RunRecord) -> Mapping[str, Harvest]:
        """What the tasks of a run made that may still land, as an earlier process has kept it."""
        store = self.records()
        harvests = {}
        for name, task in record.tasks.items():
            if task.state in WITH_WORK:
                changes = store.changes(record.id, name)
                if tuple(change.path for change in changes) != task.changed:
                    raise NotLaunchable(f"What `{visible(name)}` changed cannot be read any more. Try it again.")
                harvests[name] = Harvest(changes, ())
        return harvests

    def _conditions(
        self,
        state: StateDirectory,
        approval: Approval,
        analysis: Analysis | None = None,
        settings: ExecutionSettings | None = None,
    ) -> Conditions:
        """How a run takes place: as it was approved. Without agents it needs neither an analysis nor settings."""
        chosen = settings or self.settings
        return Conditions(
            root=self.root,
            state=state,
            store=RunStore(state.runs),
            lander=self._lander(state),
            disk=self._disk,
            environ=self._environ,
            verify_seconds=approval.verify_minutes * 60,
            isolation=Isolation(approval.isolation) if approval.isolation else None,
            unsaved=self._unsaved,
            bisect=chosen.bisect,
            paths=analysis.tree.paths if analysis is not None else (),
            prices=analysis.settings.prices if analysis is not None else {},
            workplace=workplace_for(chosen, state),
        )

    def _lander(self, state: StateDirectory) -> Lander:
        try:
            return Lander(state.workspace, state.landing)
        except StateError as error:
            raise NotLaunchable(str(error)) from error

    def _put_in_order(self) -> tuple[str, ...]:
        try:
            return put_in_order(self._state())
        except StateError as error:
            return (str(error),)


class _Claim:
    """The workspace, taken for one run or one decision."""

    def __init__(self, executor: Executor, state: StateDirectory) -> None:
        self.state = state
        self.has_begun = False
        self._executor = executor

    def start(self, run: Run, start: Callable[[Callable[[], None]], None]) -> Run:
        """Begin a run, which gives the workspace back when it has ended."""
        self._executor.begin(run, self.state, start)
        self.has_begun = True
        return run

    async def settle(self, record: RunRecord, reviewed: Mapping[str, Harvest] = _NO_HARVESTS) -> RunRecord:
        """Keep what was decided about a run that has stopped; `reviewed` is as in `Executor.keep`."""
        await self._executor.keep(record, self.state, reviewed)
        return record


def _without(
    changes: Sequence[Change], task: str, path: str, hunks: Collection[str] | None, store: Path
) -> tuple[Change, ...]:
    """A task's changes without that path, or without these hunks of it; raises `NotLaunchable`. Blocks."""
    change = next((each for each in changes if each.path == path), None)
    if change is None:
        raise NotLaunchable(f"`{visible(task)}` would not change `{visible(path)}`.")
    try:
        less = None if hunks is None else without_hunks(change, hunks, store)
    except NoSuchHunk as error:
        raise NotLaunchable(f"`{visible(path)}` is not what was shown any more. Look at the changes again.") from error
    except OSError as error:
        raise NotLaunchable(f"What `{visible(task)}` changed cannot be read: {error.strerror}.") from error
    left = tuple(less if each is change else each for each in changes)
    found = tuple(each for each in left if each is not None)
    if not found:
        raise NotLaunchable(
            f"Nothing of `{visible(task)}` would be left to land. Try it again, or land the others without it."
        )
    return found


def _take_back(
    record: RunRecord, landing: str, lander: Lander, workspace: Path, unsaved: Callable[[], frozenset[str]]
) -> None:
    """Undo a landing. One that changed nothing has left no trace, and one may have been undone before a crash."""
    if commit := record.commits.get(landing):
        name = branch_name(record.approval.plan, landing)
        undo_commits(workspace, Branch(name, commit))
        return
    lander.recover()  # it may be complete and not noted as such
    if lander.has_landed(landing) and not lander.has_landed(f"{landing}-undo"):
        with suppress(LandingNotNoted):  # all is back in its place
            lander.undo(landing, unsaved=unsaved)


def _not_undone(error: LandingConflict | LandingFailed | CannotCommit) -> str:
    if not isinstance(error, LandingConflict):
        return f"Nothing was undone. {error}"
    paths = ", ".join(f"`{visible(path)}`" for path in error.paths)
    why = error.why.replace("since the wave began", "since it landed")
    words = f"Nothing was undone: {paths} {why}. Put back what was changed, or take the rest back by hand."
    return f"{words} Older versions are kept in `{error.rescued[0].parent}`." if error.rescued else words


def _expect_within_budget(record: RunRecord, prices: Mapping[str, Price]) -> None:
    """Raise `NotLaunchable` where a run has used all that it may."""
    minutes = record.seconds.get(RunState.RUNNING.value, 0.0) / 60
    for share, limit in shares(record.approval.budget, spent(record, minutes, prices)):
        if share > 1:
            raise NotLaunchable(f"The budget of {limit} is used up. Raise it in the plan, and launch the wave again.")
