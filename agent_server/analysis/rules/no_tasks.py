"""`no-tasks`: a plan of another format, in which no task was found."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules.places import plan_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    if not analysis.plan.tasks and not analysis.plan.has_fields:
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message="No tasks are found here, so there is nothing to check and nothing to run. Tasks are headings such "
            "as `### Task 1: Title`, or boxes: `- [ ] Title`.",
            span=plan_span(analysis.plan),
        )


RULE = Rule(
    code="no-tasks",
    severity=Severity.HINT,
    summary="No task is found in a plan of another tool.",
    explanation="""\
Folders of plans hold notes and reports, too, and people write plans in many ways. What is taken for a task is written
so that there is little doubt: a heading `### Task 1: Title`, `### Step 1: Title` or `## Phase 1: Title`, a box in a
list (`- [ ] Title`), or what a section such as `## Changes` or `## Implementation steps` is divided into, by headings
or by a numbered list. Nothing is read as a task in sections about acceptance, verification, risks and the like.

If this file is a plan, give its tasks such headings or boxes. If it is none, leave it as it is.
""",
    bad="""\
# A faster menu

The menu is slow. Write a cache in src/cache.py, then use it in src/menu.py.
""",
    good="""\
# A faster menu

The menu is slow.

## Step 1: Write a cache in src/cache.py

## Step 2: Use it in src/menu.py
""",
    example=".claude/plans/faster-menu.md",
    check=_check,
    reads_text=True,
)
