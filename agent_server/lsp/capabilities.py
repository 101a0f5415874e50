"""What the server says that it can do, in its answer to `initialize`.

pygls 2.1.1 makes it from the handlers. It does not know `workspace/textDocumentContent` (LSP 3.18), so that is added.
Diagnostics to be pulled are offered only to clients that can be told to pull them again.
"""

from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from agent_server.lsp.client import Client
from agent_server.lsp.table import Table


def capabilities_of(table: Table, named: types.ClientCapabilities, client: Client) -> types.ServerCapabilities:
    """The capabilities for a client that named these."""
    options: dict[str, Any] = {
        name: handler.options for name, handler in table.messages.items() if handler.options is not None
    }
    builder = ServerCapabilitiesBuilder(
        named,
        set(table.messages),
        options,
        list(table.commands),
        types.TextDocumentSyncKind.Incremental,
        None,
        client.encoding.value,
    )
    capabilities: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
    content = options.get(types.WORKSPACE_TEXT_DOCUMENT_CONTENT)
    if content is not None and capabilities.workspace is not None:
        capabilities.workspace.text_document_content = content
    if not client.refreshes_diagnostics:
        # It would ask once an edit, and go on showing what the files or a run have changed since: Neovim 0.11 does.
        capabilities.diagnostic_provider = None
    return capabilities
