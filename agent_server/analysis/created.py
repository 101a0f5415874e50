"""What the open tasks of a plan would write, taken together: what they fill a workspace with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from agent_server.analysis.globs.path_sets import BadGlob, PathSet


@dataclass(frozen=True)
class Created:
    """The write sets of the open tasks, in the plan's order. What a set excepts is not taken out of the others."""

    write_sets: tuple[PathSet, ...] = ()

    def tells(self, question: str, path: str) -> object:
        """The answer to one of the questions below, by its name."""
        return getattr(self, question)(path)

    def creates(self, path: str) -> bool:
        """Whether a task would create `path`, a file or folder; of a glob, something that it matches."""
        if path in self.folders or path in self._literals:
            return True
        if path not in self._asked:  # Several tasks mostly ask for the same.
            self._asked[path] = self._matches(path)
        return self._asked[path]

    def _matches(self, path: str) -> bool:
        if any(paths.matches(path) for paths in self._others):
            return True
        wanted = spelled(path)
        return not wanted.is_literal and self._paths.overlap(wanted) is not None

    def writes(self, path: str) -> bool:
        """Whether a task would write the file."""
        spelled_out, others = self._written
        return path in spelled_out or any(paths.matches(path) for paths in others)

    @cached_property
    def _written(self) -> tuple[frozenset[str], tuple[PathSet, ...]]:
        """The paths of the sets that are no more than paths, and the other sets."""
        plain = [paths.literals for paths in self.write_sets if paths.is_plain]
        others = tuple([paths for paths in self.write_sets if not paths.is_plain])
        return frozenset(chain.from_iterable(plain)), others

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that are filled for certain."""
        return frozenset().union(*[paths.folders for paths in self._sets])

    def beside(self, path: str) -> tuple[str, ...]:
        """The files that are spelled out in the folder of a path, sorted."""
        return tuple(self._by_folder.get(_folder(path), ()))

    @cached_property
    def _by_folder(self) -> Mapping[str, list[str]]:
        """The files that are spelled out, sorted, by their folders."""
        found: dict[str, list[str]] = {}
        for path in sorted(set(chain.from_iterable([paths.literals for paths in self.write_sets]))):
            found.setdefault(_folder(path), []).append(path)
        return found

    @cached_property
    def _asked(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _sets(self) -> tuple[PathSet, ...]:
        """The sets, without what they except: a doubt is no finding."""
        return tuple(
            [_without_exceptions(paths) if paths.exclude or paths.also else paths for paths in self.write_sets]
        )

    @cached_property
    def _literals(self) -> frozenset[str]:
        return frozenset(chain.from_iterable([paths.literals for paths in self._sets]))

    @cached_property
    def _others(self) -> tuple[PathSet, ...]:
        """The sets that hold more than the paths which they spell out."""
        return tuple([paths for paths in self._sets if not paths.is_plain])

    @cached_property
    def _paths(self) -> PathSet:
        """One set for all."""
        return PathSet(include=tuple([glob for paths in self._sets for glob in paths.include]))


def _without_exceptions(paths: PathSet) -> PathSet:
    return PathSet(include=tuple([glob for part in paths.parts for glob in part.include]))


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def spelled(path: str) -> PathSet:
    """The set that a path or glob spells, wherever it stands; empty for a bad one, which `bad-glob` reports."""
    try:
        return PathSet.of((path,))
    except BadGlob:
        return PathSet()
