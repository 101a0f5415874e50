"""`agent-server stop`: have the daemon of a workspace leave, or all of this user's.

One that does not answer cannot leave. It is killed where it may be: with `--force`, or with `--hung`, by which editors
start anew.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from agent_server.cli.status import folder
from agent_server.daemon import control, hung
from agent_server.plan.visible import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("workspace", nargs="?", type=Path, default=Path(), help="the workspace (default: this folder)")
    parser.add_argument("--all", action="store_true", help="the daemons of all your workspaces")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--force", action="store_true", help="also where a wave runs: it is stopped, nothing lands")
    how.add_argument("--hung", action="store_true", help="only a daemon that does not answer, which is killed")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Stop; the exit status is 1 where a daemon did not leave."""
    problems = list(_problems(options, options.workspace.resolve()))
    for problem in problems:
        print(f"agent-server: {visible(problem)}", file=sys.stderr)
    return int(bool(problems))


def _problems(options: argparse.Namespace, workspace: Path) -> Iterator[str]:
    """Stop the daemons that are meant; what is in the way of some."""
    found = list(hung.everywhere(os.environ)) if options.all else [hung.serving(workspace, os.environ)]
    hanging = [each for each in found if each is not None]
    for each in hanging:
        yield from _end(each, may_be_killed=options.force or options.hung)
    if options.hung or (hanging and not options.all):
        return
    place = folder()
    answering = [
        (name, status)
        for name, status in control.running(place)
        if options.all or workspace.is_relative_to(status["workspace"])
    ]
    if not answering and not hanging:
        print("No daemon is running." if options.all else f"No daemon serves `{visible(str(workspace))}`.")
    for name, status in answering:
        answer = control.ask(place, name, b"stop-now" if options.force else b"stop")
        problem = answer.get("problem") if answer else "It does not answer."
        if problem:
            yield problem
        else:
            print(f"Stopped the daemon of `{visible(status['workspace'])}`.")


def _end(daemon: hung.Hung, *, may_be_killed: bool) -> Iterator[str]:
    if not may_be_killed:
        yield (
            f"The daemon of `{daemon.workspace}` (process {daemon.pid}) does not answer. "
            "`--force` ends it, and what its agents do."
        )
    elif problem := hung.end(daemon):
        yield problem
    else:
        print(f"Ended the daemon of `{visible(daemon.workspace)}`, which did not answer.")
