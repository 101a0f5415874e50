"""What a client may ask the server to do: one file per command, each with `register(server)`.

A command checks its arguments, starts the work and returns at once: pygls 2.1 answers a cancelled request while its
command runs on, so the work belongs to the executor and is cancelled by `agentServer.cancel` or by its progress.
"""

from agent_server.lsp.commands import approve, cancel, land, launch
from agent_server.lsp.server import AgentLanguageServer

_COMMANDS = (approve, launch, cancel, land)


def register(server: AgentLanguageServer) -> None:
    """Register every command with `server`."""
    for command in _COMMANDS:
        command.register(server)
