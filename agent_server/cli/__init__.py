"""The command line: one file per command."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    An editor that starts a forwarder waits for it, so this first look at the arguments imports nothing.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given in (["lsp"], ["lsp", "--stdio"]):
        from agent_server.daemon import forwarder  # what the forwarder needs, and no more

        if forwarder.is_for_editors():
            try:
                return forwarder.forward()
            except KeyboardInterrupt:
                return 130
    from agent_server.cli.main import main as run

    return run(given)


__all__ = ["main"]
