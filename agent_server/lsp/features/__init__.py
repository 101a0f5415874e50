"""What the server answers: one file per request or family of notifications. A new one is a file, and a line here."""

from agent_server.lsp.features import (
    call_hierarchy,
    code_action,
    code_lens,
    completion,
    definition,
    hover,
    initialize,
    references,
    rename,
    schedule,
    settings,
    subscribe,
    synchronize,
    watched_files,
    work_done_progress,
    workspace_folders,
)
from agent_server.lsp.handlers import Handler, handlers_of

_FEATURES = (
    initialize,
    settings,
    subscribe,
    synchronize,
    watched_files,
    hover,
    code_lens,
    code_action,
    schedule,
    completion,
    definition,
    references,
    rename,
    call_hierarchy,
    work_done_progress,
    workspace_folders,
)

HANDLERS: tuple[Handler, ...] = tuple(handler for feature in _FEATURES for handler in handlers_of(feature))
