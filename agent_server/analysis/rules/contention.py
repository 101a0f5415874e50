"""What several tasks want at once, in no order that the plan gives: the common ground of the rules about conflicts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent_server.analysis.model import Analysis, Conflict, Diagnostic, HazardKind
from agent_server.analysis.rules.order import Order
from agent_server.plan.text import Span

HOT = 3
"""From this many tasks on, a finding is about the file and no longer about pairs of tasks."""


@dataclass(frozen=True, slots=True)
class Contention:
    """The same two or more tasks, in the plan's order, at the same files (or locks).

    `spans` says for each task where the plan claims the first of `paths`.
    """

    tasks: tuple[str, ...]
    spans: tuple[Span, ...]
    paths: tuple[str, ...]


def clashes(analysis: Analysis) -> tuple[Contention, ...]:
    """What the author has put into one wave although it cannot be."""
    conflicts = [found for found in _write_conflicts(analysis) if _fixed_together(analysis, found)]
    by_wave: dict[int | None, list[Conflict]] = {}
    for conflict in conflicts:
        by_wave.setdefault(analysis.tasks[conflict.first].task.wave, []).append(conflict)
    return tuple(each for found in by_wave.values() for each in gathered(analysis, found))


def contentions(analysis: Analysis) -> tuple[Contention, ...]:
    """What is sequenced although the plan asks for no order, neither by `needs` nor by waves."""
    conflicts = [found for found in _write_conflicts(analysis) if not _fixed_together(analysis, found)]
    if not conflicts:
        return ()
    order = Order(analysis)
    return gathered(analysis, (found for found in conflicts if not order.settles(found.first, found.second)))


def gathered(analysis: Analysis, conflicts: Iterable[Conflict]) -> tuple[Contention, ...]:
    """One contention for each set of tasks: who wants a file is collected first, then files wanted alike are joined."""
    claims: dict[str, dict[str, Span]] = {}
    for conflict in conflicts:
        for path, first, second in zip(conflict.paths, conflict.first_spans, conflict.second_spans, strict=True):
            by_task = claims.setdefault(path, {})
            by_task.setdefault(conflict.first, first)
            by_task.setdefault(conflict.second, second)
    places = {task_id: place for place, task_id in enumerate(analysis.tasks)}
    joined: dict[tuple[str, ...], list[str]] = {}
    for path, by_task in claims.items():
        joined.setdefault(tuple(sorted(by_task, key=places.__getitem__)), []).append(path)
    return tuple(
        Contention(tasks, tuple(claims[paths[0]][task] for task in tasks), tuple(paths))
        for tasks, paths in joined.items()
    )


def found_again(found: Iterable[Contention], diagnostic: Diagnostic) -> Contention | None:
    """The contention that a diagnostic of the same analysis reports."""
    tasks = set(diagnostic.tasks)
    return next((each for each in found if each.paths == diagnostic.paths and set(each.tasks) == tasks), None)


def in_running_order(analysis: Analysis, contention: Contention) -> tuple[str, ...]:
    """The tasks as the waves have put them, so that saying so with `needs` changes nothing else."""
    return tuple(sorted(contention.tasks, key=lambda task: analysis.tasks[task].wave or len(analysis.tasks)))


def _write_conflicts(analysis: Analysis) -> Iterator[Conflict]:
    return (found for found in analysis.conflicts if found.kind is HazardKind.WRITE_CONFLICT)


def _fixed_together(analysis: Analysis, conflict: Conflict) -> bool:
    wave = analysis.tasks[conflict.first].task.wave
    return wave is not None and wave == analysis.tasks[conflict.second].task.wave
