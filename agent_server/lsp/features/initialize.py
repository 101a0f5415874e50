"""`initialize`, `initialized` and `shutdown`."""

from lsprotocol import types

from agent_server.lsp.server import AgentLanguageServer


def register(server: AgentLanguageServer) -> None:
    """Answer the start and the end of a session."""
    problems: list[str] = []

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        problems.extend(server.begin(params))

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        for problem in problems:
            server.say(problem, types.MessageType.Warning)

    @server.feature(types.SHUTDOWN)
    async def shutdown(_: None) -> None:
        await server.wind_down()
