"""`agentServer.launch`: run a wave. What is not approved yet is shown first, and runs only after a yes."""

import asyncio
import re
from itertools import accumulate
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.picture import count
from agent_server.execution.approval import Approval, NotLaunchable, summary
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer

_PAUSE = 0.1  # seconds between the answer to the command and the question
_BULLET = "\n• "
_MOST_SHOWN = 1_000  # characters of a message, in VS Code
_ROOM = _MOST_SHOWN - 70  # without the line that counts what was left out


@command(names.LAUNCH)
async def launch(session: AgentLanguageServer, *given: Any) -> dict[str, Any]:
    """Carry the command out. It returns at once: `{"run": id}`, or `{"run": null}` while the user is being asked."""
    target = await arguments.target_of(session, names.LAUNCH, given)
    wave = arguments.wave_of(names.LAUNCH, target.given)
    try:
        session.insist_on_trust()
        approved = target.project.executor.approved(target.plan.name)
        if approved is not None and approved.wave == wave:
            return {"run": _start(session, target)}
        proposal = await target.propose(wave)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    if len(question(proposal)) > _MOST_SHOWN:
        raise refusal("The verify commands are too long to be shown whole. Put them into a script.")
    session.go(_ask(session, target.plan.document.uri, proposal))
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


def _start(session: AgentLanguageServer, target: arguments.Target) -> str:
    run = target.project.executor.launch(target.plan.name, target.plan.analysis, target.settings.execution)
    target.project.follow(run, session, len(target.plan.analysis.schedule.waves))
    return run.id


async def _ask(session: AgentLanguageServer, uri: str, proposal: Approval) -> None:
    """Show what would run, and launch it after a yes; the answer may come late, when much has changed, or never."""
    # A client may overlook what comes in one go with an answer that it waits for, until something else comes. Emacs 28
    # does (`jsonrpc--process-filter`), and nothing else would come before the user has answered.
    await asyncio.sleep(_PAUSE)
    yes = types.MessageActionItem(f"Launch {count(len(proposal.tasks), 'agent')}")
    no = types.MessageActionItem("Not now")
    try:
        answer = await session.window_show_message_request_async(
            types.ShowMessageRequestParams(types.MessageType.Info, question(proposal), [yes, no])
        )
    except JsonRpcException:
        session.say(f"Your editor could not ask for a yes. Send `{names.APPROVE}` first.", types.MessageType.Error)
        return
    if answer is None or answer.title != yes.title:
        return
    try:
        target = await arguments.target_of(session, names.LAUNCH, ({"uri": uri},))
    except JsonRpcException:
        session.say("Nothing was started: the plan is no longer open.", types.MessageType.Warning)
        return
    try:
        session.insist_on_trust()
        target.project.executor.approve(proposal)
        _start(session, target)
    except NotLaunchable as error:
        session.say(str(error), types.MessageType.Error)
