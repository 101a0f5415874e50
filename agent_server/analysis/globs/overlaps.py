"""Which of many path sets overlap, without comparing each with each.

Most tasks spell their files out, so an index from path to sets finds nearly every pair. What remains are the sets with
wildcards. Sets with the same patterns have one *shape*; shapes are looked up among the spelled-out paths, and compared
with one another only where their literal prefixes allow it.

Plans are compared version after version, and an edit changes one set or two. A `Comparison` keeps the index, and looks
only at what those meet.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product

from agent_server.analysis.columns import unlike
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
    return Comparison(tree).overlaps(sets, len(sets) if border is None else border)


MOST_FOLLOWED = 16
"""Of so many changed sets each is looked at alone; of more, all sets are compared anew."""


class Comparison:
    """The path sets of one plan, compared version after version. All of them are read in one `tree`.

    The answer is the one that a new comparison gives. Sets that hold wildcards, or did, are always compared anew.
    """

    def __init__(self, tree: Tree | None = None) -> None:
        self._tree = tree
        self._border = 0
        self._index = _Index(())
        self._meetings: dict[str, Meeting] = {}
        """By their paths, as these are compared."""
        self._matched: dict[Pair, str] = {}
        """What the wildcards of both sets match, for pairs that meet nowhere."""
        self._files: dict[Pair, str] = {}
        """For the other pairs the file of one set, as it is compared, that the other needs as a directory."""

    def overlaps(self, sets: Sequence[PathSet], border: int) -> Overlaps:
        """What `found_overlaps` tells. The less has changed since the last time, the sooner."""
        before = self._index.sets
        changed = [*unlike(sets, before)] if len(sets) == len(before) and border == self._border else None
        if changed is not None and len(changed) <= MOST_FOLLOWED and self._can_follow(changed, sets):
            for at in changed:
                self._follow(at, sets[at])
        else:
            self._begin(sets, border)
        files = {pair: self._index.written(path) for pair, path in self._files.items()}
        meetings = [self._meetings[path] for path in sorted(self._meetings)]
        return Overlaps(tuple(meetings), dict(sorted({**self._matched, **files}.items())))

    def _begin(self, sets: Sequence[PathSet], border: int) -> None:
        self._border = border
        self._index = _Index(sets)
        self._meetings = _meetings(self._index)
        self._matched, self._files = {}, {}
        for pair, path in _matched_twice(self._index, self._spelled, self._tree, border):
            self._matched.setdefault(pair, path)
        self._keep(_file_and_directory(self._index))

    def _can_follow(self, changed: Iterable[int], sets: Sequence[PathSet]) -> bool:
        return all(self._index.spells(paths) for at in changed for paths in (self._index.sets[at], sets[at]))

    def _follow(self, at: int, paths: PathSet) -> None:
        """Put another set in the place of one; neither holds wildcards."""
        for path in self._index.replace(at, paths):
            meeting = _meeting(self._index, path, _matching(self._index, path))
            if meeting is None:
                self._meetings.pop(path, None)
            else:
                self._meetings[path] = meeting
        self._files = {pair: path for pair, path in self._files.items() if at not in pair}
        self._keep(_around(self._index, at))

    def _keep(self, found: Iterable[tuple[Pair, str]]) -> None:
        """Take files that are directories too, the first of each pair."""
        found = sorted(each for each in found if each[0][0] < self._border and each[0] not in self._matched)
        spelled = self._spelled if found else Overlaps((), {})
        for pair, path in found:
            if pair not in self._files and not spelled.meet(*pair):
                self._files[pair] = path

    @property
    def _spelled(self) -> Overlaps:
        return Overlaps(tuple(self._meetings.values()), {})


MOST_VISITED = 200_000
"""How many states the searches of one call may visit together: about a second, the first time, of a plan of nothing but
globs without a fixed beginning. What is left then is taken to overlap, so that no plan can keep the server busy."""


@dataclass(frozen=True)
class _Shape:
    """Wildcards that one or more sets (`owners`) have in common."""

    clause: Clause
    owners: list[int]

    @cached_property
    def folders(self) -> frozenset[str]:
        """The directories that its paths certainly lie in."""
        return frozenset(directories(self.clause))


class _Index:
    """Paths as they are compared: folded, if case does not count in one of the sets.

    `owners` are the sets that spell out a path, `paths` the paths that are spelled out, sorted.
    """

    def __init__(self, sets: Sequence[PathSet]) -> None:
        self.sets = list(sets)
        self._folds = any(clause.folds for each in sets for clause in each.clauses)
        self._clauses = [self._compiled(each) for each in sets]
        self.owners: dict[str, list[int]] = {}
        shapes: dict[object, _Shape] = {}
        for number, several in enumerate(self._clauses):
            for clause in several:
                for path in clause.literals:
                    owners = self.owners.setdefault(path, [])
                    if not owners or owners[-1] != number:
                        owners.append(number)
                if clause.patterns:
                    wild = clause.without_literals()
                    shape = shapes.setdefault((wild.patterns, wild.excepted), _Shape(wild, []))
                    shape.owners.append(number)
        self.shapes = list(shapes.values())
        self.paths = sorted(self.owners)

    def spells(self, paths: PathSet) -> bool:
        """Whether a set spells out all that it holds, and is compared as the others are."""
        return not any(clause.patterns or (clause.folds and not self._folds) for clause in paths.clauses)

    def replace(self, at: int, paths: PathSet) -> set[str]:
        """Put another set in the place of one; neither holds wildcards. Returns the paths that either spells out."""
        old = self.spelled(at)
        self.sets[at], self._clauses[at] = paths, self._compiled(paths)
        new = self.spelled(at)
        for path in old - new:
            self.owners[path].remove(at)
            if not self.owners[path]:
                del self.owners[path]
                del self.paths[bisect_left(self.paths, path)]
        for path in new - old:
            if path not in self.owners:
                self.owners[path] = []
                insort(self.paths, path)
            insort(self.owners[path], at)
        return old | new

    def spelled(self, at: int) -> set[str]:
        """The paths that a set spells out."""
        return {path for clause in self._clauses[at] for path in clause.literals}

    def written(self, path: str) -> str:
        """A path that is spelled out, as the first set spells it."""
        first = self._clauses[self.owners[path][0]]
        return next(clause.literals[path] for clause in first if path in clause.literals)

    def below(self, folder: str) -> Sequence[str]:
        """The paths that are spelled out and lie below a folder."""
        # "0" follows "/" in ASCII, so it is past everything that lies below.
        return self.paths[bisect_left(self.paths, f"{folder}/") : bisect_left(self.paths, f"{folder}0")]

    def _compiled(self, paths: PathSet) -> tuple[Clause, ...]:
        return tuple([clause.folded() for clause in paths.clauses]) if self._folds else paths.clauses


def _parted(numbers: tuple[int, ...], border: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    at = bisect_left(numbers, border)
    return numbers[:at], numbers[at:]


def _meetings(index: _Index) -> dict[str, Meeting]:
    """The meetings by their paths, as these are compared."""
    matched: dict[str, list[int]] = {}
    for shape in index.shapes:
        for pattern in shape.clause.patterns:
            for path in matching(pattern, index.paths, folds=shape.clause.folds):
                if shape.clause.has(path):
                    matched.setdefault(path, []).extend(shape.owners)
    several = (path for path, owners in index.owners.items() if len(owners) > 1 or path in matched)
    found = {path: _meeting(index, path, matched.get(path, ())) for path in several}
    return {path: meeting for path, meeting in found.items() if meeting is not None}


def _meeting(index: _Index, path: str, matched: Sequence[int]) -> Meeting | None:
    """The sets that meet at a path, where several do. `matched` are those whose wildcards match it."""
    owners = index.owners.get(path, [])
    others = tuple(sorted(set(matched).difference(owners)))
    if not owners or not (len(owners) > 1 or others):
        return None
    return Meeting(index.written(path), tuple(owners), others)


def _matching(index: _Index, path: str) -> Sequence[int]:
    """The sets whose wildcards match a path."""
    return [owner for shape in index.shapes if shape.clause.has(path) for owner in shape.owners]


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
    return {_pair(*pair) for pair in product(left.owners, right.owners) if pair[0] != pair[1]}


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
    """The pairs of which one set spells out a file, as it is compared, while the paths of the other lie below it."""
    folders = {path.rpartition("/")[0] for path in index.owners}
    if not index.owners.keys().isdisjoint(_with_parents(folders)):
        for path, owners in index.owners.items():
            yield from _pairs_at(index, filter(index.owners.__contains__, parents(path)), owners)
    for shape in index.shapes:
        yield from _pairs_at(index, filter(index.owners.__contains__, shape.folders), shape.owners)


def _around(index: _Index, at: int) -> Iterator[tuple[Pair, str]]:
    """Those of the pairs that hold one set, which has no wildcards."""
    for path in index.spelled(at):
        yield from _pairs_at(index, filter(index.owners.__contains__, parents(path)), [at])
        for below in index.below(path):
            yield from ((_pair(at, other), path) for other in index.owners[below] if other != at)
        for shape in index.shapes:
            if path in shape.folders:
                yield from ((_pair(at, other), path) for other in shape.owners if other != at)


def _pairs_at(index: _Index, files: Iterable[str], below: Sequence[int]) -> Iterator[tuple[Pair, str]]:
    """The pairs of a set that spells out one of the files, and one of those with paths below it."""
    for file in files:
        yield from ((_pair(one, other), file) for one, other in product(index.owners[file], below) if one != other)


def _pair(one: int, other: int) -> Pair:
    return min(one, other), max(one, other)


def _with_parents(folders: Iterable[str]) -> set[str]:
    """The folders, and all that they lie in."""
    found = set[str]()
    for each in folders:
        folder = each
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found
