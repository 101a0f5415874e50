"""`missing-file`: a task relies on a file that neither exists nor is created."""

from collections.abc import Iterator

from agent_server.analysis.created import spelled
from agent_server.analysis.imports.layouts import layouts_of
from agent_server.analysis.model import Access, Diagnostic, Source, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.nearby import nearest
from agent_server.analysis.rules.problems import suggested
from agent_server.analysis.rules.protected_path import protected_paths
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Task
from agent_server.plan.text import Span


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    for access in found.reads if found.task.is_open else ():
        is_told = access.exists or around.is_created(access.path) or _is_left_out(access.path, around)
        if not is_told and access.span is not None:
            near = nearest(access.path, around.tree, around.created_beside)
            if near is None and not around.has_fields:
                continue  # The words of a checklist name files as they come: only a slip in one is worth a word.
            yield _diagnostic(found.task, access, access.span, near)


def _is_left_out(path: str, around: Around) -> bool:
    """Whether git leaves the file out, or no task may make it: then it may be there all the same.

    Such files are secrets, or what a build makes.
    """
    if path.startswith("/"):
        return False
    return protected_paths(around).matches(path) or layouts_of(around.tree).is_left_out(path.rstrip("/"))


def _diagnostic(task: Task, access: Access, span: Span, near: str | None) -> Diagnostic:
    hint = f"Did you mean `{near}`?" if near else "Mend the path, or let a task create the file."
    is_there = "is not" if spelled(access.path).is_literal else "matches nothing"
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


RULE = Rule(
    code="missing-file",
    severity=Severity.WARNING,
    summary="A task relies on a file that neither exists nor is created.",
    explanation="""\
An agent that is told to copy the pattern of a file, or to read it, and does not find it, invents something in its
place. Mostly the path has a slip in it, or the file has moved. Where another task should create the file, say so in
that task's `writes`; the two are then put in order.

For a path that only the instructions name this is an information, since prose may mean something else. What git
ignores is never missing, nor is what no task may write: it may be there all the same.
""",
    elsewhere=Severity.INFORMATION,
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
    check_task=_check_task,
    fixes=suggested,
)
