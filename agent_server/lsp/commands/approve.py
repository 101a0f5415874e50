"""`agentServer.approve`: say yes to a wave, exactly as it stands, without starting it."""

from typing import Any

from agent_server.execution.approval import NotLaunchable, summary
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.server import AgentLanguageServer


def register(server: AgentLanguageServer) -> None:
    """Register the command. It returns `{"plan", "wave", "digest", "summary"}`: what is approved, in words too."""

    @server.command(names.APPROVE)
    def approve(*given: Any) -> dict[str, Any]:
        found, named = arguments.plan_of(server, names.APPROVE, given)
        wave = arguments.wave_of(names.APPROVE, named)
        try:
            server.insist_on_trust()
            approval = found.project.executor.propose(found.name, found.analysis, wave)
        except NotLaunchable as error:
            raise arguments.refusal(str(error)) from error
        found.project.executor.approve(approval)
        found.project.touch()
        return {"plan": found.document.uri, "wave": wave, "digest": approval.digest, "summary": summary(approval)}
