"""`missing-file`: a task relies on a file that neither exists nor is created."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.glob_clause import directories
from agent_server.analysis.globs import BadGlob, PathSet
from agent_server.analysis.model import Access, Analysis, Diagnostic, Source
from agent_server.analysis.rules.nearby import Nearby
from agent_server.analysis.rules.problems import suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Task
from agent_server.plan.text import Span


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    created: _Created | None = None
    nearby = Nearby(analysis)
    for found in analysis.tasks.values():
        for access in found.reads:
            if access.exists or access.span is None or not found.task.is_open:
                continue
            created = created or _created(analysis)
            if access.path not in created:
                yield _diagnostic(found.task, access, access.span, nearby.nearest(access.path))


def _diagnostic(task: Task, access: Access, span: Span, near: str | None) -> Diagnostic:
    hint = f"Did you mean `{near}`?" if near else "Mend the path, or let a task create the file."
    is_there = "is not" if _read(access.path).is_literal else "matches nothing"
    return Diagnostic(
        code=RULE.code,
        severity=Severity.WARNING if access.source is Source.DECLARED else Severity.INFORMATION,
        message=f"`{access.path}` {is_there} in the workspace, and no task creates it, so `{task.id}` would look for "
        f"it in vain. {hint}",
        span=span,
        tasks=(task.id,),
        paths=(access.path,),
        suggestion=near,
    )


@dataclass(frozen=True, slots=True)
class _Created:
    """What open tasks would write, and the folders that this fills."""

    paths: PathSet
    folders: frozenset[str]

    def __contains__(self, path: str) -> bool:
        if path in self.folders or self.paths.matches(path):
            return True
        wanted = _read(path)
        return not wanted.is_literal and self.paths.overlap(wanted) is not None


def _created(analysis: Analysis) -> _Created:
    """What the tasks except is not taken out: a doubt is no finding."""
    parts = (part for found in analysis.tasks.values() if found.task.is_open for part in found.writes.paths.parts)
    paths = PathSet(include=tuple(glob for part in parts for glob in part.include))
    return _Created(paths, frozenset(folder for clause in paths.clauses for folder in directories(clause)))


def _read(path: str) -> PathSet:
    """The set that a path or glob spells; empty for a bad one, which `bad-glob` reports."""
    try:
        return PathSet.of((path,))
    except BadGlob:
        return PathSet()


RULE = Rule(
    code="missing-file",
    severity=Severity.WARNING,
    summary="A task relies on a file that neither exists nor is created.",
    explanation="""\
An agent that is told to copy the pattern of a file, or to read it, and does not find it, invents something in its
place. Mostly the path has a slip in it, or the file has moved. Where another task should create the file, say so in
that task's `writes`; the two are then put in order.

For a path that only the instructions name this is an information, since prose may mean something else.
""",
    bad="""\
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`
- mirrors: `src/pages/knowlege.py`

Build the page that lists every entry.
""",
    good="""\
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`
- mirrors: `src/pages/knowledge.py`

Build the page that lists every entry.
""",
    files={"src/pages/knowledge.py": 'TITLE = "Knowledge"\n'},
    check=_check,
    fixes=suggested,
)
