"""`agent-server waves`: a plan's waves as a picture, with the critical path and what is in the way."""

import argparse
from pathlib import Path

from agent_server.analysis.model import Analysis
from agent_server.analysis.picture import costs, critical_path, headline, picture
from agent_server.analysis.report import exit_status
from agent_server.analysis.scheduling.waiting import waits
from agent_server.cli.configuration import user_settings
from agent_server.cli.plans import read_plan


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("plan", type=Path, metavar="PLAN", help="a plan in any format, or a folder that holds one")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the waves; the exit status is that of `check`."""
    analysis = read_plan(options.plan, user_settings()).analysis
    print("\n\n".join(filter(None, (in_words(analysis), costs(analysis)))))
    return exit_status([analysis], strict=False)


def in_words(analysis: Analysis) -> str:
    """The headline, the picture, the critical path, and why each later task waits."""
    parts = [f"{analysis.plan.title or 'Plan'}: {headline(analysis)}"]
    if analysis.schedule.waves:
        parts += ["", picture(analysis), "", f"* {critical_path(analysis)}"]
    reasons = [
        f"{wait.task} waits for {wait.on}" + (f" ({wait.because}: {wait.path})" if wait.path else "")
        for wait in waits(analysis)
    ]
    if reasons:
        parts += ["", *reasons]
    if analysis.schedule.unscheduled:
        parts += ["", f"In no wave, because of a cycle: {', '.join(analysis.schedule.unscheduled)}"]
    return "\n".join(parts)
