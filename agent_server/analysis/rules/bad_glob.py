"""`bad-glob`: a path or a glob that cannot be read, or that leaves the workspace."""

from collections.abc import Iterator, Sequence

from agent_server.analysis.claims import Refused, globs, readable
from agent_server.analysis.globs.path_sets import BadGlob, parse_glob
from agent_server.analysis.model import Analysis, Diagnostic, Fix, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Edit, Item, Task


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    task = found.task
    if not task.is_open:
        return
    _, refused = readable(globs((*task.writes, *task.reads, *task.mirrors)), around.tree)
    if around.has_fields:
        yield from (_diagnostic(task, [bad]) for bad in refused)
    elif refused:
        yield _diagnostic(task, refused)


def _diagnostic(task: Task, refused: Sequence[Refused]) -> Diagnostic:
    """One finding at the first of these: tools that fill in a list of files mean all of them alike."""
    first, *more = refused
    others = "one more path" if len(more) == 1 else f"{len(more)} more paths"
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"{first.message} The same goes for {others} of this task." if more else first.message,
        span=first.span,
        tasks=(task.id,),
        paths=tuple([bad.item.text for bad in refused]),
    )


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    task = analysis.tasks[diagnostic.tasks[0]].task
    items = (*task.writes, *task.reads, *task.mirrors)
    item = next((item for item in items if item.span.overlaps(diagnostic.span)), None)
    meant = None if item is None else _meant(item, analysis)
    if item is None or meant is None:
        return ()
    return (Fix(f"Change to `{meant}`", (Edit(item.span, meant),), preferred=True),)


def _meant(item: Item, analysis: Analysis) -> str | None:
    """The same path within the workspace: with `/` for a backslash, and without what leads out of the root."""
    text = item.text.replace("\\", "/").lstrip("/")
    while text.startswith(("../", "./")):
        text = text.partition("/")[2]
    try:
        parse_glob(text, analysis.tree)
    except BadGlob:
        return None
    return text


RULE = Rule(
    code="bad-glob",
    severity=Severity.ERROR,
    elsewhere=Severity.INFORMATION,
    summary="A path or a glob cannot be read, or leaves the workspace.",
    explanation="""\
Paths in a plan are relative to the workspace root and stay below it: no `/` in front, no `..`, no `~`, no drive
letter, and `/` between the parts. That is what keeps an agent in its place, whoever wrote the plan. In globs, `*` and
`?` stay within one name, `**` spans folders, `[a-z]` and `{a,b}` choose, and a leading `!` excepts.

In other formats this is an information, and one for each task: their tools write down paths of other places as well.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `../site/src/data/clay.py`

Write 17 entries, each with a title and a body.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.
""",
    check_task=_check_task,
    guards=True,
    fixes=_fixes,
)
