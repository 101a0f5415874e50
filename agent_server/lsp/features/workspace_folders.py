"""`workspace/didChangeWorkspaceFolders`: folders that come and go while the editor is open."""

from lsprotocol import types

from agent_server.lsp.server import AgentLanguageServer


def register(server: AgentLanguageServer) -> None:
    """Follow the client's workspace folders."""

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        event = params.event
        server.change_folders((folder.uri for folder in event.added), (folder.uri for folder in event.removed))
