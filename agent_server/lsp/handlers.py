"""How a handler says which message it takes, and what it wants to see while it answers.

A handler is a function of a module in `features/` or `commands/`, marked by one of these:

- `plan_request`: asks about one plan. It gets a `PlanSnapshot`, is pure, and may run in any thread. It waits until the
  workspace is listed; where the document is no plan, it is not called and the answer is null. The plan must be open,
  unless the handler is for closed ones, too.
- `plans_request`: asks about all plans of the client's workspaces, closed ones too. Pure, as above.
- `session_request`: gets the session itself, on the event loop. It may be a coroutine function; what waits for the disk
  or takes time goes to a thread.
- `notification`: gets the session, on the event loop, in the order of arrival.
- `command`: a `session_request` that clients send through `workspace/executeCommand`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import ModuleType
from typing import Any, TypeVar


class Needs(Enum):
    """What a handler is given beside the message's parameters."""

    PLAN = auto()
    PLANS = auto()
    SESSION = auto()


@dataclass(frozen=True, slots=True)
class Handler:
    """A function that takes one kind of message.

    `name` is the message's method, or the command's name. `options` is what the server's capabilities say of it.
    `uri_of` tells from the parameters of a `plan_request` which plan it asks about; `otherwise` is the answer, as JSON,
    where that is none. Where `otherwise` is None, too, the request is refused then. `closed`: it is also about plans
    that are not open, as their files say. `waits` tells from the parameters of a `plans_request` whether an answer that
    is no news may be held back until there are some.
    """

    name: str
    function: Callable[..., Any]
    needs: Needs
    options: Any = None
    is_command: bool = False
    uri_of: Callable[[Any], str | None] = lambda params: str(params.text_document.uri)
    otherwise: bytes | None = b"null"
    closed: bool = False
    waits: Callable[[Any], bool] = lambda _params: False


_Function = TypeVar("_Function", bound=Callable[..., Any])

_MARK = "__handler__"


def plan_request(
    method: str,
    options: Any = None,
    *,
    uri_of: Callable[[Any], str | None] | None = None,
    otherwise: bytes | None = b"null",
    closed: bool = False,
) -> Callable[[_Function], _Function]:
    """Mark a pure function `(plan, params) -> result`."""

    def mark(function: _Function) -> _Function:
        handler = Handler(method, function, Needs.PLAN, options, otherwise=otherwise, closed=closed)
        return _marked(handler if uri_of is None else replace(handler, uri_of=uri_of), function)

    return mark


def plans_request(
    method: str, options: Any = None, *, waits: Callable[[Any], bool] = lambda _params: False
) -> Callable[[_Function], _Function]:
    """Mark a pure function `(plans, params) -> result`."""
    return lambda function: _marked(Handler(method, function, Needs.PLANS, options, waits=waits), function)


def session_request(method: str, options: Any = None) -> Callable[[_Function], _Function]:
    """Mark a function or a coroutine function `(session, params) -> result`."""
    return lambda function: _marked(Handler(method, function, Needs.SESSION, options), function)


def notification(method: str, options: Any = None) -> Callable[[_Function], _Function]:
    """Mark a function `(session, params) -> None`."""
    return lambda function: _marked(Handler(method, function, Needs.SESSION, options), function)


def command(name: str) -> Callable[[_Function], _Function]:
    """Mark a function or a coroutine function `(session, *arguments) -> result`."""
    return lambda function: _marked(Handler(name, function, Needs.SESSION, is_command=True), function)


def handlers_of(module: ModuleType) -> tuple[Handler, ...]:
    """The handlers that a module defines, in its order."""
    functions = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
    return tuple(getattr(function, _MARK) for function in functions if hasattr(function, _MARK))


def _marked(handler: Handler, function: _Function) -> _Function:
    setattr(function, _MARK, handler)
    return function
