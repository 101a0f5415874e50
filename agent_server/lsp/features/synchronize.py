"""Open documents: all are laid over the disk, and plans are analysed at every change."""

import logging

from lsprotocol import types

from agent_server.lsp.documents import Document, StaleChange
from agent_server.lsp.server import AgentLanguageServer

_log = logging.getLogger(__name__)


def register(server: AgentLanguageServer) -> None:
    """Follow what the client opens, changes, saves and closes."""

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        _take(server, server.documents.open(params.text_document))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        try:
            _take(server, server.documents.change(params.text_document, params.content_changes))
        except StaleChange as error:
            _log.warning("%s", error)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        document = server.documents.get(params.text_document.uri)
        if document is not None:
            _take(server, document)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        document = server.documents.close(params.text_document.uri)
        if document is None or document.path is None:
            return
        server.project_of(document.path).close_document(document.path)
        server.forget(document.uri)
        server.drop_idle_projects()


def _take(server: AgentLanguageServer, document: Document) -> None:
    """Lay a document over the disk, and analyse it if it is a plan; what else depends on it follows by itself."""
    if document.path is not None:
        server.project_of(document.path).open_document(document.path, document.text)
        server.publish(document.uri)
