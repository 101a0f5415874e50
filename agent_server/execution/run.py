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
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent_server.agents.backend import (
    Backend,
    Brief,
    Denied,
    Event,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    ToolCall,
    Used,
)
from agent_server.analysis.facts import TaskState
from agent_server.analysis.model import Contract
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.changes import Change
from agent_server.execution.contracts import broken
from agent_server.execution.harvest import Harvest, OverlapError, combine, harvest
from agent_server.execution.isolation import Isolation, SandboxError
from agent_server.execution.landing import Lander, LandingConflict, LandingFailed
from agent_server.execution.lifecycle import GOING_ON, RUN_MOVES, TASK_MOVES, RunState, is_final, moved
from agent_server.execution.record import RunRecord, RunStore, TaskRecord
from agent_server.execution.sandbox import Base, freeze
from agent_server.execution.state import StateDirectory
from agent_server.execution.verify import Verification, verify

_log = logging.getLogger(__name__)

# The share of the whole, in percent, at which each phase begins.
_PHASES = {RunState.PREPARING: 0, RunState.RUNNING: 5, RunState.VERIFYING: 88, RunState.LANDING: 96}
_ACTIVITY_WIDTH = 80
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
class Progress:
    """A run at one moment, for whoever watches it.

    `percent` goes from 0 to 100 and never back. `activity` says in a few words what each working agent is doing,
    `shares` how much of each task is done, from 0 to 1: while its agent works, an estimate by time.
    """

    record: RunRecord
    percent: int
    message: str
    activity: Mapping[str, str]
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One agent's work: what was approved, what it is told, who plays it, and how many seconds that should take."""

    approved: ApprovedTask
    brief: Brief
    backend: Backend
    expected_seconds: float


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where and how a run takes place.

    `contracts` are what tasks of the wave were allowed to rely on before it was written; that is checked before the
    build. `unsaved` answers, at the moment of landing, which files have unsaved editor buffers. `isolation` forces
    one kind of sandbox. `width` is the most agents that work at once. `disk` has one thread, so that the record
    follows the order of events while the loop never waits for the disk. Seconds are wall-clock.
    """

    root: Path
    state: StateDirectory
    store: RunStore
    lander: Lander
    disk: Executor
    environ: Mapping[str, str]
    verify_seconds: float
    width: int
    contracts: tuple[Contract, ...] = ()
    isolation: Isolation | None = None
    unsaved: Callable[[], frozenset[str]] = frozenset


@dataclass(slots=True)
class _Agent:
    """What changes while one agent works."""

    assignment: Assignment
    work: asyncio.Task[None] | None = None
    started: float = 0.0
    activity: str = ""
    denied: set[str] = field(default_factory=set)
    harvest: Harvest = field(default_factory=lambda: Harvest((), ()))


class Run:
    """One run of one wave. All its methods are called on the event loop that `start` ran on."""

    def __init__(
        self, run_id: str, approval: Approval, assignments: Sequence[Assignment], conditions: Conditions
    ) -> None:
        self._conditions = conditions
        self._agents = {assignment.approved.id: _Agent(assignment) for assignment in assignments}
        self._record = RunRecord(run_id, approval, RunState.PREPARING, {name: TaskRecord() for name in self._agents})
        self._message = "Copying the workspace"
        self._percent = 0
        self._watchers: list[Callable[[Progress], None]] = []
        self._phase_began = self._began = time.monotonic()
        self._work: asyncio.Task[None] | None = None
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
        activity = {name: agent.activity for name, agent in self._agents.items() if agent.activity}
        shares = {name: self._share_done(name) for name in self._agents}
        self._percent = max(self._percent, self._estimate(shares))
        return Progress(self._record, self._percent, self._message, activity, shares)

    def watch(self, watcher: Callable[[Progress], None]) -> Callable[[], None]:
        """Call `watcher` at every change from now on, until what this returns is called."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

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
            work = self._agents[task].work if task in self._agents else None
            return bool(work and work.cancel())
        if self._record.state in (RunState.PREPARING, RunState.RUNNING, RunState.VERIFYING):
            return bool(self._work and self._work.cancel())
        return False

    @property
    def is_going_on(self) -> bool:
        """Whether the run still changes by itself."""
        return self._record.state in GOING_ON

    @property
    def can_land(self) -> bool:
        """Whether the run is held although all its tasks finished and passed their verification."""
        held = all(task.state is TaskState.HELD for task in self._record.tasks.values())
        verify = self._record.verify
        verified = verify.passed if verify else self._record.approval.verify is None
        return self._record.state is RunState.HELD and held and verified

    def land_again(self, ended: Callable[[], None]) -> None:
        """Try once more to land; only where `can_land`. Otherwise like `start`."""
        self._do(self._land(), ended)

    def _do(self, work: Coroutine[Any, Any, None], ended: Callable[[], None]) -> None:
        async def finish() -> None:
            try:
                await work
                with suppress(OSError):
                    await self._flush()
            finally:
                ended()

        self._work = asyncio.get_running_loop().create_task(finish())

    async def _carry_out(self) -> None:
        try:
            async with await self._freeze() as base:
                await self._let_agents_work(base)
                ready = self._all_finished() and await self._verify(base)
            if ready:
                await self._land()
        except asyncio.CancelledError:
            self._end(RunState.CANCELLED, TaskState.CANCELLED, "Cancelled. Nothing landed.")
        except (SandboxError, LandingFailed, OSError) as error:
            self._end(RunState.FAILED, TaskState.FAILED, f"The run stopped: {error} Nothing landed.")
        except Exception as error:  # noqa: BLE001  # whatever happens, a run ends, and says so
            _log.exception("Run %s failed", self.id)
            self._end(RunState.FAILED, TaskState.FAILED, f"Agent Server met a fault of its own: {error!r}.")

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
        width = asyncio.Semaphore(self._conditions.width)
        for name, agent in self._agents.items():
            agent.work = asyncio.get_running_loop().create_task(self._play(name, agent, base, width))
        minutes = self._record.approval.budget.minutes
        works = [agent.work for agent in self._agents.values() if agent.work]
        try:
            _, late = await asyncio.wait(works, timeout=minutes * 60 if minutes else None)
            if late:
                self._stop_agents(f"Stopped: the wave's budget of {minutes:g} minutes is used up.")
                await asyncio.wait(works)
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    async def _play(self, name: str, agent: _Agent, base: Base, width: asyncio.Semaphore) -> None:
        try:
            async with width:
                self._move(name, TaskState.PREPARING)
                sandbox = await base.fork(name)
                try:
                    self._move(name, TaskState.RUNNING)
                    agent.started = time.monotonic()
                    outcome = await agent.assignment.backend.run(
                        agent.assignment.brief, sandbox, lambda event: self._happened(name, event)
                    )
                    changes = await sandbox.changes(self._conditions.store.changes_folder(self.id, name))
                finally:
                    await sandbox.close()
            self._finish(name, agent, outcome, changes)
        except asyncio.CancelledError:
            self._finish(name, agent, Outcome(OutcomeKind.CANCELLED), ())
        except (SandboxError, OSError) as error:
            self._finish(name, agent, Outcome(OutcomeKind.ERROR, str(error)), ())
        except Exception as error:  # noqa: BLE001  # a fault in a backend must not take its siblings down
            _log.exception("The backend %s failed", agent.assignment.backend.name)
            self._finish(name, agent, Outcome(OutcomeKind.ERROR, f"The agent met a fault of its own: {error!r}."), ())

    def _finish(self, name: str, agent: _Agent, outcome: Outcome, changes: Sequence[Change]) -> None:
        agent.harvest = harvest(changes, agent.assignment.brief.writes)
        agent.activity = ""
        undeclared = agent.denied | {change.path for change in agent.harvest.undeclared}
        self._note(
            name,
            message=outcome.message or self._record.tasks[name].message or _ENDED[outcome.kind],
            changed=tuple(change.path for change in agent.harvest.declared),
            undeclared=tuple(sorted(undeclared)),
            seconds=time.monotonic() - agent.started if agent.started else 0.0,
        )
        ends = {OutcomeKind.DONE: TaskState.FINISHED, OutcomeKind.CANCELLED: TaskState.CANCELLED}
        self._move(name, ends.get(outcome.kind, TaskState.FAILED))
        self._say(self._agents_words())

    def _happened(self, name: str, event: Event) -> None:
        agent = self._agents[name]
        self._submit(self._conditions.store.append, self.id, name, time.monotonic() - self._began, event)
        match event:
            case Said(text):
                agent.activity = " ".join(text.split())[:_ACTIVITY_WIDTH]
            case ToolCall(kind, paths):
                agent.activity = f"{kind} {paths[0]}" if paths else kind
            case Denied(kind, path) if kind not in ("read", "list", "search"):
                agent.denied.add(path)
            case Retrying(attempt, reason):
                agent.activity = f"retry {attempt}: {reason}"
            case Used(input_tokens, output_tokens):
                self._note(name, tokens=self._record.tasks[name].tokens + input_tokens + output_tokens)
                self._hold_budget()
            case _:
                pass
        self._tell()

    def _hold_budget(self) -> None:
        tokens = self._record.approval.budget.tokens
        if tokens is not None and sum(task.tokens for task in self._record.tasks.values()) > tokens:
            self._stop_agents(f"Stopped: the wave's budget of {tokens:,} tokens is used up.")

    def _stop_agents(self, message: str) -> None:
        for name, agent in self._agents.items():
            if agent.work and not agent.work.done():
                self._note(name, message=message)
                agent.work.cancel()

    def _all_finished(self) -> bool:
        """Whether every agent finished; if not, the others' work is held."""
        missing = [name for name, task in self._record.tasks.items() if task.state is not TaskState.FINISHED]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            count = f"{len(missing)} of {len(self._agents)} tasks" if len(self._agents) > 1 else "The task"
            self._hold(f"{count} did not finish ({names}), so nothing landed.")
        return not missing

    async def _verify(self, base: Base) -> bool:
        self._enter(RunState.VERIFYING, "Verifying")
        for name in self._agents:
            self._move(name, TaskState.VERIFYING)
        harvests = {name: agent.harvest for name, agent in self._agents.items()}
        try:
            combined = combine(harvests)
        except OverlapError as error:
            self._hold(str(error))
            return False
        unkept = await asyncio.to_thread(broken, self._conditions.contracts, harvests)
        if unkept:
            self._hold(f"{' '.join(unkept)} Nothing landed.")
            return False
        for name, agent in self._agents.items():
            command = agent.assignment.approved.verify
            if command and not await self._passes(base, f"{name}-verify", agent.harvest.declared, command):
                self._hold(f"`{command}`, which `{name}` must pass alone, failed. Nothing landed.")
                return False
        command = self._record.approval.verify
        if command and not await self._passes(base, "verify", combined, command):
            self._hold(f"`{command}` failed on the combined result. Nothing landed.")
            return False
        return True

    async def _passes(self, base: Base, name: str, changes: Sequence[Change], command: str) -> bool:
        self._say(f"Verifying: {command}")
        wanted = Verification(command, self._conditions.verify_seconds, self._conditions.environ)
        facts = await verify(base, name, changes, wanted, lambda line: self._say(f"Verifying: {line.strip()}"))
        self._record = replace(self._record, verify=facts)
        return facts.passed

    async def _land(self) -> None:
        """Land the combined change set, or hold it. `cancel` does nothing now: a landing always goes to its end."""
        self._enter(RunState.LANDING, "Landing")
        changes = combine({name: agent.harvest for name, agent in self._agents.items()})
        try:
            await self._flush()
            lander, unsaved = self._conditions.lander, self._conditions.unsaved
            await asyncio.to_thread(lander.land, self.id, changes, unsaved=unsaved)
        except (LandingConflict, LandingFailed, OSError) as error:
            self._hold(str(error))
            return
        self._record = replace(self._record, problem="")
        count = "1 file" if len(changes) == 1 else f"{len(changes)} files"
        self._end(RunState.LANDED, TaskState.LANDED, f"Landed {count}" if changes else "Nothing had to change")

    def _hold(self, problem: str) -> None:
        self._record = replace(self._record, problem=problem)
        self._end(RunState.HELD, TaskState.HELD, problem)

    def _end(self, state: RunState, tasks: TaskState, message: str) -> None:
        """Enter an end state, with every task that has not ended by itself."""
        for name, task in self._record.tasks.items():
            if not is_final(task.state, TASK_MOVES) and task.state is not tasks:
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
        progress = self.progress
        for watcher in tuple(self._watchers):
            watcher(progress)

    def _agents_words(self) -> str:
        states = [task.state for task in self._record.tasks.values()]
        ended = sum(is_final(state, TASK_MOVES) or state is TaskState.FINISHED for state in states)
        return f"{ended}/{len(states)} agents done"

    def _estimate(self, shares: Mapping[str, float]) -> int:
        state = self._record.state
        if state not in _PHASES:
            return 100
        if state is not RunState.RUNNING:
            return _PHASES[state]
        first, last = _PHASES[RunState.RUNNING], _PHASES[RunState.VERIFYING]
        return int(first + (last - first) * sum(shares.values()) / len(shares))

    def _share_done(self, name: str) -> float:
        agent, state = self._agents[name], self._record.tasks[name].state
        if state is not TaskState.RUNNING:
            return 0.0 if state in (TaskState.WAITING, TaskState.PREPARING) else 1.0
        return min(0.95, (time.monotonic() - agent.started) / max(0.001, agent.assignment.expected_seconds))

    def _save(self) -> None:
        self._last_save = self._submit(self._conditions.store.save, self._record)

    def _submit(self, job: Callable[..., None], *arguments: object) -> Future[None]:
        return self._conditions.disk.submit(job, *arguments)

    async def _flush(self) -> None:
        """Wait until the record on disk says what this one says; a full disk shows here."""
        if self._last_save is not None:
            await asyncio.wrap_future(self._last_save)
