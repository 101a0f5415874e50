"""The least that a server does that is written with pygls, as its documentation would have it.

`python minimal_pygls.py PAYLOAD` does the work of `floor.py`: it leaves documents and messages to pygls, and publishes
what the file PAYLOAD (JSON: URI to diagnostics) has for a document at each of its versions.
"""

import json
import sys
from pathlib import Path

from lsprotocol import converters, types
from pygls.lsp.server import LanguageServer

server = LanguageServer("minimal", "1", text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
payload = converters.get_converter().structure(
    json.loads(Path(sys.argv[1]).read_text("utf-8")), dict[str, list[types.Diagnostic]]
)


def publish(uri: str, version: int) -> None:
    text = server.workspace.get_text_document(uri).source  # what an analysis would read
    found = payload.get(uri, []) if text else []
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, version))


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(params: types.DidOpenTextDocumentParams) -> None:
    publish(params.text_document.uri, params.text_document.version)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidChangeTextDocumentParams) -> None:
    publish(params.text_document.uri, params.text_document.version)


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(params: types.DidCloseTextDocumentParams) -> None:
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(_params: types.HoverParams) -> types.Hover:
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "A task."))


@server.feature(types.TEXT_DOCUMENT_COMPLETION)
def completion(_params: types.CompletionParams) -> list[types.CompletionItem]:
    return [types.CompletionItem("a-task", kind=types.CompletionItemKind.Reference)]


if __name__ == "__main__":
    server.start_io()
