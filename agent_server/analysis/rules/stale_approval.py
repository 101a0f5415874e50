"""`stale-approval`: the plan changed after a wave of it was approved."""

from collections.abc import Iterator

from agent_server.analysis.facts import RunFacts
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules.places import plan_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import joined
from agent_server.analysis.settings import Severity
from agent_server.plan.digest import digest


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """Once the approved waves have run, nothing is stale: a plan may be edited freely then."""
    facts = analysis.facts
    if not facts.approved_waves or facts.approved_digest in {None, digest(analysis.plan.text)}:
        return
    waves = joined([str(wave) for wave in facts.approved_waves])
    subject = f"Waves {waves} were" if len(facts.approved_waves) > 1 else f"Wave {waves} was"
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"{subject} approved before the plan changed, so nothing will start. Look at it and approve it anew.",
        span=plan_span(analysis.plan),
    )


_GOOD = """\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`

Write 17 entries, each with a title and a body.
"""

RULE = Rule(
    code="stale-approval",
    severity=Severity.WARNING,
    summary="The plan changed after a wave of it was approved.",
    explanation="""\
An approval is given for exactly what was seen: the tasks, their files, the models, the verify command and the budget.
A plan that was edited afterwards says something else, so its approval no longer counts and nothing starts. Approve
the wave again, by the lens above the plan or with `agent-server run`, or undo the edit.
""",
    bad=_GOOD.replace("17 entries", "170 entries"),
    good=_GOOD,
    facts=RunFacts(approved_digest=digest(_GOOD), approved_waves=(1,)),
    good_facts=RunFacts(approved_digest=digest(_GOOD), approved_waves=(1,)),
    check=_check,
    reads_text=True,
    guards=True,
)
