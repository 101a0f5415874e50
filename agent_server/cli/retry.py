"""`agent-server retry`: let tasks of a run that stopped try once more; what the others made is kept."""

import argparse

from agent_server.cli.agent_options import add_agent_options, options_given, settings_of
from agent_server.cli.deciding import add_run, add_tasks, decide, has_landed_more
from agent_server.cli.recorded import find


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_run(parser)
    add_tasks(parser, "a task that tries once more (default: all that are not done)")
    parser.add_argument("--comment", default="", metavar="TEXT", help="what the agents should mind this time")
    add_agent_options(parser)
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Try again; 0 when it landed, 1 when it did not."""
    found = find(options.run)
    return decide(
        found,
        settings_of(options, found.root),
        lambda runner, record: runner.retry(record, options.tasks or (), options.comment),
        has_landed_more(found.record),
        options_given(options),
    )
