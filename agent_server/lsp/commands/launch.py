"""`agentServer.launch`: run a wave. What is not approved yet is shown first, and runs only after a yes."""

import re
from itertools import accumulate
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.picture import count
from agent_server.execution.approval import Approval, NotLaunchable, summary
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.reporting import report
from agent_server.lsp.server import AgentLanguageServer, OpenPlan

_BULLET = "\n• "
_MOST_SHOWN = 1_000  # characters of a message, in VS Code
_ROOM = _MOST_SHOWN - 70  # without the line that counts what was left out


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
        if len(question(proposal)) > _MOST_SHOWN:
            raise arguments.refusal("The verify commands are too long to be shown whole. Put them into a script.")
        server.go(_ask(server, found.document.uri, proposal))
        return {"run": None}


def question(approval: Approval) -> str:
    """The approval's summary, for a message box.

    VS Code shows a message as one paragraph and cuts it off in silence. So every line begins with a bullet, and the
    tasks without a command of their own come last: of them, what does not fit is counted.
    """
    headline, *lines = re.split(r"\n(?!  )", unlinked(summary(approval)))
    tasks = [line for line in lines if line.startswith("- ") and "\n" not in line]
    told = [headline, *(line for line in lines if line not in tasks)]
    lengths = accumulate((len(line) + len(_BULLET) for line in tasks), initial=len(_BULLET.join(told)))
    fitting = max(0, sum(length <= _ROOM for length in lengths) - 1)
    told += tasks[:fitting]
    if fitting < len(tasks):
        told.append(f"and {count(len(tasks) - fitting, 'more task')}, each held to its `writes` in the plan")
    return _BULLET.join(line.removeprefix("- ") for line in told)


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
            types.ShowMessageRequestParams(types.MessageType.Info, question(proposal), [yes, no])
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
