"""`agentServer.cancel`: stop one agent of a run, or the whole run."""

from typing import Any

from agent_server.lsp.commands import arguments, names
from agent_server.lsp.server import AgentLanguageServer


def register(server: AgentLanguageServer) -> None:
    """Register the command. It returns `{"cancelled": whether there was anything to stop}`."""

    @server.command(names.CANCEL)
    def cancel(*given: Any) -> dict[str, Any]:
        found, named = arguments.plan_of(server, names.CANCEL, given)
        task = arguments.task_of(names.CANCEL, named)
        return {"cancelled": found.run is not None and found.run.cancel(task)}
