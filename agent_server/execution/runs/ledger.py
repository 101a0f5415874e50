"""The record of a run that goes on: every change of it is checked against the tables, written down and told."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace

from agent_server.agents.backend import Event, Used
from agent_server.agents.threads import completed
from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import TaskState
from agent_server.execution.changes.changes import Change
from agent_server.execution.changes.harvest import Harvest, combine
from agent_server.execution.landing.commits import Branch
from agent_server.execution.records.record import RunRecord, RunStore
from agent_server.execution.records.run_record import with_landing
from agent_server.execution.runs.attempt import Attempt
from agent_server.execution.runs.lifecycle import ENDED, GOING_ON, RUN_MOVES, TASK_MOVES, WITH_WORK, RunState, moved
from agent_server.execution.runs.progress import Progress, Watchers, percent_done, seconds_left, share_done
from agent_server.execution.sandboxes.isolation import SandboxError


class Ledger:
    """What is known of a run, while it goes on and afterwards.

    `attempts` are those of the agents that work now, or did here; `harvests` is what each task would change, of earlier
    attempts too. `disk` has one thread, so that the record follows the order of events while the loop never waits.
    """

    def __init__(self, record: RunRecord, harvests: Mapping[str, Harvest], store: RunStore, disk: Executor) -> None:
        self.record = record
        self.message = record.problem
        self.watchers = Watchers()
        self.attempts: dict[str, Attempt] = {}
        self.harvests = dict(harvests)
        self.last_save: Future[None] | None = None
        self._brought_up: dict[frozenset[str], tuple[Change, ...]] = {}
        self._store = store
        self._disk = disk
        self._percent = 0
        self._phase_began = self._began = time.monotonic()

    @property
    def progress(self) -> Progress:
        """The run at this moment."""
        tasks = self.record.tasks
        worked = {name: self._worked(name) for name in tasks}
        expected = {name: self._expected(name) for name in tasks}
        shares = {name: share_done(task.state, worked[name], expected[name]) for name, task in tasks.items()}
        self._percent = max(self._percent, percent_done(self.record.state, shares))
        return Progress(
            self.record,
            self._percent,
            self.message,
            {name: attempt.activity for name, attempt in self.attempts.items() if attempt.activity},
            shares,
            self.seconds,
            worked,
            seconds_left(self.record, worked, expected),
            {name: self.harvests[name].declared if name in self.harvests else () for name in tasks},
        )

    @property
    def seconds(self) -> float:
        """For how long the run has been going on; the time for which it was held does not count."""
        return sum(self.seconds_in(state) for state in GOING_ON)

    def seconds_in(self, state: RunState) -> float:
        """For how long the run has been in a state."""
        now = time.monotonic() - self._phase_began if state is self.record.state else 0.0
        return self.record.seconds.get(state.value, 0.0) + now

    @property
    def order(self) -> Mapping[str, tuple[str, ...]]:
        """For each task, the tasks whose work it began with."""
        return {task.id: task.after for task in self.record.approval.tasks}

    def combined(self, names: frozenset[str]) -> tuple[Change, ...]:
        """What these tasks would change together, as it was last brought up. Raises `OverlapError`.

        Of a part of what was brought up, each file is as it is in the whole, where the same work made it.
        """
        if names in self._brought_up:
            return self._brought_up[names]
        changes = self._as_made(names)
        for whole, newer in self._brought_up.items():
            if names < whole:
                made = {change.path: change for change in self._as_made(whole)}
                now = {change.path: change for change in newer}
                found = (now.get(each.path) if each == made.get(each.path) else each for each in changes)
                return tuple(change for change in found if change is not None)  # the user made the others, too
        return changes

    def _as_made(self, names: frozenset[str]) -> tuple[Change, ...]:
        return combine({name: self.harvests[name] for name in self.record.tasks if name in names}, self.order)

    def bring_up(self, names: frozenset[str], changes: tuple[Change, ...]) -> None:
        """What these tasks would change together, from a newer base on."""
        self._brought_up[names] = changes

    def with_work(self) -> frozenset[str]:
        """The tasks that are done and have not landed."""
        return frozenset(name for name, task in self.record.tasks.items() if task.state in WITH_WORK)

    def enter(self, state: RunState, message: str) -> None:
        """The run comes into another state."""
        self._replace(state=moved(self.record.state, state, RUN_MOVES), seconds=self._phases())
        self._phase_began = time.monotonic()
        self.message = message
        self.save()
        self.tell()

    def move(self, name: str, state: TaskState) -> None:
        """A task comes into another state."""
        self.note(name, state=moved(self.record.tasks[name].state, state, TASK_MOVES))
        self.save()
        self.tell()

    def begin(self, name: str) -> None:
        """A task's agent begins."""
        self.note(name, began=self.seconds)
        self.move(name, TaskState.RUNNING)

    def note(self, name: str, **changes: object) -> None:
        """Something else becomes known of a task."""
        task = replace(self.record.tasks[name], **changes)  # type: ignore[arg-type]  # checked by the callers' names
        self._replace(tasks={**self.record.tasks, name: task})

    def note_run(self, **changes: object) -> None:
        """Something else becomes known of the run."""
        self._replace(**changes)

    def harvested(self, name: str, harvest: Harvest) -> None:
        """A task's agent has ended, and this is what it changed."""
        self.harvests[name] = harvest
        self._brought_up.clear()
        attempt = self.record.tasks[name].attempt
        self._submit(self._store.save_changes, self.record.id, name, harvest.declared, harvest.undeclared, attempt)
        self.note(name, changed=tuple(change.path for change in harvest.declared))

    def happened(self, name: str, event: Event) -> None:
        """An agent tells something of itself."""
        attempt = self.record.tasks[name].attempt
        self._submit(self._store.append, self.record.id, name, time.monotonic() - self._began, event, attempt)
        self.attempts[name].hear(event)
        if isinstance(event, Used):
            self._count(name, event)

    def landed(self, branch: Branch | None, message: str) -> None:
        """All that was on its way has landed, on a branch or in the tree."""
        after = with_landing(self.record) if branch is None else with_landing(self.record, branch.name, branch.commit)
        moved(self.record.state, after.state, RUN_MOVES)
        self.record = replace(after, seconds=self._phases())
        self._phase_began = time.monotonic()
        self.message = f"{message}. {after.problem}" if after.problem else message
        self.save()
        self.tell()

    def hold(self, problem: str) -> None:
        """Somebody has to decide how the run goes on."""
        self._replace(problem=problem)
        self.end(RunState.HELD, TaskState.CANCELLED, problem)

    def end(self, state: RunState, tasks: TaskState, message: str) -> None:
        """The run comes to a stop; the tasks that are not done end in the state `tasks`, the work of others is held."""
        for name, task in self.record.tasks.items():
            to = TaskState.HELD if task.state in WITH_WORK else tasks
            if task.state not in ENDED and task.state is not to:
                self.move(name, to)
        if not self.record.problem:
            self._replace(problem=message)
        self.enter(state, message)

    def say(self, message: str) -> None:
        """What goes on, in words."""
        self.message = message
        self.tell()

    def tell(self) -> None:
        """Tell the watchers."""
        self.watchers.tell(self.progress)

    def save(self) -> None:
        """Have the record written, after all that was given to the disk before."""
        self.last_save = self._submit(self._store.save, self.record)

    @property
    def is_written(self) -> bool:
        """Whether the disk says what this says, as far as anything had to be written."""
        return self.last_save is None or (self.last_save.done() and self.last_save.exception() is None)

    async def recorded(self) -> None:
        """Wait until the record is on the disk: if we die from now on, the next server tells of it.

        Raises `SandboxError` where it cannot be written.
        """
        if self.last_save is not None:
            saving = asyncio.wrap_future(self.last_save)
            await asyncio.wait((saving,))
            if isinstance(error := saving.exception(), OSError):
                raise SandboxError(unwritten(error)) from error

    async def check(self) -> None:
        """Wait until the record on disk says what this one says; where it cannot, say so beside how the run ended."""
        if self.last_save is not None:
            saving = asyncio.wrap_future(self.last_save)
            await completed(saving)
            if isinstance(error := saving.exception(), OSError) and unwritten(error) not in self.record.problem:
                self._replace(problem=f"{self.record.problem} {unwritten(error)}".lstrip())
                self.say(f"{self.message} {unwritten(error)}")

    def _worked(self, name: str) -> float:
        task = self.record.tasks[name]
        return self.attempts[name].seconds if task.state is TaskState.RUNNING else task.seconds

    def _expected(self, name: str) -> float:
        return self.attempts[name].assignment.expected_seconds if name in self.attempts else 0.0

    def _phases(self) -> Mapping[str, float]:
        state, phases = self.record.state, self.record.seconds
        return {**phases, state.value: self.seconds_in(state)} if state in GOING_ON else phases

    def _count(self, name: str, used: Used) -> None:
        cached = used.cache_read_tokens + used.cache_write_tokens
        parts = Tokens(used.input_tokens - cached, used.output_tokens, used.cache_read_tokens, used.cache_write_tokens)
        task = self.record.tasks[name]
        if used.usd is None:
            usd, unreported = task.usd, task.unreported + parts
        else:  # it is the cost of all that came before, too
            usd, unreported = (task.usd or 0.0) + used.usd, Tokens()
        self.note(name, tokens=task.tokens + parts.total, used=task.used + parts, usd=usd, unreported=unreported)

    def _replace(self, **changes: object) -> None:
        self.record = replace(self.record, **changes)  # type: ignore[arg-type]  # checked by the callers' names

    def _submit(self, job: Callable[..., None], *arguments: object) -> Future[None]:
        return self._disk.submit(job, *arguments)


def unwritten(error: OSError) -> str:
    """Why the record is not on the disk, as a sentence."""
    return f"The record of the run cannot be written ({error.strerror})."
