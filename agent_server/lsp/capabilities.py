"""What the server says that it can do, in its answer to `initialize`.

pygls 2.1.1 makes it from the handlers. It does not know `workspace/textDocumentContent` (LSP 3.18), so that is added.
"""

from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from agent_server.lsp.connection import Table
from agent_server.plan.text import Encoding


def capabilities_of(table: Table, client: types.ClientCapabilities, encoding: Encoding) -> types.ServerCapabilities:
    """The capabilities for a client with these abilities, which counts positions in `encoding`."""
    options: dict[str, Any] = {
        name: handler.options for name, handler in table.messages.items() if handler.options is not None
    }
    builder = ServerCapabilitiesBuilder(
        client,
        set(table.messages),
        options,
        list(table.commands),
        types.TextDocumentSyncKind.Incremental,
        None,
        encoding.value,
    )
    capabilities: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
    content = options.get(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)
    if content is not None and capabilities.workspace is not None:
        capabilities.workspace.text_document_content = content
    return capabilities
