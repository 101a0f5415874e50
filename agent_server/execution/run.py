"""One run: an approved wave, from the frozen base to the landing.

The order is fixed. Freeze the base; let every agent work in a sandbox of its own; when all have ended, combine what
lies in their write sets; verify that once; land all of it or nothing. A fault of one agent does not stop its
siblings, and nothing touches the workspace before the landing.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent_server.agents.backend import Event, Outcome, OutcomeKind, Used
from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import TaskState
from agent_server.analysis.model import Contract
from agent_server.execution.approval import Approval
from agent_server.execution.attempt import Assignment, Attempt
from agent_server.execution.changes import Change
from agent_server.execution.contracts import broken
from agent_server.execution.harvest import OverlapError, combine
from agent_server.execution.isolation import Isolation, SandboxError
from agent_server.execution.landing import Lander, LandingConflict, LandingFailed
from agent_server.execution.lifecycle import ENDED, GOING_ON, RUN_MOVES, TASK_MOVES, RunState, moved
from agent_server.execution.progress import Progress, Watchers, percent_done, seconds_left, share_done
from agent_server.execution.record import RunRecord, RunStore, TaskRecord
from agent_server.execution.sandbox import Base, freeze
from agent_server.execution.state import StateDirectory
from agent_server.execution.threads import begun, completed, in_thread
from agent_server.execution.verify import Verification, verify
from agent_server.plan.visible import visible

__all__ = ["Assignment", "Conditions", "Progress", "Run"]

_log = logging.getLogger(__name__)

# How often the watchers hear of a verification's output, in seconds; a command may print megabytes.
_OUTPUT_INTERVAL = 0.1
_LINE_WIDTH = 200
_ENDED: Mapping[OutcomeKind, str] = {
    OutcomeKind.DONE: "",
    OutcomeKind.CANCELLED: "Stopped.",
    OutcomeKind.REFUSED: "The model refused the task.",
    OutcomeKind.MAX_TURNS: "The agent used all its turns. Make the task smaller, or raise `turns`.",
    OutcomeKind.OVER_BUDGET: "The agent used all its tokens. Make the task smaller, or raise `task_tokens`.",
    OutcomeKind.TIMED_OUT: "The agent ran out of time. Make the task smaller, or raise `task_minutes`.",
    OutcomeKind.ERROR: "The agent failed.",
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where and how a run takes place.

    `contracts` are what tasks of the wave were allowed to rely on before it was written; that is checked before the
    build. `unsaved` answers, at the moment of landing, which files have unsaved editor buffers. `isolation` forces
    one kind of sandbox. `disk` has one thread, so that the record follows the order of events while the loop never
    waits for the disk. Seconds are wall-clock.
    """

    root: Path
    state: StateDirectory
    store: RunStore
    lander: Lander
    disk: Executor
    environ: Mapping[str, str]
    verify_seconds: float
    contracts: tuple[Contract, ...] = ()
    isolation: Isolation | None = None
    unsaved: Callable[[], frozenset[str]] = frozenset


class Run:
    """One run of one wave. All its methods are called on the event loop that `start` ran on."""

    def __init__(
        self, run_id: str, approval: Approval, assignments: Sequence[Assignment], conditions: Conditions
    ) -> None:
        self._conditions = conditions
        self._attempts = {assignment.approved.id: Attempt(assignment) for assignment in assignments}
        self._record = RunRecord(
            id=run_id,
            approval=approval,
            state=RunState.PREPARING,
            tasks={name: TaskRecord() for name in self._attempts},
            contracts=tuple(
                each for each in conditions.contracts if {each.task, each.producer} <= self._attempts.keys()
            ),
        )
        self._message = "Copying the workspace"
        self._percent = 0
        self._watchers = Watchers()
        self._phase_began = self._began = time.monotonic()
        self._work: asyncio.Task[None] | None = None
        self._stopping = False
        self._verified = False
        self._last_save: Future[None] | None = None

    @property
    def id(self) -> str:
        """The run's id."""
        return self._record.id

    @property
    def record(self) -> RunRecord:
        """How the run stands now."""
        return self._record

    @property
    def progress(self) -> Progress:
        """The run at this moment."""
        activity = {name: attempt.activity for name, attempt in self._attempts.items() if attempt.activity}
        shares = {
            name: share_done(self._record.tasks[name].state, attempt.seconds, attempt.assignment.expected_seconds)
            for name, attempt in self._attempts.items()
        }
        self._percent = max(self._percent, percent_done(self._record.state, shares))
        worked = {name: self._worked(name) for name in self._attempts}
        expected = {name: attempt.assignment.expected_seconds for name, attempt in self._attempts.items()}
        return Progress(
            self._record,
            self._percent,
            self._message,
            activity,
            shares,
            self._seconds,
            worked,
            seconds_left(self._record, worked, expected),
            {name: attempt.harvest.declared for name, attempt in self._attempts.items()},
        )

    def watch(self, watcher: Callable[[Progress], None]) -> Callable[[], None]:
        """Call `watcher` at every change from now on, until what this returns is called."""
        return self._watchers.add(watcher)

    def start(self, ended: Callable[[], None]) -> None:
        """Begin. Returns at once; `wait` for the end. `ended` is called before `wait` returns."""
        self._save()
        self._do(self._carry_out(), ended)

    async def wait(self) -> RunRecord:
        """The record, once nothing more will happen by itself. Never raises for a fault of the run."""
        if self._work is not None:
            await asyncio.shield(self._work)
        return self._record

    def cancel(self, task: str | None = None) -> bool:
        """Stop one agent, or all of the run. False where there is nothing to stop; a landing always goes to its end."""
        if task is not None:
            return task in self._attempts and self._attempts[task].stop()
        if self._work is None or self._record.state not in GOING_ON - {RunState.LANDING}:
            return False
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
    def can_land(self) -> bool:
        """Whether the run is held although all its tasks finished and passed their verification."""
        return self._record.state is RunState.HELD and self._verified

    def land_again(self, ended: Callable[[], None]) -> None:
        """Try once more to land; only where `can_land`. Otherwise like `start`."""
        self._do(self._land(), ended)

    @property
    def _seconds(self) -> float:
        """For how long the run has been going on; the time for which it was held does not count."""
        ended = sum(self._record.seconds.get(state.value, 0.0) for state in GOING_ON)
        return ended + (time.monotonic() - self._phase_began if self._record.state in GOING_ON else 0.0)

    def _worked(self, name: str) -> float:
        task = self._record.tasks[name]
        return self._attempts[name].seconds if task.state is TaskState.RUNNING else task.seconds

    def _do(self, work: Coroutine[Any, Any, None], ended: Callable[[], None]) -> None:
        async def finish() -> None:
            try:
                await self._to_an_end(work)
                await self._check_record()
            finally:
                ended()

        self._work = asyncio.get_running_loop().create_task(finish())

    async def _to_an_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work`; whatever happens, the run ends, and says so."""
        try:
            await work
        except asyncio.CancelledError:
            self._break_off(RunState.CANCELLED, TaskState.CANCELLED, "Cancelled. Nothing landed.")
        except (SandboxError, OSError) as error:
            self._break_off(RunState.FAILED, TaskState.FAILED, f"The run stopped: {error} Nothing landed.")
        except Exception as error:  # noqa: BLE001  # as the docstring says
            _log.exception("Run %s failed", self.id)
            self._break_off(RunState.FAILED, TaskState.FAILED, f"Agent Server met a fault of its own: {error!r}.")

    def _break_off(self, state: RunState, tasks: TaskState, message: str) -> None:
        if self._record.state in GOING_ON:
            self._end(state, tasks, message)

    async def _carry_out(self) -> None:
        async with await self._freeze() as base:
            await self._let_agents_work(base)
            self._verified = self._all_finished() and await self._verify(base)
        if self._stopping:
            raise asyncio.CancelledError
        if self._verified:
            await self._land()

    async def _freeze(self) -> Base:
        def copied(done: int, total: int) -> None:
            loop.call_soon_threadsafe(self._say, f"Copying the workspace ({done:,} of {total:,} files)")

        loop = asyncio.get_running_loop()
        conditions = self._conditions
        base = await freeze(conditions.root, conditions.state, progress=copied, prefer=conditions.isolation)
        self._record = replace(self._record, isolation=base.isolation.value)
        return base

    async def _let_agents_work(self, base: Base) -> None:
        self._enter(RunState.RUNNING, self._agents_words())
        await self._recorded()
        loop = asyncio.get_running_loop()
        works = [
            attempt.work(loop.create_task(self._play(name, attempt, base))) for name, attempt in self._attempts.items()
        ]
        minutes = self._record.approval.budget.minutes
        try:
            _, late = await asyncio.wait(works, timeout=None if minutes is None else minutes * 60)
            if late:
                self._stop_agents(f"Stopped: the wave's budget of {minutes:g} minutes is used up.")
                await asyncio.wait(works)
        except asyncio.CancelledError:
            for attempt in self._attempts.values():
                attempt.stop()
            await completed(*works)
            raise

    async def _play(self, name: str, attempt: Attempt, base: Base) -> None:
        self._move(name, TaskState.PREPARING)
        store = self._conditions.store.changes_folder(self.id, name)
        outcome = await attempt.carry_out(
            base, store, lambda: self._move(name, TaskState.RUNNING), lambda event: self._happened(name, event)
        )
        self._finish(name, attempt, outcome)

    def _finish(self, name: str, attempt: Attempt, outcome: Outcome) -> None:
        self._submit(self._conditions.store.save_changes, self.id, name, attempt.harvest.declared)
        self._note(
            name,
            message=outcome.message or self._record.tasks[name].message or _ENDED[outcome.kind],
            changed=tuple(change.path for change in attempt.harvest.declared),
            undeclared=attempt.undeclared,
            seconds=attempt.seconds,
        )
        ends = {OutcomeKind.DONE: TaskState.FINISHED, OutcomeKind.CANCELLED: TaskState.CANCELLED}
        self._move(name, ends.get(outcome.kind, TaskState.FAILED))
        self._say(self._agents_words())

    def _happened(self, name: str, event: Event) -> None:
        self._submit(self._conditions.store.append, self.id, name, time.monotonic() - self._began, event)
        self._attempts[name].hear(event)
        if isinstance(event, Used):
            self._count(name, event)
            self._hold_budget()
        self._tell()

    def _count(self, name: str, used: Used) -> None:
        cached = used.cache_read_tokens + used.cache_write_tokens
        parts = Tokens(used.input_tokens - cached, used.output_tokens, used.cache_read_tokens, used.cache_write_tokens)
        task = self._record.tasks[name]
        self._note(name, tokens=task.tokens + parts.total, used=task.used + parts)

    def _hold_budget(self) -> None:
        tokens = self._record.approval.budget.tokens
        if tokens is not None and sum(task.tokens for task in self._record.tasks.values()) > tokens:
            self._stop_agents(f"Stopped: the wave's budget of {tokens:,} tokens is used up.")

    def _stop_agents(self, message: str) -> None:
        for name, attempt in self._attempts.items():
            if attempt.stop():
                self._note(name, message=message)

    def _all_finished(self) -> bool:
        """Whether every agent finished; if not, the others' work is held."""
        missing = [name for name, task in self._record.tasks.items() if task.state is not TaskState.FINISHED]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            count = f"{len(missing)} of {len(self._attempts)} tasks" if len(self._attempts) > 1 else "The task"
            self._hold(f"{count} did not finish ({names}), so nothing landed.")
        return not missing

    async def _verify(self, base: Base) -> bool:
        """Whether the wave may land; if not, it is held."""
        self._enter(RunState.VERIFYING, "Verifying")
        for name in self._attempts:
            self._move(name, TaskState.VERIFYING)
        try:
            problem = await self._fault(base)
        except (OverlapError, SandboxError) as error:
            problem = str(error)
        if problem:
            self._hold(f"{problem} Nothing landed.")
        return not problem

    async def _fault(self, base: Base) -> str:
        """What keeps the combined result from landing; empty where nothing does."""
        harvests = {name: attempt.harvest for name, attempt in self._attempts.items()}
        combined = combine(harvests)
        unkept = await in_thread(broken, self._record.contracts, harvests)
        if unkept:
            return " ".join(unkept)
        for name, attempt in self._attempts.items():
            command = attempt.assignment.approved.verify
            if command and not await self._passes(base, f"{name}-verify", attempt.harvest.declared, command):
                return f"`{visible(command)}`, which `{name}` must pass alone, failed."
        command = self._record.approval.verify
        if command and not await self._passes(base, "verify", combined, command):
            return f"`{visible(command)}` failed on the combined result."
        return ""

    async def _passes(self, base: Base, name: str, changes: Sequence[Change], command: str) -> bool:
        self._say(f"Verifying: {visible(command)}")
        wanted = Verification(command, self._conditions.verify_seconds, self._conditions.environ)
        facts = await verify(base, name, changes, wanted, self._line_teller())
        self._record = replace(self._record, verify=facts)
        return facts.passed

    def _line_teller(self) -> Callable[[str], None]:
        told = 0.0

        def tell(line: str) -> None:
            nonlocal told
            if line.strip() and time.monotonic() - told >= _OUTPUT_INTERVAL:
                told = time.monotonic()
                self._say(f"Verifying: {visible(line.strip()[:_LINE_WIDTH])}")

        return tell

    async def _land(self) -> None:
        """Land the combined change set, or hold it. Not to be cancelled: a landing always goes to its end."""
        self._enter(RunState.LANDING, "Landing")
        changes = combine({name: attempt.harvest for name, attempt in self._attempts.items()})
        landing = begun(self._put_in_place, self._last_save, changes)
        await completed(landing)
        try:
            landing.result()
        except (LandingConflict, LandingFailed) as error:
            self._hold(str(error))
            return
        self._record = replace(self._record, problem="")
        count = "1 file" if len(changes) == 1 else f"{len(changes)} files"
        self._end(RunState.LANDED, TaskState.LANDED, f"Landed {count}" if changes else "Nothing had to change")

    def _put_in_place(self, saved: Future[None] | None, changes: Sequence[Change]) -> None:
        """Land, once the record says that this is going on: recovery rests on it. Blocks."""
        lander = self._conditions.lander
        try:
            if saved is not None:
                saved.result()
        except OSError as error:
            raise LandingFailed(f"{_unwritten(error)} Nothing was landed; make room and land again.") from error
        try:
            lander.land(self.id, changes, unsaved=self._conditions.unsaved)
        except LandingFailed:
            # All was in place and only that could not be noted; by now it has been.
            if not lander.has_landed(self.id):
                raise

    def _hold(self, problem: str) -> None:
        self._record = replace(self._record, problem=problem)
        self._end(RunState.HELD, TaskState.HELD, problem)

    def _end(self, state: RunState, tasks: TaskState, message: str) -> None:
        """Enter an end state, with every task that has not ended by itself."""
        for name, task in self._record.tasks.items():
            if task.state not in ENDED and task.state is not tasks:
                self._move(name, tasks)
        if state is not RunState.LANDED and not self._record.problem:
            self._record = replace(self._record, problem=message)
        self._enter(state, message)

    def _enter(self, state: RunState, message: str) -> None:
        now = time.monotonic()
        phases = {**self._record.seconds, self._record.state.value: now - self._phase_began}
        self._phase_began = now
        self._record = replace(self._record, state=moved(self._record.state, state, RUN_MOVES), seconds=phases)
        self._message = message
        self._save()
        self._tell()

    def _move(self, name: str, state: TaskState) -> None:
        self._note(name, state=moved(self._record.tasks[name].state, state, TASK_MOVES))
        self._save()
        self._tell()

    def _note(self, name: str, **changes: object) -> None:
        task = replace(self._record.tasks[name], **changes)  # type: ignore[arg-type]  # checked by the callers' names
        self._record = replace(self._record, tasks={**self._record.tasks, name: task})

    def _say(self, message: str) -> None:
        self._message = message
        self._tell()

    def _tell(self) -> None:
        self._watchers.tell(self.progress)

    def _agents_words(self) -> str:
        states = [task.state for task in self._record.tasks.values()]
        words = f"{states.count(TaskState.FINISHED)}/{len(states)} agents done"
        lost = [
            f"{states.count(state)} {state}" for state in (TaskState.FAILED, TaskState.CANCELLED) if state in states
        ]
        return f"{words}, {' and '.join(lost)}: nothing will land" if lost else words

    def _save(self) -> None:
        self._last_save = self._submit(self._conditions.store.save, self._record)

    def _submit(self, job: Callable[..., None], *arguments: object) -> Future[None]:
        return self._conditions.disk.submit(job, *arguments)

    async def _recorded(self) -> None:
        """Wait until the record is on the disk, or cannot be: if we die from now on, the next server tells of it."""
        if self._last_save is not None:
            saving = asyncio.wrap_future(self._last_save)
            await asyncio.wait((saving,))
            saving.exception()  # `_check_record` tells of it in the end

    async def _check_record(self) -> None:
        """Wait until the record on disk says what this one says; where it cannot, say so beside how the run ended."""
        if self._last_save is not None:
            saving = asyncio.wrap_future(self._last_save)
            await completed(saving)
            if isinstance(error := saving.exception(), OSError):
                self._record = replace(self._record, problem=f"{self._record.problem} {_unwritten(error)}".lstrip())
                self._say(f"{self._message} {_unwritten(error)}")


def _unwritten(error: OSError) -> str:
    return f"The record of the run cannot be written ({error.strerror})."
