"""`initialize`, `initialized` and `shutdown`."""

from lsprotocol import types

from agent_server.lsp.handlers import notification, session_request
from agent_server.lsp.server import AgentLanguageServer


@session_request(types.INITIALIZE)
def initialize(session: AgentLanguageServer, params: types.InitializeParams) -> None:
    """Begin a session. What is wrong with its settings is said once the client listens."""
    session.to_say.extend(session.begin(params))


@notification(types.INITIALIZED)
def initialized(session: AgentLanguageServer, _: types.InitializedParams) -> None:
    """Say what came up so far."""
    for problem in session.to_say:
        session.say(problem, types.MessageType.Warning)
    session.to_say.clear()


@session_request(types.SHUTDOWN)
async def shutdown(session: AgentLanguageServer, _: None) -> None:
    """End a session."""
    await session.wind_down()
