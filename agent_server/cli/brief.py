"""`agent-server brief`: all that the agent of one task would be told, as it would be told it now."""

import argparse
import os
import sys
from difflib import get_close_matches
from pathlib import Path

from agent_server.agents.backends import UnknownBackend, agent_of, backend_named, program_named
from agent_server.agents.brief import brief_for
from agent_server.analysis.model import Analysis
from agent_server.cli.configuration import settings_for_runs
from agent_server.cli.main import UsageError
from agent_server.cli.plans import read_plan
from agent_server.plan.visible import visible, visible_lines
from agent_server.settings import ExecutionSettings
from agent_server.workspace.paths import find_root


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("plan", type=Path, metavar="PLAN", help="a plan in any format, or a folder that holds one")
    parser.add_argument("task", metavar="TASK", help="the id of a task of the plan")
    parser.add_argument("--agent", help="as this agent would be told it; the task's own where it is left out")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the brief. What is piped on is the very text; on a terminal, nothing in it can move the cursor."""
    settings = settings_for_runs(find_root(options.plan.absolute()))
    plan = read_plan(options.plan, settings)
    analysis = plan.analysis
    _expect_task(analysis, options.task)
    agent = options.agent or agent_of(analysis, options.task, settings.execution)
    text = brief_for(analysis, options.task, own_tools=_has_own_tools(agent, settings.execution), plan=plan.name).prompt
    sys.stdout.write(visible_lines(text) if sys.stdout.isatty() else text)
    return 0


def _expect_task(analysis: Analysis, task: str) -> None:
    if task in analysis.tasks:
        return
    near = get_close_matches(task, analysis.tasks, n=1)
    hint = f" Did you mean `{visible(near[0])}`?" if near else " `agent-server waves` shows its tasks."
    raise UsageError(f"The plan has no task `{visible(task)}`.{hint}")


def _has_own_tools(agent: str, settings: ExecutionSettings) -> bool:
    try:
        backend_named(agent, settings, os.environ)
    except UnknownBackend as error:
        raise UsageError(str(error)) from error
    return program_named(agent, settings) is not None
