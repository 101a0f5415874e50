"""`agentServer.repair`: let one more agent mend what all tasks made together, where that failed to verify."""

from typing import Any

from agent_server.execution.approval import NotLaunchable
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.messages import RepairResult
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.REPAIR)
async def repair(session: AgentLanguageServer, *given: Any) -> RepairResult:
    """Carry the command out. It returns at once: `{"run": id}`."""
    target = await arguments.target_of(session, names.REPAIR, given, closed=True)
    try:
        session.insist_on_trust()
        executor = target.project.executor
        run = executor.repair(target.plan.name, target.plan.analysis, target.settings.execution)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    target.follow(run, session)
    return RepairResult(run=run.id)
