"""Modules that a task may import, as the language of its files spells them: those there, and those to come."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice

from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.imports.layouts import Planned
from agent_server.analysis.imports.spellings import spelled
from agent_server.analysis.imports.targets import Place
from agent_server.analysis.model import Analysis
from agent_server.analysis.suggestions.paths import created, paths
from agent_server.analysis.suggestions.suggestion import MOST, Suggestion, Suggestions, What, others
from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, language_of
from agent_server.plan.model import Task
from agent_server.plan.slots import Slot

_MOST_SPELLED = 200
"""How many files are spelled at most: each takes a few questions to its language."""

_MOST_FILES = 20_000
_MOST_NAMES = 4
_JOINTS = re.compile(r"[^\w-]+")


def modules(analysis: Analysis, task: Task, slot: Slot) -> Suggestions:
    """What the task may import: what other tasks create comes first, then what lies nearest to its own files.

    Where nothing tells the language of the task's files, any may be meant. Then, and where a path is being typed, paths
    follow: an import may be one.
    """
    known = analysis.at_home.get(task.id)
    writes = known.writes.paths if known is not None else PathSet()
    place = _place(writes, analysis.tree)
    found = tuple(_modules(analysis, task, slot, writes, place))
    if "/" in slot.typed or place.language is None:
        found += paths(analysis, task, slot).items
    return Suggestions(tuple({each.text: each for each in found}.values())[:MOST], complete=False)


def _modules(analysis: Analysis, task: Task, slot: Slot, writes: PathSet, place: Place) -> Iterator[Suggestion]:
    to_come = created(analysis, task.id)
    planned, taken = Planned(analysis.tree, to_come), others(task, slot)
    found = (path for path in _files(place, slot.typed, to_come, analysis.tree) if not writes.matches(path))
    for path in islice(found, _MOST_SPELLED):
        importing = place if place.language is not None else Place("", language_of(path))
        module = spelled(path, importing, planned, analysis.tree)
        if module is not None and module not in taken:
            yield Suggestion(module, What.MODULE, _detail(analysis, path, to_come))


def _place(writes: PathSet, tree: Tree) -> Place:
    """The file that will hold the import: one that the task spells out or, where there is none, one that it matches."""
    spelled_out = (path for path in writes.literals if language_of(path))
    matched = (path for path in islice(writes.expand(tree), 100) if language_of(path))
    path = next(chain(spelled_out, matched), "")
    return Place(path, language_of(path) if path else None)


def _files(place: Place, typed: str, to_come: Iterable[str], tree: Tree) -> Iterator[str]:
    """The sources of the language, or of any, that hold all typed words: those to come, then the nearest ones first."""
    words = [word for word in _JOINTS.split(typed.lower()) if word]
    languages = tuple(LANGUAGES.values()) if place.language is None else (place.language,)
    endings = [ending.lstrip(".") for language in languages for ending in language.endings]
    own = place.importer.split("/")

    def fits(path: str) -> bool:
        language = language_of(path)
        is_source = language is not None and language in languages and not path.endswith(language.tests)
        return is_source and all(word in path.lower() for word in words)

    there = filter(fits, islice(chain.from_iterable(map(tree.with_extension, endings)), _MOST_FILES))
    yield from filter(fits, to_come)
    yield from sorted(there, key=lambda path: (-_shared(path.split("/"), own), path))


def _shared(one: list[str], other: list[str]) -> int:
    """How many segments two paths begin with alike."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _detail(analysis: Analysis, path: str, to_come: Mapping[str, str]) -> str:
    """The file and, where a task is yet to create it, which one and what that exports."""
    if path not in to_come:
        return path
    names = [item.text for item in analysis.at_home[to_come[path]].task.exports]
    promised = f", exports {', '.join(names[:_MOST_NAMES])}" if names else ""
    return f"{path}, created by {to_come[path]}{promised}"
