"""The entry point: picks the command, and turns what goes wrong into a message and an exit status.

Exit status: 0 all is well, 1 the plan has an error (or the run did not land, or what was decided about it could not be
done), 2 bad usage or unreadable input, 130 interrupted. Commands are imported only when they are used, so that
`agent-server lsp` starts fast.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from agent_server import __version__

COMMANDS = {
    "lsp": "Speak the Language Server Protocol on standard input and output.",
    "check": "Say what is wrong with plans.",
    "convert": "Write a plan of another format in our own.",
    "waves": "Show a plan's waves, critical path and speed-up.",
    "brief": "Show what the agent of a task is told.",
    "run": "Run a plan, wave by wave.",
    "history": "List the runs of a plan, or of a workspace.",
    "show": "Show how a run stands, and what can be done about it.",
    "diff": "Show what a run changes, line by line.",
    "land": "Land what a run holds, or a part of it.",
    "retry": "Let tasks of a run try once more.",
    "repair": "Let one more agent mend what failed to verify.",
    "discard": "Say that what a run holds shall not land.",
    "undo": "Take back what a run has landed.",
    "rule": "Explain a rule, with examples.",
    "rules": "List the rules, and how loud each is here.",
    "status": "Show your daemons, their editors and their runs.",
    "stop": "Stop a workspace's daemon.",
    "logs": "Show what a workspace's daemon has written down.",
    "doctor": "Check what agents and editors need.",
    "demo": "See it all happen on a small site, without a key.",
}
INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells have it."""


class UsageError(Exception):
    """Input that the command cannot work with. The message is for the user; the exit status is 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    try:
        return _main(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return INTERRUPTED


def _main(given: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="agent-server", description="The language server for plans of parallel coding agents."
    )
    parser.add_argument("--version", action="version", version=f"agent-server {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = next((word for word in given if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == wanted:
            import_module(f"agent_server.cli.{name}").configure(command)
    options = parser.parse_args(given)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # bars and dots are not worth an error on an old terminal
    try:
        status = int(options.handler(options))
        sys.stdout.flush()
    except UsageError as error:
        print(f"agent-server: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Whoever reads has seen enough. Python flushes once more at the end: let it, into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status
