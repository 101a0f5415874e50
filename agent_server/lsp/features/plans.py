"""`agentServer/plans`: all plans of the client's workspaces, closed ones too, for clients that list them."""

from agent_server.lsp.handlers import session_request
from agent_server.lsp.messages import PLANS, PlansParams, PlansResult
from agent_server.lsp.server import AgentLanguageServer


@session_request(PLANS)
async def plans(session: AgentLanguageServer, params: PlansParams) -> PlansResult:
    """Answer `agentServer/plans`."""
    return await session.list_plans(params)
