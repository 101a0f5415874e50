"""`agentServer.cancel`: stop one agent of a run, or the whole run."""

from typing import Any

from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.server import AgentLanguageServer


@command(names.CANCEL)
async def cancel(session: AgentLanguageServer, *given: Any) -> dict[str, Any]:
    """Carry the command out. It returns `{"cancelled": whether there was anything to stop}`."""
    target = await arguments.target_of(session, names.CANCEL, given, closed=True)
    task = arguments.task_of(names.CANCEL, target.given)
    return {"cancelled": target.run is not None and target.run.cancel(task)}
