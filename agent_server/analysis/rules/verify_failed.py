"""`verify-failed`: the verify command failed in the last run."""

from collections.abc import Iterator

from agent_server.analysis.facts import RunFacts, VerifyFacts
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules.places import plan_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.settings import Severity
from agent_server.plan.model import Plan
from agent_server.plan.text import Span


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    verify = analysis.facts.verify
    if verify is not None and not verify.passed:
        end = next((line.strip() for line in reversed(verify.output.splitlines()) if line.strip()), "")
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"`{verify.command}` failed in the last run, so nothing of it has landed."
            + (f" It ended with `{end}`." if end else ""),
            span=_span(analysis.plan, verify.command),
        )


def _span(plan: Plan, command: str) -> Span:
    """Where the plan gives the command: for the whole wave, or for one task alone."""
    written = (plan.settings.verify, *(task.verify for task in plan.tasks))
    return next((item.span for item in written if item is not None and item.text == command), plan_span(plan))


RULE = Rule(
    code="verify-failed",
    severity=Severity.ERROR,
    summary="The verify command failed in the last run.",
    explanation="""\
Agents can each succeed and fail together, so the combined result of a wave is verified once, in a sandbox, before
anything lands. When that fails, the workspace stays as it was and the agents' changes are kept.

Look at the whole output in the run's record. Often two tasks understood a name or a format differently: write it down
above the first task, where every agent sees it, and run the wave again.
""",
    bad="""\
---
verify: python build.py
---
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.
""",
    good="""\
---
verify: python build.py
---
# Clay wiki

The data module has one list, `ENTRIES`, of dictionaries with `title` and `body`.

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries.

## hub: Build the hub page
- writes: `src/pages/clay.py`

Build the page that lists every entry.
""",
    facts=RunFacts(
        run="1",
        verify=VerifyFacts(
            "python build.py", passed=False, output="Traceback (most recent call last):\nKeyError: 'title'\n"
        ),
    ),
    check=_check,
    guards=True,
)
