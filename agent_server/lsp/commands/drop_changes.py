"""`agentServer.dropChanges`: leave a file, or some of its hunks, out of what a held task would land."""

from functools import partial
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from agent_server.execution.approval import NotLaunchable
from agent_server.lsp.agent_documents import files_changed, read
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.messages import DropChangesResult
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer


@command(names.DROP_CHANGES)
async def drop_changes(session: AgentLanguageServer, *given: Any) -> DropChangesResult:
    """Carry the command out. It returns what the task would still change, as `agentServer/changeSet` does."""
    target = await arguments.target_of(session, names.DROP_CHANGES, given, closed=True)
    task = arguments.task_of(names.DROP_CHANGES, target.given)
    path = arguments.text_of(names.DROP_CHANGES, target.given, "path")
    hunks = arguments.texts_of(names.DROP_CHANGES, target.given, "hunks")
    if task is None or not path:
        raise JsonRpcInvalidParams(f"`{names.DROP_CHANGES}` takes a `task` and a `path` beside the plan's URI.")
    project, plan = target.project, target.plan.name
    try:
        session.insist_on_trust()
        record = await project.drop(plan, task, path, hunks)
    except NotLaunchable as error:
        raise refusal(str(error)) from error
    return await read(project, partial(files_changed, root=project.root, plan=plan, task=task, run=record.id))
