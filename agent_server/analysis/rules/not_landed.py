"""`not-landed`: the last run ended without landing, for another reason than its verification."""

from collections.abc import Iterator

from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState
from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.rules.places import plan_span
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import sentence
from agent_server.analysis.settings import Severity


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    """What `task-failed` and `verify-failed` say already is not repeated, and whoever stopped a run knows it."""
    facts = analysis.facts
    ends = {task.state for task in facts.tasks.values()}
    is_said = (facts.verify is not None and not facts.verify.passed) or TaskState.FAILED in ends
    if facts.problem and not is_said and TaskState.CANCELLED not in ends:
        yield Diagnostic(
            code=RULE.code,
            severity=RULE.severity,
            message=f"The last run did not land: {sentence(facts.problem)} What the agents made is kept.",
            span=plan_span(analysis.plan),
        )


RULE = Rule(
    code="not-landed",
    severity=Severity.WARNING,
    summary="The last run ended without landing.",
    explanation="""\
A wave lands as a whole or not at all. Landing stops before it touches anything when a file has changed since the
agents started, when it has unsaved changes in the editor, or when the disk refuses. What the agents made is kept:
clear what stood in the way, then land again.
""",
    bad="""\
# Clay wiki

## nav: Link the wiki from the navigation
- writes: `src/nav.py`

Link `/clay/` after `/glass/`.
""",
    good="""\
# Clay wiki

## nav: Link the wiki from the navigation
- writes: `src/nav.py`

Link `/clay/` after `/glass/`.
""",
    files={"src/nav.py": 'LINKS = ["/glass/"]\n'},
    facts=RunFacts(
        run="1",
        tasks={"nav": TaskFacts(TaskState.HELD)},
        problem="`src/nav.py` changed in the workspace while the agents worked.",
    ),
    check=_check,
    guards=True,
)
