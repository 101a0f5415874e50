"""`agent-server check`: what is wrong with plans, for people or as JSON."""

import argparse
import json
import os
import sys
from pathlib import Path

from agent_server.analysis.model import Diagnostic
from agent_server.analysis.picture import count
from agent_server.analysis.report import exit_status, report
from agent_server.analysis.settings import Severity
from agent_server.cli.configuration import user_settings
from agent_server.cli.main import UsageError
from agent_server.cli.plans import PlanFile, read_plans
from agent_server.plan.text import Position

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFORMATION: "36", Severity.HINT: "2"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("plans", nargs="+", type=Path, metavar="PLAN", help="a plan file (`*.plan.md`)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print (default: text)")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors for the exit status")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Check the plans; 0 without errors, 1 with at least one (`--strict`: or a warning)."""
    settings = user_settings()
    plans = read_plans(options.plans, settings)
    if options.format == "json":
        print(json.dumps(report(str(_root_of(plans)), [(plan.name, plan.analysis) for plan in plans]), indent=2))
    else:
        print(in_words(plans, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    return exit_status([plan.analysis for plan in plans], strict=options.strict)


def _root_of(plans: list[PlanFile]) -> Path:
    """The workspace of the plans; a report is about one."""
    other = next((plan for plan in plans if plan.root != plans[0].root), None)
    if other is not None:
        raise UsageError(
            f"A JSON report is about one workspace: `{plans[0].path}` is in `{plans[0].root}`, "
            f"`{other.path}` is in `{other.root}`. Check them one after the other."
        )
    return plans[0].root


def in_words(plans: list[PlanFile], *, colour: bool = False) -> str:
    """One line for each finding, as compilers print them, and a last line that counts them."""
    lines = [
        _line(*place_of(diagnostic.span.start), diagnostic, colour=colour)
        for plan in plans
        for place_of in (plan.places(),)
        for diagnostic in plan.analysis.diagnostics
    ]
    found = [diagnostic.severity for plan in plans for diagnostic in plan.analysis.diagnostics]
    errors, warnings = count(found.count(Severity.ERROR), "error"), count(found.count(Severity.WARNING), "warning")
    return "\n".join([*lines, f"{count(len(plans), 'plan')} checked: {errors}, {warnings}."])


def _line(path: Path, at: Position, diagnostic: Diagnostic, *, colour: bool) -> str:
    severity = diagnostic.severity.value
    if colour:
        severity = f"\x1b[{_COLOURS[diagnostic.severity]}m{severity}\x1b[0m"
    return f"{path}:{at.line + 1}:{at.character + 1}: {severity}[{diagnostic.code}] {diagnostic.message}"
