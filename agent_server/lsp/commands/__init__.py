"""What a client may ask the server to do: one file per command. A new one is a file, and a line here.

A command checks its arguments, starts the work and returns at once: the work belongs to the executor, whatever becomes
of the request, and is cancelled by `agentServer.cancel` or by its progress.
"""

from agent_server.lsp.commands import approve, cancel, discard, drop_changes, land, launch, repair, retry, show, undo
from agent_server.lsp.handlers import Handler, handlers_of

_COMMANDS = (approve, launch, cancel, land, retry, repair, discard, undo, drop_changes, show)

HANDLERS: tuple[Handler, ...] = tuple(handler for command in _COMMANDS for handler in handlers_of(command))
