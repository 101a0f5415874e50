"""The command line: one file per command."""

from agent_server.cli.main import main

__all__ = ["main"]
