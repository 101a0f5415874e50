"""`unknown-write-set`: nothing says which files a task would write."""

from collections.abc import Iterator

from agent_server.analysis.model import Diagnostic, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity


def _check_task(found: TaskAnalysis, _around: Around) -> Iterator[Diagnostic]:
    """Where there is a `writes` that says nothing, `bad-glob` or `bad-value` tells what is wrong with it."""
    task = found.task
    if task.is_open and found.writes.unknown and task.field("writes") is None:
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"Nothing says which files `{task.id}` will write, so it gets a wave of its own. "
            "Add `writes` with the files or folders that it may change.",
            span=task.id_span,
            tasks=(task.id,),
        )


RULE = Rule(
    code="unknown-write-set",
    severity=Severity.WARNING,
    summary="Nothing says which files a task will write.",
    explanation="""\
Two tasks are safe side by side when they write different files. A task that neither has a `writes` field nor names a
file in its instructions could write any, so it is never silently called safe: it runs alone, and everything else
waits.

Add `writes`. A folder (`src/auth/`) or a glob (`src/**/*.test.ts`) is enough, and files that do not exist yet count.
A task that only looks, and writes nothing, is better done before the plan is made.
""",
    bad="""\
# Clay wiki

## polish: Make the wiki look right

Give the entries more room, and make the headings calmer.
""",
    good="""\
# Clay wiki

## polish: Make the wiki look right
- writes: `src/styles/wiki.css`

Give the entries more room, and make the headings calmer.
""",
    check_task=_check_task,
)
