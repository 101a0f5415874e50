"""`initialize`, `initialized` and `shutdown`."""

from typing import Any

from lsprotocol import types

from agent_server.lsp.client import Client
from agent_server.lsp.features import settings
from agent_server.lsp.handlers import notification, session_request
from agent_server.lsp.server import AgentLanguageServer
from agent_server.plan.formats import Formats
from agent_server.settings import WORKSPACE_FILES


@session_request(types.INITIALIZE)
def initialize(session: AgentLanguageServer, params: types.InitializeParams) -> types.InitializeResult:
    """Begin a session."""
    return session.begin(params)


@notification(types.INITIALIZED)
def initialized(session: AgentLanguageServer, _: types.InitializedParams) -> None:
    """Say what came up so far, and show what goes on already."""
    for problem in session.to_say:
        session.warn(problem)
    session.to_say.clear()
    session.join()
    if registrations := _registrations(session.client, session.settings.formats):
        session.client_register_capability(types.RegistrationParams(registrations))
    if session.client.answers_configuration:
        session.go(settings.pull(session))


def _registrations(client: Client, formats: Formats) -> list[types.Registration]:
    """What can only be asked for now: to hear of changed settings, and of files that others than the editor change.

    The workspace is watched by ourselves; the editor may see what we cannot, such as a folder on another machine.
    """
    found = []
    if client.registers_configuration:
        method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
        options: Any = types.DidChangeConfigurationRegistrationOptions(settings.SECTION)
        found.append(types.Registration("configuration", method, options))
    if client.registers_watched_files:
        globs = (f"**/{glob.removeprefix('**/')}" for glob in (*formats.globs, *sorted(WORKSPACE_FILES)))
        watchers = [types.FileSystemWatcher(glob) for glob in dict.fromkeys(globs)]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        found.append(types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    return found


@session_request(types.SHUTDOWN)
async def shutdown(session: AgentLanguageServer, _: None) -> None:
    """End a session: what runs goes on where the process does."""
    await session.protocol.settle()
    session.wind_down()
