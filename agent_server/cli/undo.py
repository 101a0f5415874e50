"""`agent-server undo`: take back the last landing of a run, as a whole."""

import argparse

from agent_server.cli.configuration import user_settings
from agent_server.cli.deciding import add_run, decide
from agent_server.cli.recorded import find


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_run(parser)
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Undo; 0 when it was taken back."""
    found = find(options.run)
    return decide(
        found,
        user_settings(),
        lambda runner, record: runner.undo(record),
        lambda after: after.landed != found.record.landed,
    )
