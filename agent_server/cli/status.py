"""`agent-server status`: the daemons of this user, and what goes on in them."""

import argparse
import json
import os
from collections.abc import Mapping
from typing import Any

from agent_server.cli.main import UsageError
from agent_server.daemon import control, hung, place
from agent_server.plan.visible import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="for people, or for programs")
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Print how the daemons are; the exit status is 0, also where there is none."""
    found = [status for _, status in control.running(folder())]
    if options.format == "json":
        print(json.dumps(found, indent=1))
        return 0
    told = [*map(in_words, found), *map(_of_hung, hung.everywhere(os.environ))]
    print("\n\n".join(told) or "No daemon is running. The next editor starts one.")
    return 0


def folder() -> str:
    """The folder of the daemons' sockets; raises `UsageError`."""
    try:
        return place.runtime_folder(os.environ)
    except place.NoPlace as error:
        raise UsageError(str(error)) from None


def in_words(status: Mapping[str, Any]) -> str:
    """One daemon, in a few lines."""
    editors = [visible(client["name"]) or "an editor without a name" for client in status["clients"]]
    lines = [
        visible(status["workspace"]),
        f"  process {status['pid']}, version {status['version']}, {_memory(status)}, up {_span(status['seconds'])}",
        f"  editors: {', '.join(editors) or 'none'}",
    ]
    for project in status["projects"]:
        run = project["run"]
        if run is not None:
            where = "" if project["root"] == status["workspace"] else f" in {visible(project['root'])}"
            lines.append(
                f"  wave {run['wave']} of {visible(run['plan'])}{where}: {run['state']}, {run['percentage']} %, "
                f"{visible(run['message'])}"
            )
    return "\n".join(lines)


def _of_hung(daemon: hung.Hung) -> str:
    words = f"  process {daemon.pid} does not answer. `agent-server stop --force` in that folder ends it"
    return f"{visible(daemon.workspace)}\n{words}"


def _memory(status: Mapping[str, Any]) -> str:
    return f"{status['memory'] / 1e6:.0f} MB"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
