"""Files that the client saw change: faster than our own watch, and there where ours cannot look."""

from lsprotocol import types

from agent_server.lsp.documents import path_of
from agent_server.lsp.server import AgentLanguageServer


def register(server: AgentLanguageServer) -> None:
    """Pass on what the client saw created, changed, deleted or renamed."""

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed(params: types.DidChangeWatchedFilesParams) -> None:
        _tell(server, [event.uri for event in params.changes])

    @server.feature(types.WORKSPACE_DID_RENAME_FILES)
    def renamed(params: types.RenameFilesParams) -> None:
        _tell(server, [uri for file in params.files for uri in (file.old_uri, file.new_uri)])


def _tell(server: AgentLanguageServer, uris: list[str]) -> None:
    for uri in uris:
        path = path_of(uri)
        if path is not None:
            project = server.project_of(path)
            project.workspace.files_changed((project.name_of(path),))
