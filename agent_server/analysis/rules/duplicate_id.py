"""`duplicate-id`: two tasks of one id."""

from collections.abc import Iterable

from agent_server.analysis.model import Analysis, Diagnostic, Fix
from agent_server.analysis.rules.problems import reported, suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.formats import READERS
from agent_server.plan.model import Problem, apply_edits


def _fixes(analysis: Analysis, diagnostic: Diagnostic) -> tuple[Fix, ...]:
    """Another id; in other formats than ours only where it is read as one."""
    plan, found = analysis.plan, suggested(analysis, diagnostic)
    if plan.has_fields or plan.parts:
        return found if plan.has_fields else ()
    parse = READERS[plan.format].parse
    before = _repeated(analysis.problems)
    read = ((fix, parse(apply_edits(plan.text, fix.edits))) for fix in found)
    return tuple([fix for fix, (_, problems) in read if _repeated(problems) < before])


def _repeated(problems: Iterable[Problem]) -> int:
    return sum(problem.code == "duplicate-id" for problem in problems)


RULE = Rule(
    code="duplicate-id",
    severity=Severity.ERROR,
    summary="Two tasks have the same id.",
    explanation="""\
`needs`, runs and their records name a task by its id. Of two tasks with one id only the first takes part in the
analysis, so the second would never run. Rename one of them.

In checklists such as spec-kit's both take part: the second goes by the id with a number behind it, such as `T003-2`,
and dependencies on `T003` mean the first.
""",
    elsewhere=Severity.WARNING,
    bad="""\
# Clay wiki

## page: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.

## page: Build the entry page
- writes: `src/pages/clay_entry.py`

Build the page of one entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.

## entry: Build the entry page
- writes: `src/pages/clay_entry.py`

Build the page of one entry.
""",
    check=reported("duplicate-id", Severity.ERROR, "The first task of this id stands here."),
    reads_text=True,
    fixes=_fixes,
)
