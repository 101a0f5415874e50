"""`undeclared-write`: an agent changed, or tried to change, a file that its task does not declare."""

from collections.abc import Iterator

from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState
from agent_server.analysis.globs.path_sets import BadGlob, PathSet, parse_glob
from agent_server.analysis.model import Analysis, Diagnostic, Fix
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import declaring, listed
from agent_server.analysis.settings import Severity
from agent_server.plan.edits import add_items
from agent_server.plan.model import Task


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    for task_id, facts in analysis.facts.tasks.items():
        found = analysis.tasks.get(task_id)
        if found is None:
            continue
        paths = [path for path in facts.undeclared if path not in found.writes.paths]
        if paths:
            # What a plan could declare comes first: it may be what the author forgot.
            protected = PathSet.of(analysis.settings.protected, analysis.tree)
            yield _diagnostic(found.task, tuple(sorted(paths, key=lambda path: not _may_be_declared(path, protected))))


def _diagnostic(task: Task, paths: tuple[str, ...]) -> Diagnostic:
    field = task.field("writes")
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"In its last run `{task.id}` wrote, or tried to write, {listed(paths)}, which it does not declare. "
        "None of that landed. If the task needs the file, declare it and run again.",
        span=task.id_span if field is None else field.name_span,
        tasks=(task.id,),
        paths=paths,
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """Declare them all. Dropping a change is the executor's business: it edits no plan."""
    task = analysis.tasks[diagnostic.tasks[0]].task
    protected = PathSet.of(analysis.settings.protected, analysis.tree)
    paths = tuple(path for path in diagnostic.paths if _may_be_declared(path, protected))
    if not paths:
        return ()
    return (
        Fix(declaring(analysis.plan, task, paths), add_items(analysis.plan, task, "writes", paths), preferred=True),
    )


def _may_be_declared(path: str, protected: PathSet) -> bool:
    """Whether a plan can and may name the path: an agent may have wanted a file of any name, anywhere."""
    try:
        return parse_glob(path).matches(path) and "`" not in path and "\n" not in path and path not in protected
    except BadGlob:
        return False


RULE = Rule(
    code="undeclared-write",
    severity=Severity.WARNING,
    summary="An agent changed, or tried to change, a file that its task does not declare.",
    explanation="""\
What a task declares is what the independence test compared, so it is also what its agent is held to. A change outside
of that may collide with another agent's work, so it never lands. What the agent only tried to write was refused.

If the task really needs the file, declare it, and run the wave again: the test then knows about it. If not, say in the
instructions what the agent should leave alone.
""",
    bad="""\
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry, and give it a style of its own.
""",
    good="""\
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`, `src/styles/clay.css`

Build the page that lists every entry, and give it a style of its own.
""",
    facts=RunFacts(run="1", tasks={"hub": TaskFacts(TaskState.LANDED, undeclared=("src/styles/clay.css",))}),
    good_facts=RunFacts(run="2", tasks={"hub": TaskFacts(TaskState.LANDED, undeclared=("src/styles/clay.css",))}),
    check=_check,
    guards=True,
    fixes=_fixes,
)
