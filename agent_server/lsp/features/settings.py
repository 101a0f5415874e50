"""`workspace/didChangeConfiguration`: the client's settings, live."""

from collections.abc import Mapping

from lsprotocol import types

from agent_server.lsp.server import AgentLanguageServer

SECTION = "agentServer"


def register(server: AgentLanguageServer) -> None:
    """Take changed settings, with or without the section's name round them."""

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def changed(params: types.DidChangeConfigurationParams) -> None:
        values = params.settings
        if isinstance(values, Mapping) and SECTION in values:
            values = values[SECTION]
        for problem in server.configure(values):
            server.say(problem, types.MessageType.Warning)
