"""For people: one line for each finding, as compilers print them, and a last line that counts them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from agent_server.analysis.model import Diagnostic
from agent_server.analysis.picture import count
from agent_server.analysis.settings import Severity
from agent_server.analysis.statistics import statistics
from agent_server.cli.outputs import Checked, Output, counts
from agent_server.cli.plans import PlanFile
from agent_server.cli.terminal.colours import painted
from agent_server.plan.text import Position


def in_words(plans: Sequence[PlanFile], *, colour: bool = False) -> str:
    """The findings, and how many there are."""
    return "\n".join([*_findings(plans, colour=colour), _last_line(plans)])


def _render(checked: Checked) -> Iterator[str]:
    if checked.statistics and checked.plans:
        yield from counts.in_words(statistics(plan.analysis for plan in checked.plans))
        yield ""
    else:
        yield from _findings(checked.plans, colour=checked.colour)
    yield _last_line(checked.plans)


def _findings(plans: Sequence[PlanFile], *, colour: bool) -> Iterator[str]:
    for plan in plans:
        place_of = plan.places()
        for found in plan.analysis.diagnostics:
            yield _line(*place_of(found.span.start), found, colour=colour)
        if not plan.analysis.plan.tasks.homes:
            yield f"{plan.path}: no tasks found"


def _last_line(plans: Sequence[PlanFile]) -> str:
    found = [diagnostic.severity for plan in plans for diagnostic in plan.analysis.diagnostics]
    errors, warnings = count(found.count(Severity.ERROR), "error"), count(found.count(Severity.WARNING), "warning")
    return f"{count(len(plans), 'plan')} checked: {errors}, {warnings}."


def _line(path: Path, at: Position, diagnostic: Diagnostic, *, colour: bool) -> str:
    severity = diagnostic.severity.value
    if colour:
        severity = painted(severity, diagnostic.severity)
    return f"{path}:{at.line + 1}:{at.character + 1}: {severity}[{diagnostic.code}] {diagnostic.message}"


OUTPUT = Output("text", _render, counts=True)
