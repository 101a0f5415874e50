"""What the commands that decide about a run have in common: which run, who carries it out, and how that ends."""

import argparse
import sys
from collections.abc import Awaitable, Callable

from rich.console import Console

from agent_server.cli.next_commands import commands_in_words
from agent_server.cli.recorded import Found
from agent_server.cli.runner import Runner
from agent_server.cli.terminal import interrupts
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import STOPPED
from agent_server.execution.runs.outcomes import DONE, INTERRUPTED, NOT_DONE
from agent_server.execution.state import WorkspaceBusyError
from agent_server.execution.ticking import NotTicked
from agent_server.plan.visible import visible
from agent_server.settings import Settings

Decision = Callable[[Runner, RunRecord], Awaitable[RunRecord]]


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says which run it is about."""
    parser.add_argument("run", metavar="RUN|PLAN", help="a run's id or its beginning, or a plan file: its last run")


def add_tasks(parser: argparse.ArgumentParser, words: str) -> None:
    """Add the option that names tasks of the run."""
    parser.add_argument("--task", action="append", dest="tasks", metavar="ID", help=words)


def decide(
    found: Found,
    settings: Settings,
    decision: Decision,
    went_well: Callable[[RunRecord], bool],
    options: tuple[str, ...] = (),
) -> int:
    """Carry out a decision about a run: 0 where it went well, 1 where it did not, and then what can be done is said.

    After Ctrl-C it is 130, also where what went on went to its end.
    `options` are those that commands which let agents work should be given again.
    """
    console = Console()
    try:
        after, is_interrupted = interrupts.run(_carried_out(found, settings, decision, console))
    except (NotLaunchable, NotTicked) as error:
        print(f"agent-server: {why_not(error)}", file=sys.stderr)
        return NOT_DONE
    if after.state in STOPPED:
        print("\n".join(commands_in_words(after, found.target, options)))
    if is_interrupted:
        return INTERRUPTED
    return DONE if went_well(after) else NOT_DONE


def has_landed_more(before: RunRecord) -> Callable[[RunRecord], bool]:
    """Whether a run has landed something that it had not `before`."""
    return lambda after: len(after.landings) > len(before.landings)


def why_not(error: NotLaunchable | NotTicked) -> str:
    """Why something cannot be done, and where to look if somebody else is at it."""
    if isinstance(error.__cause__, WorkspaceBusyError):
        return f"{visible(str(error))} `agent-server status` shows how far it is."
    return str(error)


async def _carried_out(
    found: Found, settings: Settings, decision: Decision, console: Console
) -> tuple[RunRecord, bool]:
    """How the run stands after the decision, and whether Ctrl-C was pressed."""
    async with Runner(found.root, settings, console) as runner:
        # A crash may have left it in another state: what is decided about is what it is now.
        record = found.store.load(found.record.id) or found.record
        found.store.close()
        return await decision(runner, record), runner.is_interrupted
