"""Plans as a list shows them: what `agentServer/plans` tells of each. Pure."""

import re

from agent_server.analysis.model import TaskAnalysis
from agent_server.analysis.settings import Severity
from agent_server.lsp import convert
from agent_server.lsp.messages import PlannedTask, PlanReport
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.formats import READERS
from agent_server.plan.model import Task

_SORT = re.compile(r"(?:implementation )?(?:plan|tasks?)(?:[:\uff1a] ?| [-\u2013\u2014] )(?=\S)", re.IGNORECASE)
"""What a title says of the sort of document that it is of, and what separates that from what it is about."""


def plan_report(plan: PlanSnapshot, blocked: str | None) -> PlanReport:
    """All but the run. `blocked` is why the first wave cannot be launched; None where it can."""
    analysis = plan.analysis
    severities = [finding.home.severity for finding in analysis.findings]
    return PlanReport(
        uri=plan.document.uri,
        folder=convert.to_uri(plan.root),
        path=plan.name,
        title=name_of(analysis.plan.title),
        format=None if analysis.plan.has_fields else READERS[analysis.plan.format].title,
        waves=len(analysis.schedule.waves),
        speedup=analysis.schedule.speedup,
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
        blocked=blocked,
        tasks=_tasks(plan),
    )


def name_of(title: str) -> str:
    """What a plan is called among other plans: `Tasks: Search` is about search."""
    sort = _SORT.match(title)
    return title[sort.end() :] if sort else title


def _tasks(plan: PlanSnapshot) -> list[PlannedTask]:
    """Every task; of equal ids only the first is in a wave."""
    analysis = plan.analysis
    tasks, numbers = analysis.plan.tasks, analysis.roster.numbers
    told = []
    for number, (place, home) in enumerate(zip(tasks.places, tasks.homes, strict=True)):
        at, known = place + home.heading.start, analysis.at_home[home.id]
        document, start = plan.file_at(at)
        line = document.lines.line_at(at - start)
        uri = document.uri if document is not plan.document else None
        told.append(_task(home, uri, line, known, is_first=numbers[home.id] == number))
    return told


def _task(task: Task, uri: str | None, line: int, known: TaskAnalysis, *, is_first: bool) -> PlannedTask:
    return PlannedTask(
        id=task.id,
        title=task.title,
        uri=uri,
        line=line,
        status=task.status,
        wave=known.wave if is_first else None,
        minutes=known.minutes,
        tier=known.model.tier,
    )
