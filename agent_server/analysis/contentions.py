"""What several tasks want at once, in no order that the plan gives.

Conflicts are about pairs. Forty tasks at one file are eight hundred of them, and one contention: that is what is told.
"""

from collections.abc import Iterable, Mapping, Sequence

from agent_server.analysis.model import Conflict, Contention, Dependency, HazardKind
from agent_server.analysis.precedence import Precedence
from agent_server.plan.model import Task
from agent_server.plan.text import Span


def contentions(
    conflicts: Sequence[Conflict], dependencies: Iterable[Dependency], tasks: Mapping[str, Task]
) -> tuple[Contention, ...]:
    """The conflicts gathered. `tasks` are the open ones in the plan's order.

    First comes what the author has put into one wave although it cannot be, wave by wave; then what is sequenced
    although the plan asks for no order, neither by `needs` nor by waves; then locks that nothing else puts in order.
    """
    if not conflicts:
        return ()
    order = _Order(dependencies, tasks)
    together: dict[int | None, list[Conflict]] = {}
    loose: dict[HazardKind, list[Conflict]] = {HazardKind.WRITE_CONFLICT: [], HazardKind.LOCK_CONFLICT: []}
    for each in conflicts:
        wave = tasks[each.first].wave
        if each.kind is HazardKind.WRITE_CONFLICT and wave is not None and wave == tasks[each.second].wave:
            together.setdefault(wave, []).append(each)
        elif not order.settles(each.first, each.second):
            loose[each.kind].append(each)
    places = {task: place for place, task in enumerate(tasks)}
    return (
        *(each for found in together.values() for each in _gathered(found, places, together=True)),
        *(each for found in loose.values() for each in _gathered(found, places, together=False)),
    )


def _gathered(conflicts: Sequence[Conflict], places: Mapping[str, int], *, together: bool) -> Iterable[Contention]:
    """One contention for each set of tasks: who wants a file is collected first, then files wanted alike are joined."""
    claims: dict[str, dict[str, Span]] = {}
    for conflict in conflicts:
        for path, first, second in zip(conflict.paths, conflict.first_spans, conflict.second_spans, strict=True):
            by_task = claims.setdefault(path, {})
            by_task.setdefault(conflict.first, first)
            by_task.setdefault(conflict.second, second)
    joined: dict[tuple[str, ...], list[str]] = {}
    for path, by_task in claims.items():
        joined.setdefault(tuple(sorted(by_task, key=places.__getitem__)), []).append(path)
    for tasks, paths in joined.items():
        spans = tuple(claims[paths[0]][task] for task in tasks)
        yield Contention(conflicts[0].kind, tasks, spans, tuple(paths), together)


class _Order:
    """Which tasks the plan puts one after the other, whatever their conflicts are."""

    def __init__(self, dependencies: Iterable[Dependency], tasks: Mapping[str, Task]) -> None:
        waits_for: dict[str, list[str]] = {task: [] for task in tasks}
        for dependency in dependencies:
            waits_for[dependency.task].append(dependency.on)
        self._waits_for = Precedence(waits_for)
        self._tasks = tasks

    def settles(self, task: str, other: str) -> bool:
        """Whether the two can only run one after the other, whichever comes first."""
        wave, other_wave = self._tasks[task].wave, self._tasks[other].wave
        fixed = wave is not None and other_wave is not None and wave != other_wave
        return fixed or self._waits_for.orders(task, other)
