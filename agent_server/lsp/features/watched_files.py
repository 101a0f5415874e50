"""Files that the client saw change: faster than our own watch, and there where ours cannot look."""

from collections.abc import Iterable

from lsprotocol import types

from agent_server.lsp.documents import path_of
from agent_server.lsp.handlers import notification
from agent_server.lsp.server import AgentLanguageServer

_ANY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**"), scheme="file")]
)


@notification(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def changed(session: AgentLanguageServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Pass on what the client saw created, changed or deleted."""
    _tell(session, (event.uri for event in params.changes))


@notification(types.WORKSPACE_DID_CREATE_FILES, _ANY_FILE)
def created(session: AgentLanguageServer, params: types.CreateFilesParams) -> None:
    """Pass on what the user created."""
    _tell(session, (file.uri for file in params.files))


@notification(types.WORKSPACE_DID_DELETE_FILES, _ANY_FILE)
def deleted(session: AgentLanguageServer, params: types.DeleteFilesParams) -> None:
    """Pass on what the user deleted."""
    _tell(session, (file.uri for file in params.files))


@notification(types.WORKSPACE_DID_RENAME_FILES, _ANY_FILE)
def renamed(session: AgentLanguageServer, params: types.RenameFilesParams) -> None:
    """Pass on what the user renamed."""
    _tell(session, (uri for file in params.files for uri in (file.old_uri, file.new_uri)))


def _tell(session: AgentLanguageServer, uris: Iterable[str]) -> None:
    paths = [path for path in map(path_of, uris) if path]
    for project in session.projects:
        project.files_changed(paths)
