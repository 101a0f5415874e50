"""Which of many path sets overlap, without comparing each with each.

Most tasks spell their files out, so an index from path to sets finds nearly every pair. What remains are the sets with
wildcards. Sets with the same patterns have one *shape*; shapes are looked up among the spelled-out paths, and compared
with one another only where their literal prefixes allow it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice, product

from agent_server.analysis.glob_clause import Clause, common_match, directories, may_meet, parents
from agent_server.analysis.glob_intersection import assumed_path
from agent_server.analysis.globs import PathSet
from agent_server.analysis.tree import Tree


def overlaps(sets: Sequence[PathSet], tree: Tree | None = None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The pairs of sets that overlap, as indices `(i, j)` with `i < j`, in order, with the paths that they share.

    These are all the paths that at least one of the two spells out or, where there is none, one example: a file of
    `tree` if there is one, else a file that does not exist yet. The answer is that of `PathSet.overlap`.
    """
    index = _Index.of(sets)
    shared: _Shared = defaultdict(set)
    _spelled_twice(index, shared)
    _spelled_and_matched(index, shared)
    _matched_twice(index, shared, tree)
    _file_and_directory(index, shared)
    for left, right in sorted(shared):
        yield left, right, tuple(sorted(shared[left, right]))


MOST_VISITED = 200_000
"""How many states the searches of one call may visit together: about a second, the first time, of a plan of nothing but
globs without a fixed beginning. What is left then is taken to overlap, so that no plan can keep the server busy."""

_Shared = defaultdict[tuple[int, int], set[str]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Wildcards that one or more sets (`owners`) have in common."""

    clause: Clause
    owners: list[int]


@dataclass(frozen=True, slots=True)
class _Index:
    """Paths as they are compared: folded, if case does not count in one of the sets."""

    owners: dict[str, list[int]] = field(default_factory=dict)
    """The sets that spell out a path."""
    written: dict[str, str] = field(default_factory=dict)
    shapes: list[_Shape] = field(default_factory=list)

    @classmethod
    def of(cls, sets: Sequence[PathSet]) -> "_Index":
        folds = any(clause.folds for each in sets for clause in each.clauses)
        owners: dict[str, list[int]] = defaultdict(list)
        written: dict[str, str] = {}
        shapes: dict[object, _Shape] = {}
        for number, each in enumerate(sets):
            for clause in each.clauses:
                compiled = clause.folded() if folds else clause
                for path, spelling in compiled.literals.items():
                    if owners[path][-1:] != [number]:
                        owners[path].append(number)
                    written.setdefault(path, spelling)
                if compiled.patterns:
                    wild = compiled.without_literals()
                    shape = shapes.setdefault((wild.patterns, wild.excepted), _Shape(wild, []))
                    shape.owners.append(number)
        return cls(dict(owners), written, list(shapes.values()))


def _share(shared: _Shared, left: Iterable[int], right: Iterable[int], path: str) -> None:
    for one, other in product(left, right):
        if one != other:
            shared[min(one, other), max(one, other)].add(path)


def _spelled_twice(index: _Index, shared: _Shared) -> None:
    for path, owners in index.owners.items():
        for pair in combinations(owners, 2):
            shared[pair].add(index.written[path])


def _spelled_and_matched(index: _Index, shared: _Shared) -> None:
    paths = sorted(index.owners)
    for shape in index.shapes:
        for pattern in shape.clause.patterns:
            prefix = shape.clause.prefix(pattern)
            start = bisect_left(paths, prefix)
            for path in islice(paths, start, None):
                if not path.startswith(prefix):
                    break
                if shape.clause.has(path):
                    _share(shared, shape.owners, index.owners[path], index.written[path])


def _matched_twice(index: _Index, shared: _Shared, tree: Tree | None) -> None:
    known = frozenset(shared)
    visited = 0
    for left, right in sorted(_candidates(index)):
        pairs = [pair for pair in _owner_pairs(index.shapes[left], index.shapes[right]) if pair not in known]
        if not pairs:
            continue
        one, other = index.shapes[left].clause, index.shapes[right].clause
        if visited > MOST_VISITED:
            path: str | None = assumed_path(one.patterns[0], other.patterns[0])
        else:
            path, more = common_match(one, other)
            visited += more
        if path is not None:
            example = _existing(one, other, tree) or path
            for pair in pairs:
                shared[pair] = shared[pair] or {example}


def _existing(left: Clause, right: Clause, tree: Tree | None) -> str | None:
    """The first file of the tree that both match."""
    if tree is None:
        return None
    theirs = frozenset(right.expand(tree))
    return next((path for path in left.expand(tree) if path in theirs), None)


def _owner_pairs(left: _Shape, right: _Shape) -> Iterable[tuple[int, int]]:
    if left is right:
        return combinations(left.owners, 2)
    return {(min(pair), max(pair)) for pair in product(left.owners, right.owners) if pair[0] != pair[1]}


def _candidates(index: _Index) -> set[tuple[int, int]]:
    """The pairs of shapes (a shape with itself too) whose fixed beginnings and ends allow a common path."""
    entries = sorted(
        (
            (shape.clause.prefix(pattern), number, pattern)
            for number, shape in enumerate(index.shapes)
            for pattern in shape.clause.patterns
        ),
        key=lambda entry: entry[:2],
    )
    candidates = set()
    for at, (prefix, number, pattern) in enumerate(entries):
        for other_prefix, other_number, other in islice(entries, at, None):
            if not other_prefix.startswith(prefix):
                break
            folds = index.shapes[number].clause.folds
            pair = (min(number, other_number), max(number, other_number))
            if pair not in candidates and may_meet(pattern, other, folds=folds):
                candidates.add(pair)
    return candidates


def _file_and_directory(index: _Index, shared: _Shared) -> None:
    """A file that one set spells out, while the paths of another lie below it."""
    known = frozenset(shared)
    below = [(parent, owners) for path, owners in index.owners.items() for parent in parents(path)]
    below += [(parent, shape.owners) for shape in index.shapes for parent in directories(shape.clause)]
    for parent, owners in below:
        if parent not in index.owners:
            continue
        for one, other in product(index.owners[parent], owners):
            pair = (min(one, other), max(one, other))
            if one != other and pair not in known:
                shared[pair] = shared[pair] or {index.written[parent]}
