"""`agentServer.showBrief`, `agentServer.showTranscript` and `agentServer.showChanges`: documents about one task.

The client is asked to show the document, where it can, and nobody waits for it. Any other client gets the text beside
the URI, to show it itself.
"""

import logging
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from agent_server.execution.records.record import RunStore
from agent_server.lsp.agent_documents import files_changed, insist_on_task, read, record_of, text_of
from agent_server.lsp.agent_uris import AgentUri, BriefUri, ChangesUri, TranscriptUri, uri_of
from agent_server.lsp.commands import arguments, names
from agent_server.lsp.handlers import command
from agent_server.lsp.messages import ShowChangesResult, ShownDocument
from agent_server.lsp.server import AgentLanguageServer

_log = logging.getLogger(__name__)


@command(names.SHOW_BRIEF)
async def show_brief(session: AgentLanguageServer, *given: Any) -> ShownDocument:
    """Show what the task's agent would be sent. It returns `{"uri", "shown": true}`, or `{"uri", "text"}`."""
    target, task = await _task_of(session, names.SHOW_BRIEF, given)
    return await _show(session, BriefUri(target.project.root, target.plan.name, task))


@command(names.SHOW_TRANSCRIPT)
async def show_transcript(session: AgentLanguageServer, *given: Any) -> ShownDocument:
    """Show what the task's agent did in the plan's last run. It returns as `show_brief` does."""
    target, task = await _task_of(session, names.SHOW_TRANSCRIPT, given)
    run = await read(target.project, lambda store: _last_run(store, target.plan.name, task))
    return await _show(session, TranscriptUri(target.project.root, run, task))


@command(names.SHOW_CHANGES)
async def show_changes(session: AgentLanguageServer, *given: Any) -> ShowChangesResult:
    """Show what the task's agent would change. It returns as above, with `files` as of `agentServer/changeSet`."""
    target, task = await _task_of(session, names.SHOW_CHANGES, given)
    root, plan = target.project.root, target.plan.name
    found = await read(target.project, lambda store: files_changed(store, root, plan, task, None))
    shown = await _show(session, ChangesUri(root, found.run, task))
    return ShowChangesResult(uri=shown.uri, shown=shown.shown, text=shown.text, files=found.files)


async def _task_of(
    session: AgentLanguageServer, command_name: str, given: tuple[Any, ...]
) -> tuple[arguments.Target, str]:
    target = await arguments.target_of(session, command_name, given, closed=True)
    task = arguments.task_of(command_name, target.given)
    if task is None:
        raise JsonRpcInvalidParams(f'`{command_name}` takes a task: {{"uri": the plan\'s URI, "task": its id}}.')
    return target, task


def _last_run(store: RunStore, plan: str, task: str) -> str:
    record = record_of(store, plan, None)
    insist_on_task(record, task)
    return record.id


async def _show(session: AgentLanguageServer, wanted: AgentUri) -> ShownDocument:
    uri = uri_of(wanted)
    text = await text_of(session, uri)  # also where the client will read it: what is not there is refused here
    if not session.client.opens_documents:
        return ShownDocument(uri=uri, text=text)
    session.go(_ask(session, uri))
    return ShownDocument(uri=uri, shown=True)


async def _ask(session: AgentLanguageServer, uri: str) -> None:
    try:
        await session.window_show_document_async(types.ShowDocumentParams(uri, take_focus=True))
    except JsonRpcException as error:
        _log.info("The client did not show %s: %s", uri, error)
