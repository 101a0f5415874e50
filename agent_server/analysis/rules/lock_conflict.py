"""`lock-conflict`: tasks that hold the same lock run one after the other."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Contention, Diagnostic, HazardKind, Related
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """One finding for a lock, at the last task that wants it; none where the plan puts the tasks in order."""
    yield from (_diagnostic(each) for each in analysis.contentions if each.kind is HazardKind.LOCK_CONFLICT)


def _diagnostic(found: Contention) -> Diagnostic:
    *others, (_, span) = zip(found.tasks, found.spans, strict=True)
    what = "the lock" if len(found.paths) == 1 else "the locks"
    return Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"{listed(found.tasks)} hold {what} {listed(found.paths)}, so they run one after the other. "
        "A task that can do without should leave it out.",
        span=span,
        tasks=found.tasks,
        related=tuple(Related(place, f"`{task}` holds it here.") for task, place in others),
    )


RULE = Rule(
    code="lock-conflict",
    severity=Severity.INFORMATION,
    summary="Two tasks hold the same lock, so they never run at the same time.",
    explanation="""\
A lock names something that is not a file and that only one agent may use at a time: a database, a port, a licence.
Tasks that hold the same one are put into different waves. That is what a lock is for, so this is only said, not
blamed: look whether each of them really needs it, since every one that does not may run beside the others.
""",
    bad="""\
---
verify: python -m pytest
---
# Accounts

## schema: Add the table of accounts
- writes: `migrations/0007_accounts.sql`
- locks: database

Write the migration and try it on the development database.

## report: Report on unused accounts
- writes: `reports/unused.py`
- locks: database

Write the report and try it on the development database.

## docs: Describe accounts
- writes: `docs/accounts.md`

Describe what an account is and who may delete one.
""",
    good="""\
---
verify: python -m pytest
---
# Accounts

## schema: Add the table of accounts
- writes: `migrations/0007_accounts.sql`
- locks: database

Write the migration and try it on the development database.

## report: Report on unused accounts
- writes: `reports/unused.py`

Write the report. Try it on the rows in `reports/sample.json`.

## docs: Describe accounts
- writes: `docs/accounts.md`

Describe what an account is and who may delete one.
""",
    files={"reports/sample.json": "[]\n"},
    check=_check,
    about_hazards=True,
)
