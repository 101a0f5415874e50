"""What the open tasks of a plan would write, taken together: what they fill a workspace with."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from agent_server.analysis.globs.clause import directories
from agent_server.analysis.globs.path_sets import BadGlob, PathSet


@dataclass(frozen=True)
class Created:
    """The write sets of the open tasks, in the plan's order. What a set excepts is not taken out of the others."""

    write_sets: tuple[PathSet, ...]

    def __contains__(self, path: object) -> bool:
        """Whether a task would create `path`, a file or folder; of a glob, something that it matches."""
        if path in self.folders or path in self._paths:
            return True
        wanted = spelled(str(path))
        return not wanted.is_literal and self._paths.overlap(wanted) is not None

    def writes(self, path: str) -> bool:
        """Whether a task would write the file."""
        return any(paths.matches(path) for paths in self.write_sets)

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that are filled for certain."""
        return frozenset(folder for clause in self._paths.clauses for folder in directories(clause))

    @cached_property
    def by_folder(self) -> Mapping[str, list[str]]:
        """The files that are spelled out, by their folders."""
        found: dict[str, list[str]] = {}
        for paths in self.write_sets:
            for path in paths.literals:
                found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    @cached_property
    def _paths(self) -> PathSet:
        """One set for all. What is excepted somewhere stays in: a doubt is no finding."""
        return PathSet(
            include=tuple(glob for paths in self.write_sets for part in paths.parts for glob in part.include)
        )


def spelled(path: str) -> PathSet:
    """The set that a path or glob spells, wherever it stands; empty for a bad one, which `bad-glob` reports."""
    try:
        return PathSet.of((path,))
    except BadGlob:
        return PathSet()
