"""`agent-server lsp`: the language server over standard input and output, for editors.

What an editor starts most often does not come through here: see `agent_server/cli/__init__.py`.
"""

import argparse
from pathlib import Path

from agent_server.cli.main import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--stdio", action="store_true", help="accepted, since editors pass it; it is the only way")
    parser.add_argument(
        "--standalone",
        action="store_true",
        help="serve this editor in a process of its own, instead of the workspace's daemon: a wave ends with it",
    )
    parser.add_argument(
        "--log", metavar="FILE", help="with --standalone: write warnings and errors to FILE; never what plans say"
    )
    parser.set_defaults(handler=run)


def run(options: argparse.Namespace) -> int:
    """Serve one client until it leaves: 0 after `shutdown` and `exit`, 1 when it went away without."""
    from agent_server.daemon import forwarder

    if not forwarder.is_for_editors():
        raise UsageError(forwarder.FOR_EDITORS)
    if not options.standalone:
        if options.log:
            raise UsageError("`--log` belongs to `--standalone`. A daemon keeps its own log: `agent-server logs`.")
        return forwarder.forward()
    import asyncio

    from agent_server.daemon import sessions

    try:
        sessions.log_to(Path(options.log) if options.log else None)
    except OSError as error:
        raise UsageError(f"The log `{options.log}` cannot be written: {error.strerror}.") from None
    return asyncio.run(sessions.serve_standard_streams())
