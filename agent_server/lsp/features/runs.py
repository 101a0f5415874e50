"""What a plan's runs left behind: `agentServer/transcript` and `agentServer/changeSet`.

The plan need not be open: its workspace must be. A run is the plan's last one unless the client names another.
"""

from pygls.exceptions import JsonRpcInvalidParams

from agent_server.execution.records.record import RunStore
from agent_server.execution.runs.lifecycle import BEFORE_THE_END
from agent_server.lsp.agent_documents import files_changed, insist_on_task, read, record_of
from agent_server.lsp.documents import path_of
from agent_server.lsp.handlers import session_request
from agent_server.lsp.messages import (
    CHANGE_SET,
    TRANSCRIPT,
    ChangeSetParams,
    ChangeSetResult,
    TranscriptEvent,
    TranscriptParams,
    TranscriptResult,
)
from agent_server.lsp.project import Project
from agent_server.lsp.refusals import refusal
from agent_server.lsp.server import AgentLanguageServer
from agent_server.lsp.transcripts import event_words


@session_request(TRANSCRIPT)
async def transcript(session: AgentLanguageServer, params: TranscriptParams) -> TranscriptResult:
    """Answer `agentServer/transcript`: a page of what one agent did."""
    project, name = _plan_of(session, params.plan)
    return await read(project, lambda store: _page(store, name, params))


@session_request(CHANGE_SET)
async def change_set(session: AgentLanguageServer, params: ChangeSetParams) -> ChangeSetResult:
    """Answer `agentServer/changeSet`: the files that a run, or one task of it, would change or has changed."""
    project, name = _plan_of(session, params.plan)
    return await read(project, lambda store: files_changed(store, project.root, name, params.task, params.run))


def _page(store: RunStore, plan: str, params: TranscriptParams) -> TranscriptResult:
    # The record first: where it says that the agent has ended, the log holds all that the agent did.
    record = record_of(store, plan, params.run)
    insist_on_task(record, params.task)
    page = store.events(record.id, params.task, params.after or 0)
    words = ((logged.at, *event_words(logged.event)) for logged in page.events)
    return TranscriptResult(
        run=record.id,
        task=params.task,
        events=[TranscriptEvent(at=at, kind=kind, text=text) for at, kind, text in words],
        next=page.next,
        complete=page.at_end and record.tasks[params.task].state not in BEFORE_THE_END,
    )


def _plan_of(session: AgentLanguageServer, uri: str) -> tuple[Project, str]:
    """The project of the plan that a message names, and what its runs call it; opens no workspace for it."""
    path = path_of(uri)
    if path is None:
        raise JsonRpcInvalidParams("`plan` takes the URI of a file.")
    if session.documents.get(uri) is not None:
        project = session.project_of(path)
        return project, session.plan_name(project, path)
    around = session.project_around(path)
    if around is None:
        raise refusal("The workspace of this plan is not open here. Open the plan first.")
    return around[0], session.plan_name(around[0], path)
