"""The globs of a path set, compiled: what it spells out, what its wildcards match, and what is excepted."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import product

from agent_server.analysis.globs.intersection import Found, find_common_path
from agent_server.analysis.globs.pattern import Pattern, literal_pattern
from agent_server.analysis.globs.regex import compile_patterns
from agent_server.analysis.tree import Tree, fold_case


@dataclass(frozen=True)
class Clause:
    """Paths that are spelled out or match one of the patterns, and are not excepted.

    With `folds`, case does not count, and paths go in as `fold_case` leaves them.
    """

    literals: Mapping[str, str]
    """The paths that are spelled out, as written, by what they fold to. None of them is excepted."""
    patterns: tuple[Pattern, ...]
    excepted: tuple[Pattern, ...]
    folds: bool

    def has(self, path: str) -> bool:
        """Whether the path is in the clause."""
        if path in self.literals:
            return True
        return bool(self.patterns) and bool(self._included(path)) and not self._excepted(path)

    @cached_property
    def _included(self) -> Callable[[str], re.Match[str] | None]:
        return compile_patterns(self.patterns, folds=self.folds).match

    @cached_property
    def _excepted(self) -> Callable[[str], re.Match[str] | None]:
        return compile_patterns(self.excepted, folds=self.folds).match

    def prefix(self, pattern: Pattern) -> str:
        """What the paths of one of its patterns begin with, folded if the clause is."""
        return fold_case(pattern.prefix) if self.folds else pattern.prefix

    def without_literals(self) -> "Clause":
        """What its patterns with wildcards match."""
        return replace(self, literals={})

    def folded(self) -> "Clause":
        """The same clause where case does not count."""
        return self if self.folds else compile_clause(self._included_patterns, self.excepted, folds=True)

    @property
    def _included_patterns(self) -> tuple[Pattern, ...]:
        return (*map(literal_pattern, self.literals.values()), *self.patterns)

    def expand(self, tree: Tree) -> tuple[str, ...]:
        """The existing files in the clause, sorted."""
        known = tree.folded if self.folds else tree
        found = {path for path in self.literals if path in known}
        for pattern in self.patterns:
            found.update(self._existing(pattern, known))
        if self.excepted:
            found = {path for path in found if path in self.literals or not self._excepted(path)}
        return tuple(sorted(tree.spelling[path] for path in found) if self.folds else sorted(found))

    def _existing(self, pattern: Pattern, known: Tree) -> tuple[str, ...]:
        """The known paths that the pattern matches, whether or not they are excepted."""
        return known.derived((pattern, self.folds), lambda: tuple(matching(pattern, known.paths, folds=self.folds)))


@lru_cache(maxsize=8192)
def compile_clause(included: tuple[Pattern, ...], excepted: tuple[Pattern, ...], *, folds: bool) -> Clause:
    """The clause of some patterns, literal ones among them."""
    patterns = tuple(dict.fromkeys(included))
    excluded = tuple(dict.fromkeys(excepted))
    refuses = compile_patterns(excluded, folds=folds).match
    literals = {
        fold_case(pattern.prefix) if folds else pattern.prefix: pattern.prefix
        for pattern in patterns
        if pattern.is_literal
    }
    return Clause(
        literals={path: written for path, written in literals.items() if not refuses(path)} if excluded else literals,
        patterns=tuple(pattern for pattern in patterns if not pattern.is_literal),
        excepted=excluded,
        folds=folds,
    )


def common_member(left: Clause, right: Clause) -> str | None:
    """A path in both clauses, or a file that one of them spells out while paths of the other lie below it."""
    if left.folds != right.folds:
        left, right = left.folded(), right.folded()
    for spelled, matched in ((left, right), (right, left)):
        for path, written in spelled.literals.items():
            if matched.has(path):
                return written
    return common_match(left, right).path or file_and_directory(left, right)


def common_match(left: Clause, right: Clause) -> Found:
    """A path that patterns with wildcards of both clauses match."""
    excepted = left.excepted + right.excepted
    visited = 0
    for mine, theirs in product(left.patterns, right.patterns):
        if not may_meet(mine, theirs, folds=left.folds):
            continue
        near = (each for each in excepted if all(may_meet(each, one, folds=left.folds) for one in (mine, theirs)))
        found = find_common_path(mine, theirs, tuple(dict.fromkeys(near)), folds=left.folds)
        visited += found.visited
        if found.path is not None:
            return Found(found.path, visited)
    return Found(None, visited)


def matching(pattern: Pattern, paths: Sequence[str], *, folds: bool) -> Iterable[str]:
    """Those of the sorted paths that the pattern matches."""
    prefix, suffix = (fold_case(part) if folds else part for part in (pattern.prefix, pattern.suffix))
    start = bisect_left(paths, prefix)
    below = paths[start : bisect_left(paths, prefix + "\U0010ffff", start)]
    if suffix:
        below = [path for path in below if path.endswith(suffix)]
    return filter(compile_patterns((pattern,), folds=folds).match, below)


def may_meet(left: Pattern, right: Pattern, *, folds: bool) -> bool:
    """Whether what is fixed about the paths of two patterns allows a common one. Quick, and never a wrong no."""
    for one, other in zip(_fixed(left, folds=folds), _fixed(right, folds=folds), strict=True):
        if not (one.startswith(other) or other.startswith(one)):
            return False
    return True


@lru_cache(maxsize=8192)
def _fixed(pattern: Pattern, *, folds: bool) -> tuple[str, ...]:
    """What its paths begin with, what their last segments do, and what they end with, backwards."""
    parts = (pattern.prefix, pattern.name, pattern.suffix[::-1])
    return tuple(map(fold_case, parts)) if folds else parts


def file_and_directory(left: Clause, right: Clause) -> str | None:
    """A file that one clause spells out, while paths of the other lie below it.

    Only paths that must lie below it count: `src/**/*.css` could also match below a file `src/a.ts`, and nobody who
    writes it means that.
    """
    for spelled, other in ((left, right), (right, left)):
        for directory in directories(other):
            if directory in spelled.literals:
                return spelled.literals[directory]
    return None


def directories(clause: Clause) -> Iterator[str]:
    """The directories that the paths of the clause certainly lie in."""
    for path in clause.literals:
        yield from parents(path)
    for pattern in clause.patterns:
        if clause.excepted and not _has_members(pattern, clause):
            continue
        yield from parents(clause.prefix(pattern))


def _has_members(pattern: Pattern, clause: Clause) -> bool:
    return find_common_path(pattern, pattern, clause.excepted, folds=clause.folds).path is not None


def parents(path: str) -> Iterator[str]:
    """The directories that a path, or a beginning of one, names: `a` and `a/b` of `a/b/c`."""
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
