"""What each task waits for: its dependencies, then the conflicts that the waves have put in order."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.model import Analysis


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


def _sequenced(analysis: Analysis) -> Iterator[Wait]:
    waves = {task_id: found.wave for task_id, found in analysis.tasks.items()}
    for conflict in analysis.conflicts:
        first, second = waves[conflict.first], waves[conflict.second]
        if first is None or second is None or first == second:
            continue
        task, on = (conflict.second, conflict.first) if first < second else (conflict.first, conflict.second)
        for path in conflict.paths:
            yield Wait(task, on, conflict.kind.value, path)
