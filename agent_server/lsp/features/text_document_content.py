"""`workspace/textDocumentContent` (LSP 3.18) for `agent-server:` URIs, and the same for clients that lack it.

What tells of a run grows while that goes on. So whoever has read such a document is told, once, when there is more of
it; a client that still shows it reads it again, and is told again.
"""

import asyncio
from weakref import WeakKeyDictionary

from lsprotocol import types

from agent_server.execution.runs.run import Run
from agent_server.lsp.agent_documents import run_behind, text_of
from agent_server.lsp.agent_uris import SCHEME
from agent_server.lsp.handlers import session_request
from agent_server.lsp.messages import CONTENT, ContentParams, ContentResult
from agent_server.lsp.server import AgentLanguageServer

CONTENT_OPTIONS = types.TextDocumentContentOptions(schemes=[SCHEME])
"""What the server's capabilities say of it: `workspace.textDocumentContent`."""

_INTERVAL = 1.0  # seconds; a client reads the whole document each time

_TOLD: WeakKeyDictionary[AgentLanguageServer, set[str]] = WeakKeyDictionary()
"""The documents of each session whose readers will be told of more."""


@session_request(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, CONTENT_OPTIONS)
async def text_document_content(
    session: AgentLanguageServer, params: types.TextDocumentContentParams
) -> types.TextDocumentContentResult:
    """Answer `workspace/textDocumentContent`."""
    # First: the run may go on, or end, while the text is read.
    run, told = run_behind(session, params.uri), _TOLD.setdefault(session, set())
    if run is not None and params.uri not in told:
        told.add(params.uri)
        session.go(_tell_of_more(session, run, params.uri))
    return types.TextDocumentContentResult(await text_of(session, params.uri))


@session_request(CONTENT)
async def content(session: AgentLanguageServer, params: ContentParams) -> ContentResult:
    """Answer `agentServer/content`."""
    return ContentResult(text=await text_of(session, params.uri))


async def _tell_of_more(session: AgentLanguageServer, run: Run, uri: str) -> None:
    """Have the client read a document again when its run has gone on, or has ended."""
    more = asyncio.Event()
    unwatch = run.watch(lambda _: more.set())
    ending = asyncio.ensure_future(run.wait())
    ending.add_done_callback(lambda _: more.set())
    try:
        await asyncio.sleep(_INTERVAL)
        await more.wait()
    finally:
        unwatch()
        ending.cancel()
        _TOLD[session].discard(uri)
    session.workspace_text_document_content_refresh(types.TextDocumentContentRefreshParams(uri))
