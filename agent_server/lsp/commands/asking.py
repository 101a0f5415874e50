"""The question before what cannot be taken back: shown by the client, and never waited for by a command."""

import asyncio

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.lsp.markdown import unlinked
from agent_server.lsp.server import AgentLanguageServer

BULLET = "\n• "
"""What each line of a question begins with, but the first: VS Code shows a message as one paragraph."""

_PAUSE = 0.1  # seconds between the answer to the command and the question
_NO = "Not now"


async def agrees(
    session: AgentLanguageServer,
    words: str,
    yes: str,
    otherwise: str,
    kind: types.MessageType = types.MessageType.Warning,
) -> bool:
    """Whether the user says `yes` to `words`; the answer may come late, when much has changed, or never.

    To a user whose client cannot ask it is said what to do `otherwise`.
    """
    # A client may overlook what comes in one go with an answer that it waits for, until something else comes. Emacs 28
    # does (`jsonrpc--process-filter`), and nothing else would come before the user has answered.
    await asyncio.sleep(_PAUSE)
    buttons = [types.MessageActionItem(yes), types.MessageActionItem(_NO)]
    try:
        answer = await session.window_show_message_request_async(
            types.ShowMessageRequestParams(kind, unlinked(words), buttons)
        )
    except JsonRpcException:
        session.say(f"Your editor could not ask for a yes. {otherwise}", types.MessageType.Error)
        return False
    return answer is not None and answer.title == yes
