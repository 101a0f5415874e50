"""Who may work now: tasks that wait for others, for room among the agents, and for their check. Pure."""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum, auto


class _Stage(Enum):
    WAITING = auto()
    WORKING = auto()
    TO_CHECK = auto()
    CHECKING = auto()
    PASSED = auto()
    LOST = auto()


class ReadySet:
    """The tasks of a run by how far they are.

    A task may begin when all that it comes `after` have passed, and fewer than `width` others work. Of those that may,
    the one with the longest way behind it begins first: `minutes` says how long each takes. When it has ended, it has
    to pass: one check at a time, and only when those that it `relies_on`, which are made beside it, have ended as well.
    """

    def __init__(
        self,
        after: Mapping[str, Collection[str]],
        minutes: Mapping[str, float],
        width: int,
        relies_on: Mapping[str, Collection[str]],
    ) -> None:
        """The keys of `after` are the tasks; what else is named there is done already. It has no cycles."""
        self._after = {task: [each for each in others if each in after] for task, others in after.items()}
        self._relies_on = {task: [each for each in relies_on.get(task, ()) if each in after] for task in after}
        self._width = max(1, width)
        self._stages = dict.fromkeys(after, _Stage.WAITING)
        self._way = _ways(self._after, minutes)

    def to_start(self) -> tuple[str, ...]:
        """The tasks that begin now. They count as working from here on."""
        room = self._width - self._count(_Stage.WORKING)
        ready = [task for task in self._in(_Stage.WAITING) if self._all_passed(self._after[task])]
        chosen = sorted(ready, key=self._way.__getitem__, reverse=True)[: max(0, room)]
        self._stages.update(dict.fromkeys(chosen, _Stage.WORKING))
        return tuple(chosen)

    def to_check(self) -> str | None:
        """The task whose check begins now, if any. Where nothing else could go on, it waits for nobody."""
        if self._count(_Stage.CHECKING):
            return None
        waiting = sorted(self._in(_Stage.TO_CHECK), key=self._way.__getitem__, reverse=True)
        ready = [task for task in waiting if not any(map(self._is_being_made, self._relies_on[task]))]
        if not ready and not self._count(_Stage.WORKING):
            ready = waiting
        if not ready:
            return None
        self._stages[ready[0]] = _Stage.CHECKING
        return ready[0]

    def ended(self, task: str) -> None:
        """The task's agent did its work."""
        self._stages[task] = _Stage.TO_CHECK

    def passed(self, task: str) -> None:
        """The task passed its check."""
        self._stages[task] = _Stage.PASSED

    def lost(self, task: str) -> tuple[tuple[str, str], ...]:
        """Nothing comes of the task. Returns the tasks that will never begin, each with the one that it waited for."""
        self._stages[task] = _Stage.LOST
        found: list[tuple[str, str]] = []
        lost = [task]
        for each in lost:
            behind = list(self._lose_those_behind(each))
            lost += [other for other, _ in behind]
            found += behind
        return tuple(found)

    def is_waiting(self, task: str) -> bool:
        """Whether the task has not begun, and may still."""
        return self._stages.get(task) is _Stage.WAITING

    def waiting(self) -> tuple[str, ...]:
        """The tasks that have not begun, and may still."""
        return tuple(self._in(_Stage.WAITING))

    def passed_ones(self) -> frozenset[str]:
        """The tasks that have passed."""
        return frozenset(self._in(_Stage.PASSED))

    def relied_on(self, task: str) -> frozenset[str]:
        """Those that the task relies on and that have done their work, checked or not."""
        done = {_Stage.TO_CHECK, _Stage.CHECKING, _Stage.PASSED}
        return frozenset(each for each in self._relies_on[task] if self._stages[each] in done)

    def is_waited_for(self, task: str) -> bool:
        """Whether another task comes after this one."""
        return any(task in others for others in self._after.values())

    def _lose_those_behind(self, lost: str) -> Iterator[tuple[str, str]]:
        for task, others in self._after.items():
            if lost in others and self._stages[task] is _Stage.WAITING:
                self._stages[task] = _Stage.LOST
                yield task, lost

    def _in(self, stage: _Stage) -> Iterator[str]:
        return (task for task, found in self._stages.items() if found is stage)

    def _count(self, stage: _Stage) -> int:
        return sum(found is stage for found in self._stages.values())

    def _all_passed(self, tasks: Collection[str]) -> bool:
        return all(self._stages[task] is _Stage.PASSED for task in tasks)

    def _is_being_made(self, task: str) -> bool:
        return self._stages[task] in {_Stage.WAITING, _Stage.WORKING}


def _ways(after: Mapping[str, Collection[str]], minutes: Mapping[str, float]) -> Mapping[str, float]:
    """For each task, the minutes of the longest chain that begins with it."""
    behind: dict[str, list[str]] = {task: [] for task in after}
    waiting = {task: len(others) for task, others in after.items()}
    for task, others in after.items():
        for other in others:
            behind[other].append(task)
    order = [task for task, count in waiting.items() if not count]
    for task in order:
        for later in behind[task]:
            waiting[later] -= 1
            if not waiting[later]:
                order.append(later)
    way: dict[str, float] = {}
    for task in reversed(order):
        way[task] = minutes.get(task, 0.0) + max((way[later] for later in behind[task]), default=0.0)
    return way
