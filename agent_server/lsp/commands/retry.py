"""`agentServer.retry`: try tasks of a run that has stopped again, or all that are not done. A comment may go along."""

from typing import Any

from agent_server.execution.approval import NotLaunchable
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.messages import RetryResult
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.RETRY)
async def retry(session: AgentLanguageServer, *given: Any) -> RetryResult:
    """Carry the command out. It returns at once: `{"run": id}`."""
    target = await arguments.target_of(session, names.RETRY, given, closed=True)
    task = arguments.task_of(names.RETRY, target.given)
    tasks = (*(arguments.tasks_of(names.RETRY, target.given) or ()), *((task,) if task is not None else ()))
    comment = arguments.text_of(names.RETRY, target.given, "comment")
    try:
        session.insist_on_trust()
        chosen, execution = dict.fromkeys(tasks), target.settings.execution
        run = target.project.executor.retry(target.plan.name, target.plan.analysis, tuple(chosen), comment, execution)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    target.follow(run, session)
    return RetryResult(run=run.id)
