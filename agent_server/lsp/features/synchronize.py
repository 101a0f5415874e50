"""Open documents: all are laid over the disk, and plans are analysed at every change."""

import logging

from lsprotocol import types

from agent_server.lsp.documents import Document, StaleChange
from agent_server.lsp.handlers import notification
from agent_server.lsp.server import AgentLanguageServer

_log = logging.getLogger(__name__)


@notification(types.TEXT_DOCUMENT_DID_OPEN)
def opened(session: AgentLanguageServer, params: types.DidOpenTextDocumentParams) -> None:
    """Take a document in."""
    _take(session, session.documents.open(params.text_document))


@notification(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(session: AgentLanguageServer, params: types.DidChangeTextDocumentParams) -> None:
    """Take a document's next version; one that cannot follow changes nothing."""
    try:
        _take(session, session.documents.change(params.text_document, params.content_changes))
    except StaleChange as error:
        _log.warning("%s", error)


@notification(types.TEXT_DOCUMENT_DID_SAVE)
def saved(session: AgentLanguageServer, params: types.DidSaveTextDocumentParams) -> None:
    """See that the disk holds the text now."""
    document = session.documents.get(params.text_document.uri)
    if document is not None:
        _take(session, document)


@notification(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(session: AgentLanguageServer, params: types.DidCloseTextDocumentParams) -> None:
    """Let a document go: the disk says again what its file holds."""
    document = session.documents.close(params.text_document.uri)
    if document is not None:
        session.let_go(document)


def _take(session: AgentLanguageServer, document: Document) -> None:
    """Lay a document over the disk, and analyse it if it is a plan; what else depends on it follows by itself."""
    session.take(document)
    session.publish(document.uri)
