"""Files that the client saw change: faster than our own watch, and there where ours cannot look."""

from collections.abc import Iterable

from lsprotocol import types

from agent_server.lsp.documents import path_of
from agent_server.lsp.handlers import notification
from agent_server.lsp.server import AgentLanguageServer

ANY_FILE = types.FileOperationRegistrationOptions(
    [types.FileOperationFilter(types.FileOperationPattern("**"), scheme="file")]
)
"""Asks clients for all operations on files, and on folders too."""


@notification(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
def changed(session: AgentLanguageServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Pass on what the client saw created, changed or deleted."""
    tell(session, (event.uri for event in params.changes))


@notification(types.WORKSPACE_DID_CREATE_FILES, ANY_FILE)
def created(session: AgentLanguageServer, params: types.CreateFilesParams) -> None:
    """Pass on what the user created."""
    tell(session, (file.uri for file in params.files))


@notification(types.WORKSPACE_DID_DELETE_FILES, ANY_FILE)
def deleted(session: AgentLanguageServer, params: types.DeleteFilesParams) -> None:
    """Pass on what the user deleted."""
    tell(session, (file.uri for file in params.files))


def tell(session: AgentLanguageServer, uris: Iterable[str]) -> None:
    """Pass on that something happened to these files."""
    paths = [path for path in map(path_of, uris) if path]
    for project in session.projects:
        project.files_changed(paths)
