"""What each task waits for: its dependencies, then the conflicts that the waves have put in order."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from agent_server.analysis.model import Analysis, Contention, HazardKind
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Wait:
    """`task` has to run in a later wave than `on`. `because` is the hazard; `path` its file, lock or module, if any."""

    task: str
    on: str
    because: str
    path: str


def waits(analysis: Analysis) -> tuple[Wait, ...]:
    """Every wait of the plan, dependencies first."""
    dependencies = (Wait(each.task, each.on, each.kind.value, each.path) for each in analysis.dependencies)
    return (*dependencies, *_sequenced(analysis))


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why `task` has to run after `on`: a clause for the reader, and where the plan says so in `task`."""

    task: str
    on: str
    because: str
    span: Span


def reasons(analysis: Analysis, task_id: str) -> Iterator[Reason]:
    """Why a task waits for others, and others for it; dependencies first. Unlike `waits` it looks at no pairs."""
    for each in analysis.dependencies:
        if task_id in {each.task, each.on}:
            yield Reason(each.task, each.on, each.because, each.span)
    waves = _waves(analysis)
    for contention in analysis.contentions:
        if task_id in contention.tasks and task_id in waves:
            yield from _of_contention(contention, task_id, waves)


def waited_for(analysis: Analysis, tasks: Collection[str]) -> Mapping[str, Collection[str]]:
    """What each of `tasks` waits for, as its `reasons` have it, each other task once. Looks at no pairs of other tasks.

    Tasks that wait for none are left out.
    """
    found: dict[str, dict[str, None]] = {}
    for each in analysis.dependencies:
        if each.task in tasks:
            found.setdefault(each.task, {})[each.on] = None
    waves = _waves(analysis)
    for contention in analysis.contentions:
        for task in filter(waves.__contains__, filter(tasks.__contains__, contention.tasks)):
            earlier = [other for other in contention.tasks if waves.get(other, waves[task]) < waves[task]]
            if earlier:
                found.setdefault(task, {}).update(dict.fromkeys(earlier))
    return {task: others.keys() for task, others in found.items()}


def _waves(analysis: Analysis) -> Mapping[str, int]:
    return {each: number for number, wave in enumerate(analysis.schedule.waves, 1) for each in wave}


def _of_contention(contention: Contention, task_id: str, waves: Mapping[str, int]) -> Iterator[Reason]:
    verb = "hold" if contention.kind is HazardKind.LOCK_CONFLICT else "write"
    because = f"both {verb} {', '.join(f'`{path}`' for path in contention.paths[:_MOST_NAMED])}"
    spans = dict(zip(contention.tasks, contention.spans, strict=True))
    for other in contention.tasks:
        by = waves[task_id] - waves.get(other, waves[task_id])
        if by:
            task, on = (task_id, other) if by > 0 else (other, task_id)
            yield Reason(task, on, because, spans[task])


_MOST_NAMED = 3
"""How many of the paths that two tasks want alike a reason names."""


def _sequenced(analysis: Analysis) -> Iterator[Wait]:
    waves = {task_id: found.wave for task_id, found in analysis.tasks.items()}
    for conflict in analysis.conflicts:
        first, second = waves[conflict.first], waves[conflict.second]
        if first is None or second is None or first == second:
            continue
        task, on = (conflict.second, conflict.first) if first < second else (conflict.first, conflict.second)
        for path in conflict.paths:
            yield Wait(task, on, conflict.kind.value, path)
