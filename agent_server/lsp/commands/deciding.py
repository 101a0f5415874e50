"""What the commands share that change a run which has stopped: which run it is, and the yes before what is final.

The answer may come when the run has gone on meanwhile. Then it is good for nothing: the question was about what was.
"""

from collections.abc import Awaitable, Callable

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.execution.approval import NotLaunchable
from agent_server.execution.records.run_record import RunRecord
from agent_server.lsp.commands import arguments
from agent_server.lsp.commands.asking import agrees
from agent_server.lsp.server import AgentLanguageServer

Decision = Callable[[arguments.Target], Awaitable[None]]


def last_record(target: arguments.Target) -> RunRecord:
    """The record of the plan's last run; raises `NotLaunchable`."""
    if target.plan.record is None:
        raise NotLaunchable("This plan has not been run yet.")
    return target.plan.record


async def decide_after_yes(  # noqa: PLR0913  # what is asked, and what follows
    session: AgentLanguageServer,
    command: str,
    target: arguments.Target,
    *,
    question: str,
    yes: str,
    decision: Decision,
) -> None:
    """Carry a decision out about the plan's last run, if the user says yes to it and the run is still what it was."""
    asked, uri = last_record(target), target.plan.document.uri
    in_terminal = f"Nothing was done. `agent-server {command.rpartition('.')[2]}` does it in a terminal."
    if not await agrees(session, question, yes, in_terminal):
        return
    try:
        now = await arguments.target_of(session, command, ({"uri": uri},), closed=True)
    except JsonRpcException:
        session.warn("Nothing was done: the plan is no longer there.")
        return
    if now.plan.record != asked:
        session.warn("Nothing was done: the run has gone on since you were asked. Look at it, and choose again.")
        return
    try:
        session.insist_on_trust()
        await decision(now)
    except NotLaunchable as error:
        session.say(str(error), types.MessageType.Error)
