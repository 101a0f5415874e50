"""`agentServer.launch`: run a wave. What is not approved yet is shown first, and runs only after a yes."""

from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.picture import count
from agent_server.execution.approval import Approval, NotLaunchable, summary
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.reporting import report
from agent_server.lsp.server import AgentLanguageServer, OpenPlan


def register(server: AgentLanguageServer) -> None:
    """Register the command. It returns at once: `{"run": id}`, or `{"run": null}` while the user is being asked."""

    @server.command(names.LAUNCH)
    def launch(*given: Any) -> dict[str, Any]:
        found, named = arguments.plan_of(server, names.LAUNCH, given)
        wave = arguments.wave_of(names.LAUNCH, named)
        try:
            server.insist_on_trust()
            approved = found.project.executor.approved(found.name)
            if approved is not None and approved.wave == wave:
                return {"run": _start(server, found)}
            proposal = found.project.executor.propose(found.name, found.analysis, wave)
        except NotLaunchable as error:
            raise arguments.refusal(str(error)) from error
        server.go(_ask(server, found.document.uri, proposal))
        return {"run": None}


def _start(server: AgentLanguageServer, found: OpenPlan) -> str:
    run = found.project.executor.launch(found.name, found.analysis)
    report(server, found.project, found.document.uri, run)
    return run.id


async def _ask(server: AgentLanguageServer, uri: str, proposal: Approval) -> None:
    """Show what would run, and launch it after a yes; the answer may come late, when much has changed, or never."""
    yes = types.MessageActionItem(f"Launch {count(len(proposal.tasks), 'agent')}")
    no = types.MessageActionItem("Not now")
    try:
        answer = await server.window_show_message_request_async(
            types.ShowMessageRequestParams(types.MessageType.Info, summary(proposal), [yes, no])
        )
    except JsonRpcException:
        server.say(f"Your editor could not ask for a yes. Send `{names.APPROVE}` first.", types.MessageType.Error)
        return
    if answer is None or answer.title != yes.title:
        return
    found = server.plan(uri)
    if found is None:
        server.say("Nothing was started: the plan is no longer open.", types.MessageType.Warning)
        return
    try:
        server.insist_on_trust()
        found.project.executor.approve(proposal)
        _start(server, found)
    except NotLaunchable as error:
        server.say(str(error), types.MessageType.Error)
