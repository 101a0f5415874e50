"""`workspace/didChangeConfiguration`: the client's settings, live."""

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from agent_server.lsp.handlers import notification
from agent_server.lsp.server import AgentLanguageServer
from agent_server.settings import NAMES

SECTION = "agentServer"


@notification(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
def changed(session: AgentLanguageServer, params: types.DidChangeConfigurationParams) -> None:
    """Take changed settings, with or without the section's name round them."""
    values = _ours(params.settings)
    if values is None:
        return
    for problem in session.configure(values):
        session.say(problem, types.MessageType.Warning)


def _ours(values: Any) -> Mapping[str, Any] | None:
    """Our part of what a client sent; None where there is none: many send null, nothing, or other servers' settings."""
    if not isinstance(values, Mapping):
        return None
    if SECTION in values:
        section = values[SECTION]
        return section if isinstance(section, Mapping) else None
    return values if NAMES & values.keys() else None
