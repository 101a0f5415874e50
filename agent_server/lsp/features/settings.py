"""The client's settings, live: `workspace/didChangeConfiguration`, and `workspace/configuration` to pull them."""

from collections.abc import Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.lsp.handlers import notification
from agent_server.lsp.server import AgentLanguageServer
from agent_server.settings import NAMES

SECTION = "agentServer"


@notification(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
def changed(session: AgentLanguageServer, params: types.DidChangeConfigurationParams) -> None:
    """Take changed settings, with or without the section's name round them; ask for them where they are not sent."""
    values = _ours(params.settings)
    if values is not None:
        _outdate(session)
        _configure(session, values)
    elif session.client.answers_configuration:
        session.go(pull(session))


async def pull(session: AgentLanguageServer) -> None:
    """Ask the client for its settings, and lay them over those that came with `initialize`."""
    wanted = types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    asked = session.protocol.send_request(types.WORKSPACE_CONFIGURATION, wanted)
    session.pulls.add(asked)
    try:
        answer = await asked
    except JsonRpcException:
        return  # what came with `initialize` holds
    finally:
        is_newest = asked in session.pulls
        session.pulls.discard(asked)
    values = answer[0] if answer else None
    if is_newest and isinstance(values, Mapping) and values:
        _configure(session, {**session.options, **values})


def _outdate(session: AgentLanguageServer) -> None:
    """Forget the answers that came before what is sent now, and that nobody has looked at yet.

    Both may come in one piece. Then this message is handled first, and an older answer would undo it.
    """
    session.pulls -= {asked for asked in session.pulls if asked.done()}


def _configure(session: AgentLanguageServer, values: Mapping[str, Any]) -> None:
    for problem in session.configure(values):
        session.warn(problem)


def _ours(values: Any) -> Mapping[str, Any] | None:
    """Our part of what a client sent; None where there is none: many send null, nothing, or other servers' settings."""
    if not isinstance(values, Mapping):
        return None
    if SECTION in values:
        section = values[SECTION]
        return section if isinstance(section, Mapping) else None
    return values if NAMES & values.keys() else None
