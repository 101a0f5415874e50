"""The handlers of all messages, and how the parameters of a message become what its handler takes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.lsp.converter import converter
from agent_server.lsp.handlers import Handler, Needs

_NOTIFICATIONS = frozenset(
    message for message, (kind, *_) in types.METHOD_TO_TYPES.items() if "id" not in kind.__annotations__
)
_PLAIN = (Any, dict, Mapping, Mapping[str, Any], dict[str, Any])


@dataclass(frozen=True, slots=True)
class Table:
    """The handlers of all messages: by method, and commands by name. `parameters` are the types of what they take."""

    messages: Mapping[str, Handler]
    commands: Mapping[str, Handler]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def notification(self, method: str) -> Handler | None:
        """Who takes a notification, if anybody does."""
        return self.messages.get(method) if method in _NOTIFICATIONS else None

    def request(self, method: str, params: Any) -> Handler | None:
        """Who takes a request, if anybody does; for a command that does not exist, whoever."""
        if method != types.WORKSPACE_EXECUTE_COMMAND:
            return self.messages.get(method) if method not in _NOTIFICATIONS else None
        name = params.get("command") if isinstance(params, dict) else None
        return self.commands.get(name, _NO_COMMAND) if isinstance(name, str) else _NO_COMMAND

    def structured(self, method: str, params: Any) -> Any:
        """The parameters as their handler takes them; raises `JsonRpcException` where they do not fit."""
        if method == types.WORKSPACE_EXECUTE_COMMAND:
            return _command_arguments(params, self.commands)
        try:
            return _structured(params, self.parameters[method])
        except Exception as error:  # cattrs raises what it likes
            words = f"The parameters of `{method}` do not fit. {_why(error)}"
            raise JsonRpcException(words, types.ErrorCodes.InvalidParams.value) from error


def table_of(handlers: Iterable[Handler]) -> Table:
    """The table that every connection shares."""
    every = tuple(handlers)
    messages = {handler.name: handler for handler in every if not handler.is_command}
    commands = {handler.name: handler for handler in every if handler.is_command}
    parameters = {name: _parameters_of(handler.function) for name, handler in messages.items()}
    return Table(messages, commands, parameters)


def _unknown_command(_session: Any, *_: Any) -> None:
    raise AssertionError("its arguments are refused before")  # pragma: no cover


_NO_COMMAND = Handler("", _unknown_command, Needs.SESSION, is_command=True)


def _command_arguments(params: Any, commands: Mapping[str, Handler]) -> tuple[Any, ...]:
    """What a command is given; raises a `JsonRpcException`."""
    name = params.get("command") if isinstance(params, dict) else None
    arguments = params.get("arguments") if isinstance(params, dict) else None
    if not isinstance(name, str) or name not in commands:
        raise JsonRpcException(f"There is no command {name!r}.", types.ErrorCodes.InvalidParams.value)
    if arguments is not None and not isinstance(arguments, list):
        raise JsonRpcException("`arguments` must be a list.", types.ErrorCodes.InvalidParams.value)
    return tuple(arguments or ())


def _structured(params: Any, kind: Any) -> Any:
    if kind is None or kind is type(None):
        return None
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return msgspec.convert(params, kind)
    if kind in _PLAIN:
        return params
    return converter.structure({} if params is None else params, kind)


def _parameters_of(function: Callable[..., Any]) -> Any:
    """The annotated type of a handler's second parameter."""
    hints = get_type_hints(function)
    hints.pop("return", None)
    return tuple(hints.values())[1]


def _why(error: Exception) -> str:
    """What cattrs or msgspec found wrong, in one line."""
    while isinstance(error, ExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}" if isinstance(error, KeyError) else str(error)
