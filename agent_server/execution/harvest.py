"""The harvest: of all that an agent changed, what lies in its write set, and what does not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent_server.analysis.globs import PathSet
from agent_server.execution.changes import Change


@dataclass(frozen=True, slots=True)
class Harvest:
    """One agent's change set, divided. Only `declared` is ever verified or landed; the rest is kept and reported."""

    declared: tuple[Change, ...]
    undeclared: tuple[Change, ...]


def harvest(changes: Sequence[Change], writes: PathSet) -> Harvest:
    """Divide `changes` by the write set that was approved."""
    inside = tuple(change for change in changes if writes.matches(change.path))
    return Harvest(inside, tuple(change for change in changes if change not in inside))


def combine(harvests: Mapping[str, Harvest]) -> tuple[Change, ...]:
    """All declared changes of a wave. Raises `OverlapError` where two tasks changed one path."""
    owner: dict[str, str] = {}
    for task, found in harvests.items():
        for change in found.declared:
            if change.path in owner:
                raise OverlapError(change.path, (owner[change.path], task))
            owner[change.path] = task
    return tuple(_sorted(change for found in harvests.values() for change in found.declared))


class OverlapError(Exception):
    """Two agents of one wave changed the same file. The independence test should have kept them apart."""

    def __init__(self, path: str, tasks: tuple[str, str]) -> None:
        super().__init__(f"`{tasks[0]}` and `{tasks[1]}` both changed `{path}`, so nothing landed.")
        self.path = path
        self.tasks = tasks


def _sorted(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.path)
