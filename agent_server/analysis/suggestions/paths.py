"""Paths of the workspace, folder by folder, and those that tasks will create.

First come the files that the task is known to touch, then what lies in the folder that is being typed, then files
further down whose names hold what is typed. No suggestion looks at more of a large workspace than it shows, but for the
search by name, which is bounded.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from agent_server.analysis.globs.syntax import WILDCARDS
from agent_server.analysis.model import Access, Analysis
from agent_server.analysis.suggestions.suggestion import MOST, Suggestion, Suggestions, What, others
from agent_server.plan.model import Task
from agent_server.plan.slots import Slot

_MOST_SEARCHED = 100_000
"""In how many paths a name is looked for."""

_SHORTEST_SEARCHED = 2


def paths(analysis: Analysis, task: Task, slot: Slot) -> Suggestions:
    """What may be written as a path. `mirrors` copies what is there; the other fields also name what is to come."""
    mark = "!" if slot.typed.startswith("!") else ""
    typed = slot.typed.removeprefix("!").removeprefix("./")
    folder, slash, name = typed.rpartition("/")
    if not WILDCARDS.isdisjoint(folder):
        return Suggestions(())
    to_come = {} if slot.name == "mirrors" else created(analysis, task.id)
    taken = others(task, slot)
    found = chain(
        () if slash else _known(analysis, task, slot.name),
        _listed(analysis.tree.paths, to_come, folder, name),
        _named(analysis.tree.paths, to_come, folder + slash, name),
    )
    items = islice(_fresh(found, taken), MOST)
    # Never complete: what lies further down is only looked for once there is something to look for.
    return Suggestions(tuple([replace(each, text=mark + each.text) for each in items]), complete=False)


def created(analysis: Analysis, task_id: str) -> Mapping[str, str]:
    """The files that other open tasks will create, by their paths in order: each with the first task that does."""
    found: dict[str, str] = {}
    for other, known in analysis.at_home.items():
        if other != task_id and known.task.is_open:
            for path in known.writes.paths.literals:
                if path not in analysis.tree:
                    found.setdefault(path, other)
    return dict(sorted(found.items()))


def children(ordered: Sequence[str], folder: str) -> Iterator[str]:
    """What lies right in a folder, by sorted paths; folders end in a slash. What lies in those is leapt over."""
    prefix = f"{folder}/" if folder else ""
    at = bisect_left(ordered, prefix)
    while at < len(ordered) and ordered[at].startswith(prefix):
        name, slash, _ = ordered[at][len(prefix) :].partition("/")
        yield f"{prefix}{name}{slash}"
        # "0" follows "/" in ASCII.
        at = bisect_left(ordered, f"{prefix}{name}0", at) if slash else at + 1


def _fresh(found: Iterator[Suggestion], taken: frozenset[str]) -> Iterator[Suggestion]:
    seen = set(taken)
    for each in found:
        if each.text not in seen:
            seen.add(each.text)
            yield each


def _known(analysis: Analysis, task: Task, field: str) -> Iterator[Suggestion]:
    """The files that the task's words name and that its work implies, as far as they fit the field."""
    known = analysis.at_home.get(task.id)
    if known is None:
        return
    for access in _accesses(field, known.writes.entries, known.writes.beyond, known.reads):
        if access.source != "declared" and WILDCARDS.isdisjoint(access.path) and (access.exists or field != "mirrors"):
            yield Suggestion(access.path, What.FILE, access.because)


def _accesses(
    field: str, writes: tuple[Access, ...], beyond: tuple[Access, ...], reads: tuple[Access, ...]
) -> tuple[Access, ...]:
    return (*writes, *beyond) if field == "writes" else reads


def _listed(existing: Sequence[str], to_come: Mapping[str, str], folder: str, name: str) -> Iterator[Suggestion]:
    """What lies in a folder, or will, and holds what is typed; what begins with that comes first."""
    new = list(children([*to_come], folder))
    there = dict.fromkeys(children(existing, folder))
    wanted = name.lower()
    start = len(folder) + 1 if folder else 0
    every = [*(path for path in new if path not in there), *there]
    fitting = [path for path in every if wanted in path[start:].lower()]
    fitting.sort(key=lambda path: not path[start:].lower().startswith(wanted))
    for path in fitting:
        if path.endswith("/"):
            yield Suggestion(path, What.FOLDER, label=path[start:], whole=False)
        else:
            yield _file(path, to_come, path[start:])


def _named(existing: Sequence[str], to_come: Mapping[str, str], prefix: str, name: str) -> Iterator[Suggestion]:
    """Files further down whose names hold what is typed."""
    if len(name) < _SHORTEST_SEARCHED or not WILDCARDS.isdisjoint(name):
        return
    wanted = name.lower()
    start = bisect_left(existing, prefix)
    end = bisect_left(existing, f"{prefix}\U0010ffff", start, min(len(existing), start + _MOST_SEARCHED))
    for path in chain(to_come, islice(existing, start, end)):
        if path.startswith(prefix) and wanted in path.rpartition("/")[2].lower():
            yield _file(path, to_come, "")


def _file(path: str, to_come: Mapping[str, str], label: str) -> Suggestion:
    return Suggestion(path, What.FILE, f"created by {to_come[path]}" if path in to_come else "", label=label)
