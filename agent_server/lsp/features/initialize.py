"""`initialize`, `initialized` and `shutdown`."""

from lsprotocol import types

from agent_server.lsp.handlers import notification, session_request
from agent_server.lsp.server import AgentLanguageServer


@session_request(types.INITIALIZE)
def initialize(session: AgentLanguageServer, params: types.InitializeParams) -> types.InitializeResult:
    """Begin a session."""
    return session.begin(params)


@notification(types.INITIALIZED)
def initialized(session: AgentLanguageServer, _: types.InitializedParams) -> None:
    """Say what came up so far, and show what goes on already."""
    for problem in session.to_say:
        session.warn(problem)
    session.to_say.clear()
    session.join()


@session_request(types.SHUTDOWN)
async def shutdown(session: AgentLanguageServer, _: None) -> None:
    """End a session: what runs goes on where the process does."""
    await session.protocol.settle()
    session.wind_down()
