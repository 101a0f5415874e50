"""`agentServer.undo`: take back the last landing of a run, as a whole, after a yes."""

from typing import Any

from agent_server.execution.approval import NotLaunchable
from agent_server.execution.runs.decisions import last_landing
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.commands.deciding import decide_after_yes, last_record
from agent_server.lsp.commands.questions import before_undo, in_words
from agent_server.lsp.handlers import command
from agent_server.lsp.messages import UndoResult
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.UNDO)
async def undo(session: AgentLanguageServer, *given: Any) -> UndoResult:
    """Carry the command out. It returns at once, while the user is being asked: `{"run": id}`."""
    target = await arguments.target_of(session, names.UNDO, given, closed=True)
    try:
        session.insist_on_trust()
        record = last_record(target)
        landing = last_landing(record)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    tasks = [name for name in record.landed if record.tasks[name].landing == landing]

    async def undo_now(now: arguments.Target) -> None:
        await now.project.undo(now.plan.name, record.id, session, now.settings.formats)
        session.say(f"Undone: {in_words(record)} is open again.")

    asking = decide_after_yes(
        session, names.UNDO, target, question=before_undo(record, tasks), yes="Undo", decision=undo_now
    )
    session.go(asking)
    return UndoResult(run=record.id)
