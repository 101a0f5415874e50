"""One run: approved tasks, from the frozen base to the landing, and what people decide when it has stopped.

The order is fixed. Freeze the base; let the agents work, each in a sandbox of its own; when all have ended, combine
what lies in their write sets; verify that once; land all of it or nothing. Nothing touches the workspace before the
landing. Who works when is `dispatch`'s business, what must hold is `checks`', and what is known is in the `ledger`.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from agent_server.agents.threads import begun, completed, in_thread
from agent_server.analysis.facts import TaskState
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.drift import drift
from agent_server.execution.changes.harvest import Harvest, OverlapError
from agent_server.execution.changes.rebasing import rebased
from agent_server.execution.landing.commits import Branch, CannotCommit, TaskCommit, land_commits
from agent_server.execution.landing.landing import LandingConflict, LandingFailed, LandingNotNoted
from agent_server.execution.records.record import RunRecord, began
from agent_server.execution.runs.attempt import Assignment
from agent_server.execution.runs.checks import Checks
from agent_server.execution.runs.conditions import Conditions
from agent_server.execution.runs.dispatch import Dispatch
from agent_server.execution.runs.ledger import Ledger, unwritten
from agent_server.execution.runs.lifecycle import CANCELLABLE, GOING_ON, WITH_WORK, RunState
from agent_server.execution.runs.progress import Progress
from agent_server.execution.sandboxes.isolation import SandboxError, in_words
from agent_server.execution.sandboxes.sandbox import Base, freeze
from agent_server.execution.state import StateError
from agent_server.plan.model import Landing

__all__ = ["Assignment", "Conditions", "Progress", "Run"]

_log = logging.getLogger(__name__)
_MOST_TURNS = 3
"""How often a change set is verified at most while the workspace moves on."""

_SHOWN = 5  # as many conflicts as a message tells
_NOTHING: Mapping[str, Harvest] = {}


class Run:
    """One run, or the next stretch of one that had stopped. All its methods are called on the loop of its start."""

    def __init__(
        self,
        record: RunRecord,
        conditions: Conditions,
        assignments: Sequence[Assignment] = (),
        harvests: Mapping[str, Harvest] = _NOTHING,
    ) -> None:
        """The run of `record`, in which the agents of `assignments` are to work; `harvests` are kept from before."""
        self._conditions = conditions
        self._ledger = Ledger(record, harvests, conditions.store, conditions.disk)
        self._checks = Checks(self._ledger, conditions)
        self._dispatch = Dispatch(self._ledger, conditions, self._checks, assignments)
        self._has_agents = bool(assignments)
        self._briefs = {each.brief.task: each.brief.prompt for each in assignments}
        self.is_resumed = bool(record.seconds)
        """Whether this is not the first stretch of the run."""
        self._work: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def id(self) -> str:
        """The run's id."""
        return self.record.id

    @property
    def record(self) -> RunRecord:
        """How the run stands now."""
        return self._ledger.record

    @property
    def progress(self) -> Progress:
        """The run at this moment."""
        return self._ledger.progress

    @property
    def harvests(self) -> Mapping[str, Harvest]:
        """What each task would change, as far as its agent has ended."""
        return self._ledger.harvests

    def holds_work_of(self, record: RunRecord) -> bool:
        """Whether it is known here what every task would change that has something left to land by that record."""
        return all(name in self.harvests for name, task in record.tasks.items() if task.state in WITH_WORK)

    def is_ahead_of(self, written: RunRecord) -> bool:
        """Whether this run stands as it does here alone, for it could not be written; `written` is the plan's last."""
        if self.is_going_on or self._ledger.is_written:
            return False
        return written.state in GOING_ON if written.id == self.id else began(written.id) <= began(self.id)

    def watch(self, watcher: Callable[[Progress], None]) -> Callable[[], None]:
        """Call `watcher` at every change from now on, until what this returns is called."""
        return self._ledger.watchers.add(watcher)

    def start(self, ended: Callable[[], None]) -> None:
        """Let the agents work, then verify and land all that is done.

        Returns at once; `wait` for the end. `ended` is called before `wait` returns.
        """
        self._ledger.message = "Copying the workspace"
        self._ledger.save()
        self._do(self._carry_out(None), ended)

    def start_landing(self, names: frozenset[str], ended: Callable[[], None], *, verify: bool) -> None:
        """Land what these tasks would change, once that is verified again or, without `verify`, at once.

        Otherwise like `start`.
        """
        self._ledger.message = "Copying the workspace" if verify else "Landing"
        self._ledger.save()
        self._do(self._carry_out(names) if verify else self._land(names), ended)

    async def wait(self) -> RunRecord:
        """The record, once nothing more will happen by itself. Never raises for a fault of the run."""
        if self._work is not None:
            await asyncio.shield(self._work)
        return self.record

    def cancel(self, task: str | None = None) -> bool:
        """Stop one agent, or all of the run. False where there is nothing to stop; a landing always goes to its end."""
        if self._work is None or self.record.state not in CANCELLABLE:
            return False
        if task is not None:
            return self._dispatch.stop(task)
        if not self._stopping:
            self._stopping = True
            # A task that is cancelled before its first step would never run, and so never let go of the workspace.
            asyncio.get_running_loop().call_soon(self._work.cancel)
        return True

    @property
    def is_going_on(self) -> bool:
        """Whether the run still changes by itself, or has not let go of the workspace yet."""
        return self._work is not None and not self._work.done()

    @property
    def briefs(self) -> Mapping[str, str]:
        """What the agents of this stretch are told, word for word, by their tasks."""
        return self._briefs

    def _do(self, work: Coroutine[Any, Any, None], ended: Callable[[], None]) -> None:
        async def finish() -> None:
            try:
                await self._to_an_end(work)
                await self._ledger.check()
            finally:
                ended()

        self._work = asyncio.get_running_loop().create_task(finish())

    async def _to_an_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`; whatever happens, the run ends, and says so."""
        try:
            await work
        except asyncio.CancelledError:
            self._break_off(RunState.CANCELLED, TaskState.CANCELLED, "Stopped. Nothing landed.")
        except (SandboxError, StateError, OSError) as error:
            self._break_off(RunState.FAILED, TaskState.FAILED, f"The run stopped: {in_words(error)} Nothing landed.")
        except Exception as error:  # noqa: BLE001  # as the docstring says
            _log.exception("Run %s failed", self.id)
            self._break_off(RunState.FAILED, TaskState.FAILED, f"Agent Server met a fault of its own: {error!r}.")

    def _break_off(self, state: RunState, tasks: TaskState, message: str) -> None:
        if self.record.state in GOING_ON:
            self._ledger.end(state, tasks, message)

    async def _carry_out(self, names: frozenset[str] | None) -> None:
        """Let the agents work, verify and land what `names` made; without names, what all made.

        Where the workspace moves on meanwhile, what was verified is not what would stand there. It is then verified
        again over the workspace as it is, a few times at most: some file may never rest.
        """
        await self._ledger.recorded()
        verified = False
        for turn in range(_MOST_TURNS):
            async with await self._freeze() as base:
                if self._has_agents and not turn:
                    async with self._conditions.workplace(base) as workplace:
                        await self._dispatch.work(base, workplace)
                names = self._ledger.with_work() if names is None else names
                is_fit = self._all_done() and (await self._bring_up(base, names) if turn or self.is_resumed else True)
                verified = is_fit and await self._verify(base, names)
                moved_on = verified and turn + 1 < _MOST_TURNS and await self._moved_on(names)
            if not moved_on:
                break
            self._ledger.enter(RunState.PREPARING, "The workspace changed meanwhile: copying it again")
        if self._stopping:
            raise asyncio.CancelledError
        if verified and names is not None:
            await self._land(names)

    async def _bring_up(self, base: Base, names: frozenset[str]) -> bool:
        """Bring what these tasks made up to a base that they did not start from; where that cannot be, it is held."""
        folder = self._conditions.store.changes_folder(self.id, "merged")
        try:
            found = await in_thread(rebased, base.root, self._ledger.combined(names), folder)
        except (OverlapError, SandboxError) as error:
            self._ledger.hold(f"{error} Nothing landed.")
            return False
        if found.conflicts:
            told = "; ".join(map(str, found.conflicts[:_SHOWN]))
            more = f"; and {len(found.conflicts) - _SHOWN} more" if len(found.conflicts) > _SHOWN else ""
            self._ledger.hold(f"{told}{more}. Nothing landed.")
            return False
        self._ledger.bring_up(names, found.changes)
        return True

    async def _moved_on(self, names: frozenset[str]) -> bool:
        """Whether the workspace has changed since its copy was made. The base must still be open."""
        return bool(await in_thread(drift, self._conditions.state, self._ledger.combined(names)))

    async def _freeze(self) -> Base:
        def copied(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._ledger.say, f"Copying the workspace ({done:,} of {total:,} files)")

        loop = asyncio.get_running_loop()
        conditions = self._conditions
        base = await freeze(
            conditions.root,
            conditions.state,
            progress=copied,
            prefer=conditions.isolation,
            network=self.record.approval.network,
        )
        self._ledger.note_run(isolation=base.isolation.value)
        return base

    def _all_done(self) -> bool:
        """Whether all tasks are done that were to work now; if not, the work of the others is held."""
        if not self._has_agents:
            return True
        tasks = self.record.tasks
        missing = [
            name
            for name, task in tasks.items()
            if task.failed_check or task.state in (TaskState.FAILED, TaskState.CANCELLED)
        ]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            count = f"{len(missing)} of {len(tasks)} tasks" if len(tasks) > 1 else "The task"
            self._ledger.hold(f"{count} did not finish ({names}), so nothing landed.")
        return not missing

    async def _verify(self, base: Base, names: frozenset[str]) -> bool:
        """Whether the work of these tasks may land; if not, it is held."""
        self._ledger.enter(RunState.VERIFYING, "Verifying")
        self._on_their_way(names)
        with suppress(SandboxError):  # it is told in the end; a landing needs the record, a build does not
            await self._ledger.recorded()  # a build may take the machine down, and what agents made is worth a lot
        problem = await self._checks.whole(base, names)
        if problem:
            self._ledger.hold(f"{problem} Nothing landed.")
        return not problem

    def _on_their_way(self, names: frozenset[str]) -> None:
        for name, task in self.record.tasks.items():
            if name in names and task.state is not TaskState.VERIFYING:
                self._ledger.move(name, TaskState.VERIFYING)

    async def _land(self, names: frozenset[str]) -> None:
        """Land what these tasks would change, or hold it. Not to be cancelled: a landing always goes to its end."""
        # The run first: a record of tasks that are on their way, in a run that is held, would never be put in order.
        self._ledger.enter(RunState.LANDING, "Landing")
        self._on_their_way(names)
        try:
            changes = self._ledger.combined(names)
        except OverlapError as error:
            self._ledger.hold(f"{error} Nothing landed.")
            return
        landing = begun(self._put_in_place, self._ledger.last_save, changes, self._commits(names))
        await completed(landing)
        try:
            tip = landing.result()
        except (LandingConflict, LandingFailed) as error:
            self._ledger.hold(str(error))
            return
        count = "1 file" if len(changes) == 1 else f"{len(changes)} files"
        self._ledger.landed(tip, f"Landed {count}" if changes else "Nothing had to change")

    def _commits(self, names: frozenset[str]) -> tuple[TaskCommit, ...]:
        """What each of these tasks lands, as commits are made of it."""
        verify = self.record.approval.verify or ""
        return tuple(
            TaskCommit(task.id, task.title, self._ledger.harvests[task.id].declared, task.model, verify)
            for task in self.record.approval.tasks
            if task.id in names
        )

    def _put_in_place(
        self, saved: Future[None] | None, changes: Sequence[Change], commits: Sequence[TaskCommit]
    ) -> Branch | None:
        """Land, once the record says that this is going on: recovery rests on it. Blocks.

        Returns the branch on which it landed; None where that is in the tree, or there was nothing to commit.
        """
        lander, transaction, approval = self._conditions.lander, self.record.next_landing, self.record.approval
        try:
            if saved is not None:
                saved.result()
        except OSError as error:
            raise LandingFailed(f"{unwritten(error)} Nothing was landed; make room and land again.") from error
        if approval.land is Landing.COMMIT:
            try:
                folder = self._conditions.state.commits
                return land_commits(self._conditions.root, transaction, commits, plan=approval.plan, folder=folder)
            except CannotCommit as error:
                raise LandingFailed(str(error)) from error
        with suppress(LandingNotNoted):  # what agents made stands in the tree, so it has landed
            lander.land(transaction, changes, unsaved=self._conditions.unsaved)
        return None
