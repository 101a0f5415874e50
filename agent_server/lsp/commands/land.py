"""`agentServer.land`: land what a run holds, when what kept it back is mended. It is verified once more."""

from typing import Any

from agent_server.execution.approval import NotLaunchable
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.LAND)
async def land(session: AgentLanguageServer, *given: Any) -> dict[str, Any]:
    """Carry the command out. It returns at once: `{"run": id}`."""
    target = await arguments.target_of(session, names.LAND, given)
    try:
        session.insist_on_trust()
        run = target.project.executor.land(target.plan.name)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    target.project.follow(run, session, len(target.plan.analysis.schedule.waves))
    return {"run": run.id}
