"""What the server answers: one file per request or family of notifications, each with `register(server)`."""

from agent_server.lsp.features import (
    code_action,
    code_lens,
    hover,
    initialize,
    settings,
    synchronize,
    watched_files,
    work_done_progress,
    workspace_folders,
)
from agent_server.lsp.server import AgentLanguageServer

_FEATURES = (
    initialize,
    settings,
    synchronize,
    watched_files,
    hover,
    code_lens,
    code_action,
    work_done_progress,
    workspace_folders,
)


def register(server: AgentLanguageServer) -> None:
    """Register every feature with `server`."""
    for feature in _FEATURES:
        feature.register(server)
