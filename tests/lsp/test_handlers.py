"""Conformance: what a handler takes, gives and registers fits its message. Type checkers do not see it.

LSP's own messages are held to lsprotocol's types, ours to those that are generated from `protocol/agent-server.json`.
"""

import inspect
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from lsprotocol import types

from agent_server.lsp import commands, features, messages
from agent_server.lsp.encoded import Encoded
from agent_server.lsp.handlers import Handler

OURS = "agentServer/"
HANDLERS = {handler.name: handler for handler in features.HANDLERS}
COMMANDS = {handler.name: handler for handler in commands.HANDLERS}
STANDARD = [handler for name, handler in HANDLERS.items() if not name.startswith(OURS)]
OWN = [handler for name, handler in HANDLERS.items() if name.startswith(OURS)]


def by_name(handler: Handler) -> str:
    return handler.name


@pytest.mark.parametrize("handler", STANDARD, ids=by_name)
def test_a_handler_takes_the_parameters_of_its_method(handler: Handler) -> None:
    message = types.METHOD_TO_TYPES[handler.name][0]
    promised = get_type_hints(message).get("params", type(None))
    assert taken(handler) in alternatives(promised)


@pytest.mark.parametrize("handler", STANDARD, ids=by_name)
def test_a_handler_gives_the_result_of_its_method(handler: Handler) -> None:
    response = types.METHOD_TO_TYPES[handler.name][1]
    promised = get_type_hints(response)["result"] if response else type(None)
    given = unwrapped(get_type_hints(handler.function)["return"])
    assert fits(given, promised), f"{given} is not {promised}"


@pytest.mark.parametrize("handler", [each for each in STANDARD if each.options is not None], ids=by_name)
def test_a_handler_registers_with_the_options_of_its_method(handler: Handler) -> None:
    registration = types.METHOD_TO_TYPES[handler.name][3]
    assert registration is not None, "this method is not registered with options"
    fields = {field.name: hint_of(registration, field.name) for field in attrs.fields(registration)}
    kind = type(handler.options)
    # Capabilities say all of it but the documents, or (of semantic tokens) one part of it.
    whole = {field.name: hint_of(kind, field.name) for field in attrs.fields(kind)}
    assert whole.items() <= fields.items() or any(kind in alternatives(hint) for hint in fields.values())


def test_each_message_has_one_handler() -> None:
    every = [handler.name for handler in (*features.HANDLERS, *commands.HANDLERS)]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("method", messages.REQUESTS)
def test_each_request_of_ours_has_a_handler_that_takes_and_gives_what_the_model_says(method: str) -> None:
    assert method in HANDLERS, "nothing handles this request"
    params, result = messages.REQUESTS[method]
    assert taken(HANDLERS[method]) is params
    assert fits(get_type_hints(HANDLERS[method].function)["return"], result)


@pytest.mark.parametrize("handler", OWN, ids=by_name)
def test_each_handler_of_ours_is_in_the_model(handler: Handler) -> None:
    assert handler.name in messages.REQUESTS


def test_the_commands_are_those_of_the_model() -> None:
    assert set(COMMANDS) == set(messages.COMMANDS)


@pytest.mark.parametrize(
    ("given", "promised", "is_fit"),
    [
        (types.Hover | None, types.Hover | None, True),
        (types.Hover, types.Hover | None, True),
        (types.Location | None, types.Hover | None, False),
        (list[types.CodeLens], Sequence[types.CodeLens] | None, True),
        (tuple[types.CodeLens, ...], Sequence[types.CodeLens] | None, True),
        (list[types.Hover], Sequence[types.CodeLens] | None, False),
        (list[types.Command | types.CodeAction], Sequence[types.CodeAction | types.Command] | None, True),
        (list[types.Command], Sequence[types.CodeAction | types.Command] | None, True),
        (Any, types.Hover | None, False),
    ],
)
def test_what_fits(given: Any, promised: Any, is_fit: bool) -> None:
    assert fits(given, promised) is is_fit


def taken(handler: Handler) -> Any:
    """The type of a handler's second parameter."""
    _, name = inspect.signature(handler.function).parameters
    return get_type_hints(handler.function)[name]


def fits(given: Any, promised: Any) -> bool:
    """Whether every value of the one type is one of the other."""
    return all(any(_fits_one(one, other) for other in alternatives(promised)) for one in alternatives(given))


def _fits_one(given: Any, promised: Any) -> bool:
    if get_origin(promised) is Sequence and get_origin(given) in (list, tuple, Sequence):
        return fits(get_args(given)[0], get_args(promised)[0])
    if get_origin(promised) is Mapping and get_origin(given) in (dict, Mapping):
        return all(map(fits, get_args(given), get_args(promised)))
    return bool(given == promised)


def unwrapped(kind: Any) -> Any:
    """What a result is that a handler has encoded itself."""
    return get_args(kind)[0] if get_origin(kind) is Encoded else kind


def alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def hint_of(kind: Any, field: str) -> Any:
    return get_type_hints(kind)[field]
