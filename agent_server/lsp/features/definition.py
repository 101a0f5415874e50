"""Definition: from a task's id to its heading; from a path or a module to its file, or to the task that creates it."""

from collections.abc import Iterator
from dataclasses import dataclass

from lsprotocol import types

from agent_server.analysis.claims import path_set
from agent_server.analysis.globs.path_sets import BadGlob
from agent_server.analysis.model import Analysis
from agent_server.analysis.occurrences import Kind, Occurrence, Occurrences
from agent_server.lsp import convert
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.text import Span

_MOST_FILES = 100
"""How many files of a glob or of a folder are shown at most: an editor lists them all."""

_START = types.Range(types.Position(0, 0), types.Position(0, 0))


@dataclass(frozen=True, slots=True)
class _Task:
    """A place in the plan: a task's whole section, and its id in there."""

    section: Span
    name: Span


@plan_request(types.TEXT_DOCUMENT_DEFINITION)
def definition(
    plan: PlanSnapshot, params: types.DefinitionParams
) -> list[types.Location] | list[types.LocationLink] | None:
    """Answer `textDocument/definition`."""
    known = Occurrences(plan.analysis)
    found = known.find(plan.offset(params.position))
    if found is None or found.kind is Kind.LOCK:
        return None
    goals = list(_goals(plan.analysis, known, found))
    if plan.client.definition_links:
        origin = plan.range(found.span)
        return [_link(plan, goal, origin) for goal in goals]
    return [_location(plan, goal) for goal in goals]


def _goals(analysis: Analysis, known: Occurrences, found: Occurrence) -> Iterator[_Task | str]:
    """The tasks and the files (by their paths) where an occurrence leads."""
    files = _files(analysis, found.name) if found.kind is Kind.PATH else ()
    yield from files
    if not files:
        for at in _tasks(known, found):
            task = analysis.plan.tasks[at]
            yield _Task(task.span, task.id_span)


def _tasks(known: Occurrences, found: Occurrence) -> tuple[int, ...]:
    """The places of the tasks where an occurrence leads."""
    if found.kind is Kind.PATH:
        return known.creators(found.name)
    target = known.target(found)
    return () if target is None else (target,)


def _files(analysis: Analysis, path: str) -> tuple[str, ...]:
    """The existing files that a path, a folder or a glob means."""
    try:
        return path_set((path,), analysis.tree).expand(analysis.tree)[:_MOST_FILES]
    except BadGlob:
        return ()


def _link(plan: PlanSnapshot, goal: _Task | str, origin: types.Range) -> types.LocationLink:
    if isinstance(goal, str):
        return types.LocationLink(convert.to_uri(plan.root / goal), _START, _START, origin)
    section = plan.location(goal.section)
    return types.LocationLink(section.uri, section.range, plan.range(goal.name), origin)


def _location(plan: PlanSnapshot, goal: _Task | str) -> types.Location:
    if isinstance(goal, str):
        return types.Location(convert.to_uri(plan.root / goal), _START)
    return plan.location(goal.name)
