"""`agentServer.discard`: give up what a run holds, after a yes."""

from typing import Any

from agent_server.execution.approval import NotLaunchable
from agent_server.execution.runs.decisions import discarded
from agent_server.execution.runs.next_steps import held
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.commands.deciding import decide_after_yes, last_record
from agent_server.lsp.commands.questions import before_discard, in_words
from agent_server.lsp.handlers import command
from agent_server.lsp.messages import DiscardResult
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.DISCARD)
async def discard(session: AgentLanguageServer, *given: Any) -> DiscardResult:
    """Carry the command out. It returns at once, while the user is being asked: `{"run": id}`."""
    target = await arguments.target_of(session, names.DISCARD, given, closed=True)
    try:
        session.insist_on_trust()
        record = last_record(target)
        discarded(record)
    except NotLaunchable as error:
        raise refusal(str(error)) from error

    async def discard_now(now: arguments.Target) -> None:
        await now.project.discard(now.plan.name, record.id)
        session.say(f"Discarded: nothing of {in_words(record)} lands any more.")

    question = before_discard(record, held(record))
    asking = decide_after_yes(session, names.DISCARD, target, question=question, yes="Discard", decision=discard_now)
    session.go(asking)
    return DiscardResult(run=record.id)
