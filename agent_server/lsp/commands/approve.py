"""`agentServer.approve`: say yes to a wave, exactly as it stands, without starting it."""

from typing import Any

from agent_server.execution.approval import NotLaunchable, summary
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.APPROVE)
async def approve(session: AgentLanguageServer, *given: Any) -> dict[str, Any]:
    """Carry the command out. It returns `{"plan", "wave", "digest", "summary"}`: what is approved, in words too."""
    target = await arguments.target_of(session, names.APPROVE, given)
    wave = arguments.wave_of(names.APPROVE, target.given)
    stream = arguments.flag_of(names.APPROVE, target.given, "stream")
    try:
        session.insist_on_trust()
        approval = await target.propose(wave, stream=stream)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    target.project.executor.approve(approval)
    target.project.touch()
    return {"plan": target.plan.document.uri, "wave": wave, "digest": approval.digest, "summary": summary(approval)}
