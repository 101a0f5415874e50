"""`unknown-write-set`: nothing says which files a task would write."""

from collections import Counter
from collections.abc import Iterator, Sequence

from agent_server.analysis.model import Analysis, Diagnostic, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.places import stands_here
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """One finding at the tasks of a phase that are marked to run beside others: elsewhere it does not matter."""
    phases: dict[int | None, list[str]] = {}
    several: Counter[int | None] = Counter()
    for name, home in analysis.at_home.items():
        if home.task.parallel and home.task.is_open:
            several[home.task.phase] += 1
            if home.writes.unknown:
                phases.setdefault(home.task.phase, []).append(name)
    yield from (_of_phase(analysis, names) for phase, names in phases.items() if several[phase] > 1)


def _of_phase(analysis: Analysis, names: Sequence[str]) -> Diagnostic:
    first, *others = (analysis.tasks[name].task for name in names)
    are, name, it = ("is", "names", "it") if not others else ("are", "name", "they")
    return Diagnostic(
        code=RULE.code,
        severity=Severity.HINT,
        message=f"{listed(names)} {are} marked {analysis.plan.mark or 'as parallel'} but {name} no file, so nobody can "
        f"tell whether {it} may run beside the others. Name the files that {it} will write.",
        span=first.parallel or first.id_span,
        tasks=tuple(names),
        related=tuple(map(stands_here, others)),
    )


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    """Where there is a `writes` that says nothing, `bad-glob` or `bad-value` tells what is wrong with it."""
    task = found.task
    if around.has_fields and task.is_open and found.writes.unknown and task.field("writes") is None:
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

In other formats this is a hint, once a phase, at tasks that are marked to run in parallel and name no file.
""",
    elsewhere=Severity.HINT,
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
    check=_check,
    check_task=_check_task,
)
