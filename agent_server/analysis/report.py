"""The report of an analysis as plain JSON values: what `agent-server check --format json` prints.

Version 1. `line` and `wave` count from 1; `range` is LSP's, zero-based in UTF-16 code units.
"""

from collections.abc import Iterable, Sequence
from typing import TypedDict

from agent_server.analysis.estimates.costs import Total, basis, total
from agent_server.analysis.model import Access, Analysis, Diagnostic, TaskAnalysis
from agent_server.analysis.scheduling.waiting import waits
from agent_server.analysis.settings import Severity
from agent_server.plan.folders import Places
from agent_server.plan.model import Phase
from agent_server.plan.text import Position

VERSION = 1


class PositionJson(TypedDict):
    """A zero-based line and UTF-16 character."""

    line: int
    character: int


class RangeJson(TypedDict):
    """A half-open range of the plan's text."""

    start: PositionJson
    end: PositionJson


class AccessJson(TypedDict):
    """One entry of a write or read set.

    What is implied or predicted, and not declared or named, binds nobody: it may stand beside a set that is unknown.
    """

    path: str
    exists: bool
    source: str
    confidence: float
    because: str


class NeedJson(TypedDict):
    """One task that must run in an earlier wave. `because` is the hazard; `path` the file, lock or module, if any."""

    task: str
    because: str
    path: str


class ModelJson(TypedDict):
    """The model that a task gets."""

    tier: str
    id: str
    because: str


class CostJson(TypedDict):
    """An estimate. `usd` is null where the price of a model is not known."""

    tokens: int
    usd: float | None
    because: str


class TaskJson(TypedDict):
    """One task. `file` holds it, on that `line`. `wave` is null for a task that is done, skipped, or on a cycle.

    `phase` is the title of the group that its author has put it into, `parallel` whether it is marked as one that may
    run beside others, `optional` whether it may be left out.
    """

    id: str
    title: str
    file: str
    line: int
    status: str
    wave: int | None
    phase: str | None
    parallel: bool
    optional: bool
    writes: list[AccessJson]
    reads: list[AccessJson]
    needs: list[NeedJson]
    model: ModelJson
    minutes: float
    minutes_because: str
    cost: CostJson


class ScheduleJson(TypedDict):
    """What the waves gain."""

    sequential_minutes: float
    parallel_minutes: float
    speedup: float
    critical_path: list[str]


class DiagnosticJson(TypedDict):
    """One finding, and the file that it is in: of a plan that is a folder, one of its files."""

    code: str
    severity: str
    message: str
    file: str
    range: RangeJson
    tasks: list[str]
    paths: list[str]


class PlanJson(TypedDict):
    """One plan."""

    path: str
    format: str
    title: str
    tasks: list[TaskJson]
    waves: list[list[str]]
    schedule: ScheduleJson
    cost: CostJson
    wave_costs: list[CostJson]
    diagnostics: list[DiagnosticJson]


class ReportJson(TypedDict):
    """The whole report."""

    version: int
    workspace: str
    plans: list[PlanJson]


def report(workspace: str, plans: Iterable[tuple[str, Analysis]]) -> ReportJson:
    """The report on plans of one workspace, each with its path."""
    return {"version": VERSION, "workspace": workspace, "plans": [_plan(path, analysis) for path, analysis in plans]}


def exit_status(analyses: Iterable[Analysis], *, strict: bool = False) -> int:
    """What `check` exits with: 1 if there is an error or, when `strict`, a warning; else 0."""
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return int(any(found.severity in failing for analysis in analyses for found in analysis.diagnostics))


def _plan(path: str, analysis: Analysis) -> PlanJson:
    places = Places(analysis.plan, path)
    schedule = analysis.schedule
    needs = _needs(analysis)
    return {
        "path": path,
        "format": analysis.plan.format,
        "title": analysis.plan.title,
        "tasks": [
            _task(found, places, analysis.plan.phases, needs.get(task_id, []))
            for task_id, found in analysis.tasks.items()
        ],
        "waves": [list(wave) for wave in schedule.waves],
        "schedule": {
            "sequential_minutes": _rounded(schedule.sequential_minutes),
            "parallel_minutes": _rounded(schedule.parallel_minutes),
            "speedup": _rounded(schedule.speedup),
            "critical_path": list(schedule.critical_path),
        },
        "cost": _cost(total(analysis.tasks[task].cost for wave in schedule.waves for task in wave)),
        "wave_costs": [_cost(total(analysis.tasks[task].cost for task in wave)) for wave in schedule.waves],
        "diagnostics": [_diagnostic(found, places) for found in analysis.diagnostics],
    }


def _task(found: TaskAnalysis, places: Places, phases: Sequence[Phase], needs: list[NeedJson]) -> TaskJson:
    task = found.task
    file, position = places.of(task.heading.start)
    return {
        "id": task.id,
        "title": task.title,
        "file": file,
        "line": position.line + 1,
        "status": task.status.value,
        "wave": found.wave,
        "phase": phases[task.phase].title if task.phase is not None else None,
        "parallel": task.parallel is not None,
        "optional": task.optional,
        "writes": [_access(entry) for entry in (*found.writes.entries, *found.writes.beyond)],
        "reads": [_access(entry) for entry in found.reads],
        "needs": needs,
        "model": {"tier": found.model.tier.value, "id": found.model.id, "because": found.model.because},
        "minutes": _rounded(found.minutes),
        "minutes_because": found.minutes_because,
        "cost": _cost(total([found.cost]), found.cost.because if found.cost else ""),
    }


def _cost(cost: Total, because: str = "") -> CostJson:
    """Money to a hundredth of a cent: a fast model does a small task for less than one."""
    because = "; ".join(filter(None, (because or "the sum of its tasks", basis(cost))))
    return {"tokens": cost.tokens, "usd": None if cost.usd is None else round(cost.usd, 4), "because": because}


def _access(entry: Access) -> AccessJson:
    return {
        "path": entry.path,
        "exists": entry.exists,
        "source": entry.source.value,
        "confidence": entry.confidence,
        "because": entry.because,
    }


def _needs(analysis: Analysis) -> dict[str, list[NeedJson]]:
    found: dict[str, list[NeedJson]] = {}
    for wait in waits(analysis):
        found.setdefault(wait.task, []).append({"task": wait.on, "because": wait.because, "path": wait.path})
    return found


def _diagnostic(found: Diagnostic, places: Places) -> DiagnosticJson:
    file, start, end = places.range(found.span)
    return {
        "code": found.code,
        "severity": found.severity.value,
        "message": found.message,
        "file": file,
        "range": {"start": _position(start), "end": _position(end)},
        "tasks": list(found.tasks),
        "paths": list(found.paths),
    }


def _position(position: Position) -> PositionJson:
    return {"line": position.line, "character": position.character}


def _rounded(number: float) -> float:
    """Two decimals, and never an integer: the report's numbers do not change their type."""
    return round(float(number), 2)
