"""A conformance test: what a handler takes and gives fits its method. Type checkers do not see it."""

import inspect
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from lsprotocol import types

from agent_server.lsp import commands, features
from agent_server.lsp.handlers import Handler

REQUESTS = [handler for handler in features.HANDLERS if not handler.is_command]


@pytest.mark.parametrize("handler", REQUESTS, ids=lambda handler: handler.name)
def test_a_handler_takes_the_parameters_of_its_method(handler: Handler) -> None:
    message = types.METHOD_TO_TYPES[handler.name][0]
    promised = get_type_hints(message).get("params", type(None))
    _, name = inspect.signature(handler.function).parameters
    taken = get_type_hints(handler.function)[name]
    assert taken in _alternatives(promised)


def test_each_message_has_one_handler() -> None:
    every = [handler.name for handler in (*features.HANDLERS, *commands.HANDLERS)]
    assert len(every) == len(set(every))


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return (kind, *get_args(kind)) if get_origin(kind) in (Union, UnionType) else (kind,)
