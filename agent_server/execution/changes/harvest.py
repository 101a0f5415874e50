"""The harvest: of all that an agent changed, what lies in its write set, and what does not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agent_server.analysis.globs.path_sets import PathSet
from agent_server.execution.changes.changes import Change, ChangeKind

_NO_ORDER: Mapping[str, Collection[str]] = {}


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


def combine(harvests: Mapping[str, Harvest], after: Mapping[str, Collection[str]] = _NO_ORDER) -> tuple[Change, ...]:
    """All declared changes of several tasks, sorted by path.

    `after` says for a task which others it saw the work of: its changes start from what these left. Raises
    `OverlapError` where two tasks changed one path and neither saw the other's work, or one of them made a file where
    the other needs a directory.
    """
    behind = {task: followed(task, after) for task in harvests}
    owners: dict[str, list[str]] = {}
    combined: dict[str, Change] = {}
    for task in sorted(harvests, key=lambda each: len(behind[each])):
        for change in harvests[task].declared:
            earlier = owners.setdefault(change.path, [])
            if apart := [other for other in earlier if other not in behind[task]]:
                raise OverlapError(change.path, (apart[0], task))
            earlier.append(task)
            known = combined.pop(change.path, None)
            joined = change if known is None else _one_after_the_other(known, change, task, earlier)
            if joined is not None:
                combined[change.path] = joined
    changes = sorted(combined.values(), key=lambda each: each.path)
    standing = {change.path for change in changes if change.kind is not ChangeKind.DELETE}
    for path in standing:
        for parent in _parents(path):
            if parent in standing:
                raise OverlapError(parent, (owners[parent][-1], owners[path][-1]))
    return tuple(changes)


def followed(task: str, after: Mapping[str, Collection[str]]) -> frozenset[str]:
    """All the tasks whose work `task` saw, directly or through others."""
    found: set[str] = set()
    waiting = list(after.get(task, ()))
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting.extend(after.get(other, ()))
    return frozenset(found)


def _one_after_the_other(first: Change, second: Change, task: str, owners: list[str]) -> Change | None:
    """Two changes of one path as one, None where nothing is left of them; the second started from what the first left.

    Where it did not, `first` was made anew since: the two do not fit.
    """
    if second.base != first.new:
        raise OverlapError(second.path, (owners[0], task))
    if second.new == first.base:
        return None
    kind = ChangeKind.DELETE if second.new is None else ChangeKind.CREATE if first.base is None else ChangeKind.MODIFY
    return replace(second, kind=kind, base=first.base, before=first.before)


class OverlapError(Exception):
    """Two agents changed the same file, and neither saw the other's work. The independence test keeps such apart."""

    def __init__(self, path: str, tasks: tuple[str, str]) -> None:
        super().__init__(f"`{tasks[0]}` and `{tasks[1]}` both changed `{path}`.")
        self.path = path
        self.tasks = tasks


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
