"""Which tasks write a path, without asking each task."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.imports.layouts import is_in_package
from agent_server.analysis.tree import Tree, fold_case
from agent_server.languages import Language, Trace


class Writers:
    """The write sets of the open tasks, by the paths that they spell out and by what their globs begin with."""

    def __init__(self, write_sets: Mapping[str, PathSet], tree: Tree) -> None:
        """Index `write_sets`, keyed by task id in the plan's order."""
        self._folds = not tree.case_sensitive
        self._literal: dict[str, list[str]] = {}
        self._spelled: set[str] = set()
        self._globs: dict[str, dict[PathSet, list[str]]] = {}
        for task_id, paths in write_sets.items():
            self._spelled.update(paths.literals)
            for path in paths.literals:
                self._literal.setdefault(self._key(path), []).append(task_id)
            for prefix in _prefixes(paths):
                self._globs.setdefault(self._key(prefix), {}).setdefault(paths, []).append(task_id)
        self._lengths = sorted({len(prefix) for prefix in self._globs})
        self._places = {task_id: place for place, task_id in enumerate(write_sets)}

    def creating(self, path: str) -> tuple[str, ...]:
        """The tasks that would create a missing path: those that spell it out, else those whose globs match."""
        spelled = self._literal.get(self._key(path))
        if spelled:
            return tuple(spelled)
        found = {task_id for paths, owners in self._beginning(path) if paths.matches(path) for task_id in owners}
        return tuple(sorted(found, key=self._places.__getitem__))

    def spells(self, path: str) -> bool:
        """Whether some task spells the path out; a glob that matches it is a weaker sign."""
        return self._key(path) in self._literal

    def creating_in(self, folder: str, language: Language) -> tuple[str, ...]:
        """The tasks that would create a source of the package in `folder`, which ends in a slash."""
        folder = "" if folder == "/" else folder
        spelled = [
            task_id
            for path in self._by_folder.get(self._key(folder), ())
            if is_in_package(path, language)
            for task_id in self._literal[path]
        ]
        if spelled:
            return tuple(dict.fromkeys(spelled))
        new = (f"{folder}new{ending}" for ending in language.endings)
        return tuple(dict.fromkeys(task_id for path in new for task_id in self.creating(path)))

    def bearing(self, trace: Trace) -> tuple[str, ...]:
        """The paths that the tasks spell out and whose files may bear a trace."""
        found = (path for ending in trace.endings for path in self._by_ending.get(ending, ()))
        return tuple(path for path in found if trace.may_be(path))

    def may_bear(self, trace: Trace) -> bool:
        """Whether a glob may match a file that bears a trace: it ends so, or fills a folder that is called so."""
        named = {ending.removeprefix(".") for ending in trace.endings}
        return any(map(trace.may_be, self._wildcards)) or any(
            not named.isdisjoint(folder.split("/")) for folder in self.folders
        )

    @property
    def spelled(self) -> tuple[str, ...]:
        """The paths that the tasks spell out, sorted."""
        return tuple(sorted(self._spelled))

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders that globs fill with whatever belongs there, sorted: `crates/fares` for `crates/fares/**`."""
        return tuple(sorted(prefix.rstrip("/") for prefix in self._globs if prefix.endswith("/")))

    @cached_property
    def _by_ending(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self.spelled:
            found.setdefault(f".{path.rpartition('.')[2]}", []).append(path)
        return found

    @cached_property
    def _wildcards(self) -> frozenset[str]:
        return frozenset(glob.text for sets in self._globs.values() for paths in sets for glob in paths.include)

    @cached_property
    def _by_folder(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._literal:
            found.setdefault(path[: path.rfind("/") + 1], []).append(path)
        return found

    def _beginning(self, path: str) -> Iterator[tuple[PathSet, list[str]]]:
        """The sets that have a glob which begins as `path` does."""
        key = self._key(path)
        for length in self._lengths:
            yield from self._globs.get(key[:length], {}).items()

    def _key(self, path: str) -> str:
        return fold_case(path) if self._folds else path


def _prefixes(paths: PathSet) -> set[str]:
    return {pattern.prefix for clause in paths.clauses for pattern in clause.patterns}
