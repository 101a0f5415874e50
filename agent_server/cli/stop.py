"""`agent-server stop`: have the daemon of a workspace leave, or all of this user's."""

import argparse
import sys
from pathlib import Path

from agent_server.cli.status import folder
from agent_server.daemon import control
from agent_server.plan.visible import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("workspace", nargs="?", type=Path, default=Path(), help="the workspace (default: this folder)")
    parser.add_argument("--all", action="store_true", help="the daemons of all your workspaces")
    parser.add_argument("--force", action="store_true", help="also where a wave runs: it is stopped, nothing lands")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Stop; the exit status is 1 where a daemon did not leave."""
    place, workspace = folder(), options.workspace.resolve()
    found = [
        (name, status)
        for name, status in control.running(place)
        if options.all or workspace.is_relative_to(status["workspace"])
    ]
    if not found:
        print("No daemon is running." if options.all else f"No daemon serves `{visible(str(workspace))}`.")
    stayed = False
    for name, status in found:
        answer = control.ask(place, name, b"stop-now" if options.force else b"stop")
        problem = answer.get("problem") if answer else "It does not answer."
        stayed |= bool(problem)
        if problem:
            print(f"agent-server: {visible(problem)}", file=sys.stderr)
        else:
            print(f"Stopped the daemon of `{visible(status['workspace'])}`.")
    return int(stayed)
