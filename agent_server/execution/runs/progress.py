"""How far a run is, for whoever watches it: one number for the whole, and a share and a few words for each agent."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from agent_server.analysis.facts import TaskState
from agent_server.execution.changes.changes import Change
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import BEFORE_THE_END, RunState

_log = logging.getLogger(__name__)

# The share of the whole, in percent, at which each phase begins.
_PHASES = {RunState.PREPARING: 0, RunState.RUNNING: 5, RunState.VERIFYING: 88, RunState.LANDING: 96}
# An agent that takes longer than it should is nearly done for as long as that lasts.
_NEARLY = 0.95


@dataclass(frozen=True, slots=True)
class Progress:
    """A run at one moment.

    `percent` goes from 0 to 100 and never back. `activity` says in a few words what each working agent is doing,
    `shares` how much of each task is done, from 0 to 1: while its agent works, an estimate by time.

    `seconds` is for how long the run has been going on, `worked` for how long each of its agents has. `seconds_left` is
    when the agents should be done, by estimate; None when they are, or should have been. `changes` are what each task
    changed in its write set; of a task whose agent has not ended there are none.
    """

    record: RunRecord
    percent: int
    message: str
    activity: Mapping[str, str]
    shares: Mapping[str, float]
    seconds: float = 0.0
    worked: Mapping[str, float] = field(default_factory=dict)
    seconds_left: float | None = None
    changes: Mapping[str, tuple[Change, ...]] = field(default_factory=dict)


def as_recorded(record: RunRecord, changes: Mapping[str, tuple[Change, ...]]) -> Progress:
    """A run that this process does not carry out, as far as its record tells; `changes` are as in `Progress`."""
    shares = {name: share_done(task.state, 0.0, 0.0) for name, task in record.tasks.items()}
    return Progress(
        record,
        percent_done(record.state, shares),
        record.problem,
        {},
        shares,
        sum(record.seconds.values()),
        {name: task.seconds for name, task in record.tasks.items()},
        None,
        changes,
    )


def percent_done(state: RunState, shares: Mapping[str, float]) -> int:
    """How much of a run is done, from 0 to 100; `shares` is that of each of its agents, from 0 to 1."""
    if state is not RunState.RUNNING:
        return _PHASES.get(state, 100)
    first, last = _PHASES[RunState.RUNNING], _PHASES[RunState.VERIFYING]
    return int(first + (last - first) * sum(shares.values()) / len(shares))


def share_done(state: TaskState, seconds: float, expected_seconds: float) -> float:
    """How much of a task is done, from 0 to 1, when its agent has worked for `seconds` of `expected_seconds`."""
    if state is TaskState.RUNNING:
        return min(_NEARLY, seconds / max(0.001, expected_seconds))
    return 0.0 if state in (TaskState.WAITING, TaskState.PREPARING) else 1.0


def seconds_left(record: RunRecord, worked: Mapping[str, float], expected: Mapping[str, float]) -> float | None:
    """In how many seconds the last agent should be done: each should work for `expected` and has for `worked`."""
    if record.state not in (RunState.PREPARING, RunState.RUNNING):
        return None
    return max((seconds for seconds in _ends(record, worked, expected).values() if seconds > 0), default=None)


def _ends(record: RunRecord, worked: Mapping[str, float], expected: Mapping[str, float]) -> dict[str, float]:
    """In how many seconds each agent should be done that has not ended.

    In a stream an agent begins when what its task waits for is done, and so many work at once: those first that work
    already, then whichever could begin first, of several as they stand in the approval.
    """
    states = {name: task.state for name, task in record.tasks.items() if task.state in BEFORE_THE_END}
    left = [task for task in record.approval.tasks if task.id in states]
    most = record.approval.agents or len(left)
    missing, since = dict.fromkeys(states, 0), dict.fromkeys(states, 0.0)
    followers: dict[str, list[int]] = {name: [] for name in states}
    for number, task in enumerate(left):
        for name in task.after:
            if name in states:
                followers[name].append(number)
                missing[task.id] += 1
    ready = [(0.0, states[task.id] is TaskState.WAITING, n) for n, task in enumerate(left) if not missing[task.id]]
    heapify(ready)
    ends: dict[str, float] = {}
    places: list[float] = []  # when those that work make room
    while ready:
        begins, _, number = heappop(ready)
        name = left[number].id
        room = heappop(places) if len(places) == most else 0.0
        ends[name] = max(begins, room) + max(0.0, expected[name] - worked[name])
        heappush(places, ends[name])
        for follower in followers[name]:
            other = left[follower].id
            since[other] = max(since[other], ends[name])
            missing[other] -= 1
            if not missing[other]:
                heappush(ready, (since[other], True, follower))
    return ends


class Watchers:
    """Who is told of a run's progress. One that fails is told no more, and does no harm to the run."""

    def __init__(self) -> None:
        self._watchers: list[Callable[[Progress], None]] = []

    def add(self, watcher: Callable[[Progress], None]) -> Callable[[], None]:
        """Tell `watcher` from now on, until what this returns is called; calling that again does nothing."""
        self._watchers.append(watcher)
        return lambda: self._remove(watcher)

    def tell(self, progress: Progress) -> None:
        """Call every watcher."""
        for watcher in tuple(self._watchers):
            try:
                watcher(progress)
            except Exception:  # noqa: BLE001  # whatever a watcher does, the run goes on
                _log.exception("A watcher of run %s failed", progress.record.id)
                self._remove(watcher)

    def _remove(self, watcher: Callable[[Progress], None]) -> None:
        if watcher in self._watchers:
            self._watchers.remove(watcher)
