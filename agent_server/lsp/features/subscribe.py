"""`agentServer/subscribe`: what a client wants to be told of, whoever began it."""

from agent_server.lsp.handlers import session_request
from agent_server.lsp.messages import SUBSCRIBE, SubscribeParams, SubscribeResult
from agent_server.lsp.server import AgentLanguageServer


@session_request(SUBSCRIBE)
def subscribe(session: AgentLanguageServer, params: SubscribeParams) -> SubscribeResult:
    """Answer `agentServer/subscribe`."""
    return session.subscribe(params)
