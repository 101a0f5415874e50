"""Files that the client saw change: faster than our own watch, and there where ours cannot look."""

from collections.abc import Iterable

from lsprotocol import types

from agent_server.lsp.documents import path_of
from agent_server.lsp.server import AgentLanguageServer

_ANY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**"), scheme="file")]
)


def register(server: AgentLanguageServer) -> None:
    """Pass on what the client saw created, changed, deleted or renamed."""

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def changed(params: types.DidChangeWatchedFilesParams) -> None:
        _tell(server, (event.uri for event in params.changes))

    @server.feature(types.WORKSPACE_DID_CREATE_FILES, _ANY_FILE)
    def created(params: types.CreateFilesParams) -> None:
        _tell(server, (file.uri for file in params.files))

    @server.feature(types.WORKSPACE_DID_DELETE_FILES, _ANY_FILE)
    def deleted(params: types.DeleteFilesParams) -> None:
        _tell(server, (file.uri for file in params.files))

    @server.feature(types.WORKSPACE_DID_RENAME_FILES, _ANY_FILE)
    def renamed(params: types.RenameFilesParams) -> None:
        _tell(server, (uri for file in params.files for uri in (file.old_uri, file.new_uri)))


def _tell(server: AgentLanguageServer, uris: Iterable[str]) -> None:
    paths = [path for path in map(path_of, uris) if path]
    for project in server.projects:
        project.files_changed(paths)
