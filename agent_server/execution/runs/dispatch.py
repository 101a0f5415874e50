"""The agents of a run at work: who begins when, what becomes of them, and what they may use together.

A wave's agents all begin at once, as far as there is room. In a stream each begins as soon as those that it comes after
have passed their check, in a sandbox that holds their work. A fault of one agent does not stop those that do not wait
for it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from agent_server.agents.backend import Event, Outcome, OutcomeKind, Used
from agent_server.agents.threads import completed
from agent_server.analysis.facts import TaskState
from agent_server.execution.changes.harvest import OverlapError, followed
from agent_server.execution.runs.attempt import Assignment, Attempt
from agent_server.execution.runs.budget import WARNED_AT, shares, spent
from agent_server.execution.runs.checks import Checks
from agent_server.execution.runs.conditions import Conditions
from agent_server.execution.runs.ledger import Ledger
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.ready import ReadySet
from agent_server.execution.sandboxes.sandbox import Base
from agent_server.execution.workplaces import Workplace

_ENDED: Mapping[OutcomeKind, str] = {
    OutcomeKind.DONE: "",
    OutcomeKind.CANCELLED: "Stopped.",
    OutcomeKind.REFUSED: "The model refused the task.",
    OutcomeKind.MAX_TURNS: "The agent used all its turns. Make the task smaller, or raise `turns`.",
    OutcomeKind.OVER_BUDGET: "The agent used all its tokens. Make the task smaller, or raise `task_tokens`.",
    OutcomeKind.TIMED_OUT: "The agent ran out of time. Make the task smaller, or raise `task_minutes`.",
    OutcomeKind.ERROR: "The agent failed.",
}
_A_MOMENT = 0.001
"""By how much the clock is let run over, in seconds: a timer may go off a little early."""

_OF_OUTCOME = {OutcomeKind.DONE: TaskState.FINISHED, OutcomeKind.CANCELLED: TaskState.CANCELLED}


class Dispatch:
    """The agents that work in one run, or in one more attempt of it."""

    def __init__(
        self, ledger: Ledger, conditions: Conditions, checks: Checks, assignments: Sequence[Assignment]
    ) -> None:
        self._ledger = ledger
        self._conditions = conditions
        self._checks = checks
        approval = ledger.record.approval
        self._attempts = {each.approved.id: Attempt(each) for each in assignments}
        ledger.attempts.update(self._attempts)
        relies_on: dict[str, list[str]] = {}
        for contract in ledger.record.contracts:
            relies_on.setdefault(contract.task, []).append(contract.producer)
        self._ready = ReadySet(
            {name: ledger.order[name] for name in self._attempts},
            {name: attempt.assignment.expected_seconds / 60 for name, attempt in self._attempts.items()},
            len(self._attempts) if approval.agents is None else approval.agents,
            relies_on,
        )
        self._working: dict[asyncio.Task[None], str] = {}
        self._checking: dict[asyncio.Task[str], str] = {}
        self._warned: set[str] = set()

    async def work(self, base: Base, workplace: Workplace) -> None:
        """Let all agents work that can, until none does any more: at `workplace`, which lies over `base`."""
        self._ledger.enter(RunState.RUNNING, self.words())
        await self._ledger.recorded()
        clock = asyncio.create_task(self._watch_the_clock())
        try:
            while under_way := self._go_on(base, workplace):
                await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                self._take_in()
        except BaseException:
            self.stop()
            for check in self._checking:
                check.cancel()
            await completed(*self._working, *self._checking)
            self._take_in()
            raise
        finally:
            clock.cancel()

    def stop(self, task: str | None = None, message: str = "") -> bool:
        """Stop one agent, or all; False where there is none to stop. `message` says why."""
        names = tuple(self._attempts) if task is None else (task,)
        stopped = [name for name in names if self._stop_one(name, message)]
        return bool(stopped)

    def words(self) -> str:
        """How far the agents are, in words."""
        states = [self._ledger.record.tasks[name].state for name in self._attempts]
        words = f"{states.count(TaskState.FINISHED)}/{len(states)} agents done"
        lost = [
            f"{states.count(state)} {state.word}"
            for state in (TaskState.FAILED, TaskState.CANCELLED)
            if state in states
        ]
        return f"{words}, {' and '.join(lost)}: nothing will land" if lost else words

    def _go_on(self, base: Base, workplace: Workplace) -> tuple[asyncio.Task[Any], ...]:
        """Begin all that can begin now; returns what is under way."""
        for name in self._ready.to_start():
            attempt = self._attempts[name]
            self._working[attempt.work(asyncio.create_task(self._play(name, attempt, workplace)))] = name
        to_check = self._ready.to_check()
        if to_check is not None:
            self._checking[asyncio.create_task(self._check(to_check, base))] = to_check
        return (*self._working, *self._checking)

    def _take_in(self) -> None:
        """Take in what has ended."""
        for work in [each for each in self._working if each.done()]:
            name = self._working.pop(work)
            if not work.cancelled() and (fault := work.exception()):
                raise fault  # of our own: an agent's is an outcome
            if work.cancelled() and self._ledger.record.tasks[name].state is TaskState.WAITING:
                self._end_waiting(name, _ENDED[OutcomeKind.CANCELLED])  # it was cancelled before its first step
            if self._ledger.record.tasks[name].state is TaskState.FINISHED:
                self._ready.ended(name)
                if not self._ledger.record.approval.stream:
                    self._ready.passed(name)
            else:
                self._lose(name)
        for check in [each for each in self._checking if each.done()]:
            name = self._checking.pop(check)
            problem = "Its check was broken off." if check.cancelled() else check.result()
            if problem:
                self._ledger.note(name, message=problem, failed_check=True)
                self._ledger.move(name, TaskState.HELD)
                self._lose(name)
            else:
                self._ready.passed(name)

    async def _play(self, name: str, attempt: Attempt, workplace: Workplace) -> None:
        self._ledger.move(name, TaskState.PREPARING)
        store = self._conditions.store.changes_folder(self._ledger.record.id, name)
        behind = followed(name, self._ledger.order) & self._ledger.with_work()
        try:
            inherited = self._ledger.combined(behind)
        except OverlapError as error:
            outcome = Outcome(OutcomeKind.ERROR, str(error))
        else:
            outcome = await attempt.carry_out(
                workplace,
                store,
                lambda: self._ledger.begin(name),
                lambda event: self._happened(name, event),
                inherited,
            )
        self._finish(name, attempt, outcome)

    def _finish(self, name: str, attempt: Attempt, outcome: Outcome) -> None:
        self._ledger.harvested(name, attempt.harvest)
        self._ledger.note(
            name,
            message=outcome.message or self._ledger.record.tasks[name].message or _ENDED[outcome.kind],
            undeclared=attempt.undeclared,
            seconds=attempt.seconds,
        )
        self._ledger.move(name, _OF_OUTCOME.get(outcome.kind, TaskState.FAILED))
        self._ledger.say(self.words())

    async def _check(self, name: str, base: Base) -> str:
        """What keeps others from building on a task's work. Tasks that nobody waits for are built once, in the end."""
        beside = self._ready.passed_ones() | self._ready.relied_on(name) | self._kept()
        others = frozenset().union(beside, *(followed(each, self._ledger.order) for each in beside))
        problem = await self._checks.one(
            base, name, others & self._ledger.with_work(), whole=self._ready.is_waited_for(name)
        )
        self._ledger.say(self.words())
        return problem

    def _kept(self) -> frozenset[str]:
        """The tasks whose work is kept from earlier attempts."""
        return self._ledger.with_work() - self._attempts.keys()

    def _lose(self, name: str) -> None:
        """Those that wait for a task of which nothing comes are not started, and say so."""
        for other, waited_for in self._ready.lost(name):
            self._end_waiting(other, f"Not started: it waits for `{waited_for}`, which did not get done.")

    def _stop_one(self, name: str, message: str) -> bool:
        attempt = self._attempts.get(name)
        if attempt is None:
            return False
        if self._ready.is_waiting(name):
            self._end_waiting(name, message or _ENDED[OutcomeKind.CANCELLED])
            self._lose(name)
            return True
        if not attempt.stop():
            return False
        if message:
            self._ledger.note(name, message=message)
        return True

    def _end_waiting(self, name: str, message: str) -> None:
        self._ledger.note(name, message=message)
        self._ledger.move(name, TaskState.CANCELLED)

    def _happened(self, name: str, event: Event) -> None:
        self._ledger.happened(name, event)
        if isinstance(event, Used):
            self._hold_budget()
        self._ledger.tell()

    def _hold_budget(self) -> None:
        """Warn where a limit of the budget is nearly reached; stop all agents where it is."""
        record = self._ledger.record
        minutes = self._ledger.seconds_in(RunState.RUNNING) / 60
        for share, limit in shares(record.approval.budget, spent(record, minutes, self._conditions.prices)):
            if share > 1:
                self.stop(message=f"Stopped: the wave's budget of {limit} is used up.")
            elif share >= WARNED_AT and limit not in self._warned:
                self._warned.add(limit)
                self._ledger.say(f"{share:.0%} of the wave's budget of {limit} is used")

    async def _watch_the_clock(self) -> None:
        """Look at the budget when a share of its minutes has gone by that has consequences."""
        minutes = self._ledger.record.approval.budget.minutes
        if minutes is None:
            return
        for share in (WARNED_AT, 1.0):
            await asyncio.sleep(minutes * share * 60 - self._ledger.seconds_in(RunState.RUNNING) + _A_MOMENT)
            self._hold_budget()
