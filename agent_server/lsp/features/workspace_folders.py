"""`workspace/didChangeWorkspaceFolders`: folders that come and go while the editor is open."""

from lsprotocol import types

from agent_server.lsp.handlers import notification
from agent_server.lsp.server import AgentLanguageServer


@notification(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
def changed(session: AgentLanguageServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Follow the client's workspace folders."""
    event = params.event
    session.change_folders((folder.uri for folder in event.added), (folder.uri for folder in event.removed))
