"""Which of many path sets overlap, without comparing each with each.

Most tasks spell their files out, so an index from path to sets finds nearly every pair. What remains are the sets with
wildcards. Sets with the same patterns have one *shape*; shapes are looked up among the spelled-out paths, and compared
with one another only where their literal prefixes allow it.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, combinations, islice, product

from agent_server.analysis.globs.clause import Clause, common_match, directories, matching, may_meet, parents
from agent_server.analysis.globs.intersection import assumed_path
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.tree import Tree

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A path that several sets hold: `spelled` by some of them, and `matched` by the wildcards of others.

    Each of `spelled` overlaps with all the others. Those of `matched` need not overlap with one another.
    """

    path: str
    spelled: tuple[int, ...]
    matched: tuple[int, ...] = ()

    def pairs(self) -> Iterator[Pair]:
        """The pairs of sets that meet here."""
        yield from combinations(self.spelled, 2)
        yield from ((min(pair), max(pair)) for pair in product(self.spelled, self.matched))

    def below(self, border: int) -> "Meeting":
        """The same of the sets that are numbered below `border`."""
        if max(self.spelled[-1:] + self.matched[-1:]) < border:
            return self
        return Meeting(self.path, _parted(self.spelled, border)[0], _parted(self.matched, border)[0])

    def pairs_across(self, border: int) -> Iterator[Pair]:
        """Those of the pairs of which one set is numbered below `border`, and the other is not."""
        before, behind = _parted(self.spelled, border)
        matched_before, matched_behind = _parted(self.matched, border)
        yield from product(before, (*behind, *matched_behind))
        yield from product(matched_before, behind)


@dataclass(frozen=True)
class Overlaps:
    """Which sets overlap, and where. A file that forty sets spell out is one meeting, and eight hundred pairs.

    `examples` gives, for the pairs that meet nowhere, a path that both match or that one needs as a directory.
    """

    meetings: tuple[Meeting, ...]
    examples: Mapping[Pair, str]

    def pairs(self) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """All pairs `(i, j)` with `i < j`, in order, with the paths that they share."""
        shared: dict[Pair, set[str]] = {pair: {path} for pair, path in self.examples.items()}
        for meeting in self.meetings:
            for pair in meeting.pairs():
                shared.setdefault(pair, set()).add(meeting.path)
        for left, right in sorted(shared):
            yield left, right, tuple(sorted(shared[left, right]))

    def below(self, border: int) -> "Overlaps":
        """The same of the sets that are numbered below `border`."""
        found = (meeting.below(border) for meeting in self.meetings)
        meetings = [each for each in found if len(each.spelled) > 1 or (each.spelled and each.matched)]
        return Overlaps(tuple(meetings), {pair: path for pair, path in self.examples.items() if pair[1] < border})

    def across(self, border: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """The pairs `(i, j)` with `i < border <= j`, in order, with the paths that they share."""
        shared: dict[Pair, set[str]] = {
            pair: {path} for pair, path in self.examples.items() if pair[0] < border <= pair[1]
        }
        for meeting in self.meetings:
            for pair in meeting.pairs_across(border):
                shared.setdefault(pair, set()).add(meeting.path)
        for left, right in sorted(shared):
            yield left, right, tuple(sorted(shared[left, right]))

    def meet(self, one: int, other: int) -> bool:
        """Whether two sets meet at a path that at least one of them spells out."""
        mine, theirs = self._places.get(one, {}), self._places.get(other, {})
        return any(mine[at] or theirs[at] for at in mine.keys() & theirs.keys())

    @cached_property
    def _places(self) -> Mapping[int, Mapping[int, bool]]:
        """For each set, the meetings that it takes part in, and whether it spells their paths out."""
        places: dict[int, dict[int, bool]] = defaultdict(dict)
        for number, meeting in enumerate(self.meetings):
            for each in meeting.matched:
                places[each][number] = False
            for each in meeting.spelled:
                places[each][number] = True
        return places


def overlaps(sets: Sequence[PathSet], tree: Tree | None = None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """The pairs of sets that overlap, as indices `(i, j)` with `i < j`, in order, with the paths that they share.

    These are all the paths that at least one of the two spells out or, where there is none, one example: a file of
    `tree` if there is one, else a file that does not exist yet. The answer is that of `PathSet.overlap`.
    """
    return found_overlaps(sets, tree).pairs()


def found_overlaps(sets: Sequence[PathSet], tree: Tree | None = None, border: int | None = None) -> Overlaps:
    """What `overlaps` tells, without spelling each pair out.

    With a `border`, no examples are looked for of two sets that are both numbered from there on.
    """
    border = len(sets) if border is None else border
    index = _Index.of(sets)
    spelled = Overlaps(tuple(_meetings(index)), {})
    examples: dict[Pair, str] = {}
    for pair, path in chain(_matched_twice(index, spelled, tree, border), _file_and_directory(index)):
        if pair[0] < border and pair not in examples and not spelled.meet(*pair):
            examples[pair] = path
    return Overlaps(spelled.meetings, examples)


MOST_VISITED = 200_000
"""How many states the searches of one call may visit together: about a second, the first time, of a plan of nothing but
globs without a fixed beginning. What is left then is taken to overlap, so that no plan can keep the server busy."""


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
    """Folded paths as they are spelled first; a path that is not among them is spelled like this."""
    shapes: list[_Shape] = field(default_factory=list)

    @classmethod
    def of(cls, sets: Sequence[PathSet]) -> "_Index":
        index = cls()
        clauses = [each.clauses for each in sets]
        folds = any(clause.folds for several in clauses for clause in several)
        shapes: dict[object, _Shape] = {}
        for number, several in enumerate(clauses):
            for clause in several:
                compiled = clause.folded() if folds else clause
                index.spell(number, compiled)
                if compiled.patterns:
                    wild = compiled.without_literals()
                    shape = shapes.setdefault((wild.patterns, wild.excepted), _Shape(wild, []))
                    shape.owners.append(number)
        index.shapes.extend(shapes.values())
        return index

    def spell(self, number: int, clause: Clause) -> None:
        for path in clause.literals:
            owners = self.owners.setdefault(path, [])
            if not owners or owners[-1] != number:
                owners.append(number)
        if clause.folds:
            for path, spelling in clause.literals.items():
                self.written.setdefault(path, spelling)


def _parted(numbers: tuple[int, ...], border: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    at = bisect_left(numbers, border)
    return numbers[:at], numbers[at:]


def _meetings(index: _Index) -> Iterator[Meeting]:
    matched = _matched(index)
    for path, owners in index.owners.items():
        others = tuple(sorted(set(matched[path]).difference(owners))) if path in matched else ()
        if len(owners) > 1 or others:
            yield Meeting(index.written.get(path, path), tuple(owners), others)


def _matched(index: _Index) -> Mapping[str, Iterable[int]]:
    """The spelled-out paths that wildcards match, with the sets of those."""
    found: dict[str, list[int]] = {}
    paths = sorted(index.owners) if index.shapes else []
    for shape in index.shapes:
        for pattern in shape.clause.patterns:
            for path in matching(pattern, paths, folds=shape.clause.folds):
                if shape.clause.has(path):
                    found.setdefault(path, []).extend(shape.owners)
    return found


def _matched_twice(index: _Index, spelled: Overlaps, tree: Tree | None, border: int) -> Iterator[tuple[Pair, str]]:
    """The pairs of sets whose wildcards have a path in common, each with an example; a pair may come again."""
    visited = 0
    for left, right in sorted(_candidates(index)):
        owners = _owner_pairs(index.shapes[left], index.shapes[right])
        pairs = [pair for pair in owners if pair[0] < border and not spelled.meet(*pair)]
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
            yield from ((pair, example) for pair in pairs)


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


def _file_and_directory(index: _Index) -> Iterator[tuple[Pair, str]]:
    """The pairs of which one set spells out a file, while the paths of the other lie below it."""
    for parent, owners in _below_files(index):
        for one, other in product(index.owners[parent], owners):
            if one != other:
                yield (min(one, other), max(one, other)), index.written.get(parent, parent)


def _with_parents(folders: Iterable[str]) -> set[str]:
    """The folders, and all that they lie in."""
    found = set[str]()
    for each in folders:
        folder = each
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _below_files(index: _Index) -> Iterator[tuple[str, Iterable[int]]]:
    """The files that are spelled out and have paths below them, with the sets that those are of."""
    folders = {path.rpartition("/")[0] for path in index.owners}
    if not index.owners.keys().isdisjoint(_with_parents(folders)):
        for path, owners in index.owners.items():
            yield from ((parent, owners) for parent in parents(path) if parent in index.owners)
    for shape in index.shapes:
        yield from ((parent, shape.owners) for parent in directories(shape.clause) if parent in index.owners)
