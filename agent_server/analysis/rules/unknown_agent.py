"""`unknown-agent`: a plan or a task names an agent that is not known here."""

from collections.abc import Iterator
from difflib import get_close_matches

from agent_server.analysis.model import Analysis, Diagnostic, TaskAnalysis
from agent_server.analysis.rules.around import Around
from agent_server.analysis.rules.problems import suggested
from agent_server.analysis.rules.rule import Rule
from agent_server.analysis.rules.wording import joined
from agent_server.analysis.settings import AnalysisSettings, Severity
from agent_server.plan.model import Item


def _check(analysis: Analysis) -> Iterator[Diagnostic]:
    yield from _unknown(analysis.plan.settings.agent, analysis.settings, ())


def _check_task(found: TaskAnalysis, around: Around) -> Iterator[Diagnostic]:
    if found.task.is_open:
        yield from _unknown(found.task.agent, around.settings, (found.task.id,))


def _unknown(agent: Item | None, settings: AnalysisSettings, tasks: tuple[str, ...]) -> Iterator[Diagnostic]:
    known = settings.known_agents
    if agent is None or agent.text in known:
        return
    near = get_close_matches(agent.text, known, n=1)
    hint = f"Did you mean `{near[0]}`?" if near else f"There are {joined([f'`{each}`' for each in known])}."
    yield Diagnostic(
        code=RULE.code,
        severity=RULE.severity,
        message=f"There is no agent named `{agent.text}`. {hint} One of your own is defined under `backends` in your "
        "settings.",
        span=agent.span,
        tasks=tasks,
        suggestion=near[0] if near else None,
    )


RULE = Rule(
    code="unknown-agent",
    severity=Severity.WARNING,
    summary="An agent is named that is not known here.",
    explanation="""\
`agent` says who carries out a task: `anthropic`, `replay`, one of the programs that need no settings, such as `claude`,
`codex` or `gemini`, or one that you define under `backends` in your own settings. Nothing can run with a name that is
none of these.

This is a warning and no error, for the name may well be defined in the settings of whoever wrote the plan. A plan
cannot bring its agent along: what a name means, and so which program runs, is yours to say.
""",
    bad="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- agent: cluade

Write 17 entries, each with a title and a body.
""",
    good="""\
# Clay wiki

## data: Write the wiki's data file
- writes: `src/data/clay.py`
- agent: claude

Write 17 entries, each with a title and a body.
""",
    check=_check,
    check_task=_check_task,
    fixes=suggested,
)
