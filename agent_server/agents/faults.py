"""What went wrong with a request to a model, in words for the user, and whether trying again may help.

Anthropic's and httpx2's exceptions end here. Import this late, as `conversation.py`.
"""

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

import anthropic
import httpx2

from agent_server.agents.anthropic import Connection
from agent_server.agents.backend import Outcome, OutcomeKind

LONGEST_WAIT = 600.0
"""The longest pause that a server may ask for before the agent gives up instead, in seconds."""

_log = logging.getLogger(__name__)


class CutShort(Exception):
    """A stream ended before its message did."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How the agent ends if nobody tries again. `wait` is the pause in seconds that the server asked for.

    `is_limit`: the server has had too much, from all of us together.
    """

    outcome: Outcome
    wait: float | None = None
    is_limit: bool = False


def fault_of(error: Exception, model: str, connection: Connection) -> Fault:
    """Translate an exception. The message never holds the key."""
    words, passes, wait = _translated(error, model, connection)
    if wait is not None and wait > LONGEST_WAIT:
        passes = False
    is_limit = isinstance(error, anthropic.APIStatusError) and _status_of(error) in _LIMITS
    return Fault(Outcome(OutcomeKind.ERROR, words.replace(connection.key, "***"), retryable=passes), wait, is_limit)


def _translated(error: Exception, model: str, connection: Connection) -> tuple[str, bool, float | None]:
    """The words, whether the fault may pass, and the pause that the server asked for."""
    host = urlsplit(connection.address).netloc.rpartition("@")[2]
    match error:
        case anthropic.APIStatusError():
            return _status(error, model)
        case anthropic.APITimeoutError() | httpx2.TimeoutException():
            return f"`{host}` did not answer in time. Check the network, and try again.", True, None
        case CutShort() | httpx2.RemoteProtocolError() | httpx2.ReadError():
            return f"The connection to `{host}` broke in the middle of an answer. Try again.", True, None
        case anthropic.APIConnectionError() | httpx2.TransportError():
            return f"`{host}` could not be reached. Check the network and `ANTHROPIC_BASE_URL`.", True, None
        case anthropic.AnthropicError() | httpx2.HTTPError() | ValueError() | AssertionError():
            # The SDK also fails with these where an answer is not what the API promises.
            _log.warning("The answer of a model could not be read", exc_info=error)
            return f"The answer of `{host}` could not be read. Try again.", True, None
    _log.error("An agent failed", exc_info=error)
    return f"The agent failed by a fault of its own ({type(error).__name__}). The log has the details.", False, None


def _status(error: anthropic.APIStatusError, model: str) -> tuple[str, bool, float | None]:
    status = _status_of(error)
    said = f" ({error.api_message[:_LONGEST_QUOTE].rstrip('.')})" if error.api_message else ""
    words, passes = _WORDS.get(status) or _WORDS[500 if status >= 500 else 400]
    wait = _asked_wait(error.response.headers) if passes else None
    return words.format(model=model, said=said, status=status), passes, wait


def _status_of(error: anthropic.APIStatusError) -> int:
    return error.status_code if error.status_code >= 400 else _STATUS_OF.get(error.type or "", 500)


_LIMITS = frozenset({429, 529})
_LONGEST_QUOTE = 300  # code points of what the server said

# By status: what to tell the user, and whether trying again may help. 400 and 500 stand for all others of their kind.
_WORDS = {
    400: ("The model's server did not accept the request, with status {status}{said}.", False),
    401: ("The key was refused. Check `ANTHROPIC_API_KEY`, or choose another agent.", False),
    402: ("The account cannot pay for the model{said}. Check its billing.", False),
    403: ("The key may not use the model `{model}`{said}. Check the `models` setting.", False),
    404: ("Unknown model `{model}`. Check the `models` setting.", False),
    408: ("The model's server did not get the request in time. Try again.", True),
    409: ("The model's server was busy with this very request. Try again.", True),
    413: ("The conversation became larger than the model takes. Make the task smaller.", False),
    429: ("The rate limit is reached{said}. Try again later, or run fewer agents at once.", True),
    500: ("The model's server failed, with status {status}{said}. Try again later.", True),
    529: ("The model is overloaded. Try again later.", True),
}

# An error in the middle of a stream comes with status 200; its type says what it would have been.
# https://docs.anthropic.com/en/api/errors
_STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


def _asked_wait(headers: httpx2.Headers) -> float | None:
    """The pause that `retry-after-ms` or `retry-after` asks for, in seconds."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            wait = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        if 0 <= wait < float("inf"):
            return wait
    return None
