"""`agentServer.land`: try once more to land what a verified run holds, when what kept it back is mended."""

from typing import Any

from agent_server.execution.approval import NotLaunchable
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.reporting import report
from agent_server.lsp.server import AgentLanguageServer


def register(server: AgentLanguageServer) -> None:
    """Register the command. It returns at once: `{"run": id}`."""

    @server.command(names.LAND)
    def land(*given: Any) -> dict[str, Any]:
        found, _ = arguments.plan_of(server, names.LAND, given)
        try:
            server.insist_on_trust()
            run = found.project.executor.land_again(found.name)
        except NotLaunchable as error:
            raise arguments.refusal(str(error)) from error
        report(server, found.project, found.document.uri, run)
        return {"run": run.id}
