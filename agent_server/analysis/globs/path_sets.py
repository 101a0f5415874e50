"""Sets of paths, as plans write them: globs, some of them excepted.

- `*` and `?` stay within a segment and match a leading dot too; `**` is any number of whole segments (in `a**b`, where
  it is not a segment of its own, it acts as `*`); `[a-z]` and `[!a-z]` are classes; `{a,b}` chooses, nested if need be.
- `src/auth/` and `src/auth/**` are everything below the directory; so is `src/auth` where that directory exists, and
  then the path itself too.
- Brackets as routers use them (`app/[slug]/page.tsx`) are a part of the name: `glob_syntax` gives the rule. A pattern
  that exists in the workspace as it is written is that file or directory, whatever its characters.
- Paths are relative to the workspace root. `./`, doubled slashes and the like are taken out; what leaves the root, or
  might, is refused with `BadGlob`.
- Case counts, except in a tree whose file system ignores it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from agent_server.analysis.globs.clause import Clause, common_member, compile_clause, directories
from agent_server.analysis.globs.pattern import Pattern, Wildcard, literal_pattern
from agent_server.analysis.globs.regex import compile_patterns
from agent_server.analysis.globs.syntax import BadGlob, confined_path, parse_patterns
from agent_server.analysis.tree import Tree, fold_case

__all__ = ["BadGlob", "Glob", "PathSet", "parse_glob"]


@dataclass(frozen=True, slots=True)
class Glob:
    """One pattern. `text` is as written; `excepts` says that it began with `!`; `folds` that case does not count.

    `patterns` are the plain patterns that its braces stand for.
    """

    text: str
    patterns: tuple[Pattern, ...] = field(repr=False, hash=False)
    excepts: bool = False
    folds: bool = False

    def matches(self, path: str) -> bool:
        """Whether a (normal, relative) path matches the pattern, whether or not it excepts."""
        expression = compile_patterns(self.patterns, folds=self.folds)
        return expression.match(fold_case(path) if self.folds else path) is not None


def parse_glob(text: str, tree: Tree | None = None) -> Glob:
    """The glob that `text` spells; a leading `!` excepts. Raises `BadGlob`.

    With a `tree`, what exists in it is literal, directories mean what is below them, and case counts as it does there.
    """
    return _read(text, None) if tree is None else tree.derived((Glob, text), lambda: _read(text, tree))


def _read(text: str, tree: Tree | None) -> Glob:
    excepts = text.startswith("!")
    folds = tree is not None and not tree.case_sensitive
    try:
        return Glob(text, _patterns(text[excepts:], tree), excepts, folds)
    except BadGlob as bad:
        if not excepts:
            raise
        raise BadGlob(str(bad), bad.start + 1, bad.end + 1) from None


def _patterns(text: str, tree: Tree | None) -> tuple[Pattern, ...]:
    if tree is None:
        return parse_patterns(text)
    path = confined_path(text)
    if path and _exists(path, tree):
        return (_existing(path, tree, directory=text.endswith("/")),)
    return tuple(_existing(pattern.prefix, tree) if pattern.is_literal else pattern for pattern in parse_patterns(text))


def _exists(path: str, tree: Tree) -> bool:
    return path in tree or _is_directory(path, tree) or (not tree.case_sensitive and fold_case(path) in tree.folded)


def _existing(path: str, tree: Tree, *, directory: bool = False) -> Pattern:
    if directory:
        return literal_pattern(path + "/", below=Wildcard.BELOW)
    return literal_pattern(path, below=Wildcard.TREE if _is_directory(path, tree) else None)


def _is_directory(path: str, tree: Tree) -> bool:
    return tree.is_directory(path) if tree.case_sensitive else tree.folded.is_directory(fold_case(path))


@dataclass(frozen=True)
class PathSet:
    """The paths that a glob of `include` matches and none of `exclude`, and the paths of the sets in `also`.

    An immutable value. What is derived from the globs is kept, so that asking again costs nothing.
    """

    include: tuple[Glob, ...] = ()
    exclude: tuple[Glob, ...] = ()
    also: tuple["PathSet", ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[str], tree: Tree | None = None) -> "PathSet":
        """The set that the patterns spell, in any order; a leading `!` excepts. Raises `BadGlob`."""
        globs = [parse_glob(pattern, tree) for pattern in patterns]
        return cls(
            include=tuple(glob for glob in globs if not glob.excepts),
            exclude=tuple(glob for glob in globs if glob.excepts),
        )

    def __hash__(self) -> int:
        """Worked out once: sets are looked up by the thousand."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.include, self.exclude, self.also))

    def __bool__(self) -> bool:
        """Whether it includes anything."""
        return bool(self.include) or any(self.also)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.matches(path)

    def matches(self, path: str) -> bool:
        """Whether the path is in the set. A path that is absolute, or holds `..` and the like, is in none."""
        if path in self._spelled or self.is_plain:
            return path in self._spelled
        if any(segment in {"", ".", ".."} for segment in path.split("/")):
            return False
        return any(clause.has(fold_case(path) if clause.folds else path) for clause in self.clauses)

    @property
    def is_literal(self) -> bool:
        """Whether it is spelled without wildcards: it holds `literals` and nothing else."""
        return bool(self) and not any(clause.patterns for clause in self.clauses)

    @cached_property
    def is_plain(self) -> bool:
        """Whether it holds `literals` and nothing else, spelled as they are."""
        return not any(clause.patterns or clause.folds for clause in self.clauses)

    @cached_property
    def _spelled(self) -> frozenset[str]:
        return frozenset(self.literals)

    @cached_property
    def folders(self) -> frozenset[str]:
        """The directories that its paths certainly lie in."""
        return frozenset(folder for clause in self.clauses for folder in directories(clause))

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """The paths that are spelled out and not excepted, as written, in the order of the globs."""
        return tuple(dict.fromkeys(path for clause in self.clauses for path in clause.literals.values()))

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The same set, compiled."""
        return tuple(
            compile_clause(
                tuple(pattern for glob in part.include for pattern in glob.patterns),
                tuple(pattern for glob in part.exclude for pattern in glob.patterns),
                folds=any(glob.folds for glob in part.include + part.exclude),
            )
            for part in self.parts
        )

    @property
    def parts(self) -> tuple["PathSet", ...]:
        """The same set as several without an `also`."""
        return (PathSet(self.include, self.exclude), *self.also) if self.also else (self,)

    def union(self, other: "PathSet") -> "PathSet":
        """The paths of either. What one excepts, the other may still hold."""
        if not other or self == other:
            return self
        if not self:
            return other
        if self.exclude == other.exclude:
            include = tuple(dict.fromkeys(self.include + other.include))
            return PathSet(include, self.exclude, tuple(dict.fromkeys(self.also + other.also)))
        return PathSet(self.include, self.exclude, tuple(dict.fromkeys(self.also + other.parts)))

    def expand(self, tree: Tree) -> tuple[str, ...]:
        """The existing files in the set, sorted."""
        if len(self.clauses) == 1:
            return self.clauses[0].expand(tree)
        return tuple(sorted({path for clause in self.clauses for path in clause.expand(tree)}))

    def overlap(self, other: "PathSet", tree: Tree | None = None) -> str | None:
        """A path in both sets, or None if they are disjoint: exact, also for files that do not exist yet.

        An existing file comes first where `tree` is given, then a path that either spells out, then a shortest one. A
        file that one spells out, while paths of the other lie below it, is given too: it cannot be a directory as well.
        """
        if tree is not None and (both := set(self.expand(tree)).intersection(other.expand(tree))):
            return min(both)
        found = (common_member(mine, theirs) for mine in self.clauses for theirs in other.clauses)
        return next((path for path in found if path is not None), None)
