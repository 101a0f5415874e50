"""`agent-server repair`: one more agent mends what the tasks of a run made together and what failed to verify."""

import argparse

from agent_server.cli.agent_options import add_agent_options, options_given, settings_of
from agent_server.cli.deciding import add_run, decide, has_landed_more
from agent_server.cli.recorded import find


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_run(parser)
    add_agent_options(parser)
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Repair; 0 when it landed, 1 when it did not."""
    found = find(options.run)
    return decide(
        found,
        settings_of(options, found.root),
        lambda runner, record: runner.repair(record),
        has_landed_more(found.record),
        options_given(options),
    )
