"""`lock-conflict`: tasks that hold the same lock run one after the other."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, Diagnostic, HazardKind, Related
from agent_server.analysis.rules.order import Order
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.settings import Severity
from agent_server.plan.text import Span


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """One finding for each task but the first that wants a lock."""
    for lock, holders in _holders(analysis).items():
        tasks = sorted(holders, key=list(analysis.tasks).index)
        for at, task in enumerate(tasks[1:], 1):
            earlier = tasks[:at]
            yield Diagnostic(
                code=RULE.code,
                severity=RULE.severity,
                message=f"{listed([*earlier, task])} hold the lock `{lock}`, so they run one after the other. "
                "Take the lock out where a task can do without it.",
                span=holders[task],
                tasks=(*earlier, task),
                related=tuple(Related(holders[other], f"`{other}` holds it here.") for other in earlier),
            )


def _holders(analysis: Analysis) -> dict[str, dict[str, Span]]:
    """For each lock that the plan leaves to chance, the tasks that want it and where they say so."""
    conflicts = [found for found in analysis.conflicts if found.kind is HazardKind.LOCK_CONFLICT]
    order = Order(analysis) if conflicts else None
    holders: dict[str, dict[str, Span]] = {}
    for conflict in conflicts:
        if order and order.settles(conflict.first, conflict.second):
            continue
        for lock in conflict.paths:
            by_task = holders.setdefault(lock, {})
            by_task.setdefault(conflict.first, conflict.first_span)
            by_task.setdefault(conflict.second, conflict.second_span)
    return holders


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
)
