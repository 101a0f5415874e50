"""The harvest: of all that an agent changed, what lies in its write set, and what does not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.analysis.globs.path_sets import PathSet
from agent_server.execution.changes import Change, ChangeKind


@dataclass(frozen=True, slots=True)
class Harvest:
    """One agent's change set, divided. Only `declared` is ever verified or landed; the rest is kept and reported."""

    declared: tuple[Change, ...]
    undeclared: tuple[Change, ...]


def harvest(changes: Sequence[Change], writes: PathSet) -> Harvest:
    """Divide `changes` by the write set that was approved."""
    declared: list[Change] = []
    undeclared: list[Change] = []
    for change in changes:
        (declared if writes.matches(change.path) else undeclared).append(change)
    return Harvest(tuple(declared), tuple(undeclared))


def combine(harvests: Mapping[str, Harvest]) -> tuple[Change, ...]:
    """All declared changes of a wave, sorted by path.

    Raises `OverlapError` where two tasks changed one path, or one made a file where another needs a directory.
    """
    owner: dict[str, str] = {}
    for task, found in harvests.items():
        for change in found.declared:
            if change.path in owner:
                raise OverlapError(change.path, (owner[change.path], task))
            owner[change.path] = task
    changes = sorted((change for found in harvests.values() for change in found.declared), key=lambda each: each.path)
    standing = {change.path for change in changes if change.kind is not ChangeKind.DELETE}
    for path in standing:
        for parent in _parents(path):
            if parent in standing and owner[parent] != owner[path]:
                raise OverlapError(parent, (owner[parent], owner[path]))
    return tuple(changes)


class OverlapError(Exception):
    """Two agents of one wave changed the same file. The independence test should have kept them apart."""

    def __init__(self, path: str, tasks: tuple[str, str]) -> None:
        super().__init__(f"`{tasks[0]}` and `{tasks[1]}` both changed `{path}`.")
        self.path = path
        self.tasks = tasks


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
