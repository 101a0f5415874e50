"""`agent-server logs`: what a workspace's daemon has written down."""

import argparse
import os
import time
from collections import deque
from pathlib import Path

from agent_server.cli.main import UsageError
from agent_server.daemon import ownership
from agent_server.execution.state import StateError
from agent_server.plan.visible import visible

_PAUSE = 0.3


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("workspace", nargs="?", type=Path, default=Path(), help="the workspace (default: this folder)")
    parser.add_argument("-n", "--lines", type=int, default=50, metavar="N", help="the last N lines (default: 50)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is written next")
    parser.add_argument("--path", action="store_true", help="say only where the log is")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print the log's last lines."""
    try:
        log = ownership.state_of(str(options.workspace.resolve()), os.environ) / ownership.LOG
    except StateError as error:
        raise UsageError(str(error)) from None
    if options.path:
        print(log)
        return 0
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in deque(lines, max(0, options.lines)):
                print(visible(line.rstrip("\n")))
            while options.follow:
                line = lines.readline()
                if line:
                    print(visible(line.rstrip("\n")), flush=True)
                else:
                    time.sleep(_PAUSE)
    except FileNotFoundError:
        print(f"No daemon of `{visible(str(options.workspace.resolve()))}` has written anything yet.")
    return 0
