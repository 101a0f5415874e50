"""`agent-server discard`: say that what a run holds shall not land."""

import argparse

from agent_server.cli.configuration import user_settings
from agent_server.cli.deciding import add_run, decide
from agent_server.cli.recorded import find
from agent_server.execution.runs.lifecycle import RunState


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_run(parser)
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Discard; 0 when nothing of the run can land any more."""
    return decide(
        find(options.run),
        user_settings(),
        lambda runner, record: runner.discard(record),
        lambda after: after.state is RunState.DISCARDED,
    )
