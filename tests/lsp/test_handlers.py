"""A conformance test: what a handler takes and gives fits its method. Type checkers do not see it."""

import inspect
from collections.abc import Callable
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from lsprotocol import types

from agent_server.lsp import commands, features
from agent_server.lsp.server import AgentLanguageServer


def registered() -> dict[str, Callable[..., Any]]:
    server = AgentLanguageServer({})
    features.register(server)
    commands.register(server)
    return dict(server.protocol.fm.features)


@pytest.mark.parametrize(("method", "handler"), sorted(registered().items()))
def test_a_handler_takes_the_parameters_of_its_method(method: str, handler: Callable[..., Any]) -> None:
    message = types.METHOD_TO_TYPES[method][0]
    promised = get_type_hints(message).get("params", type(None))
    (name,) = inspect.signature(handler).parameters
    taken = get_type_hints(handler)[name]
    assert taken in _alternatives(promised)


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return (kind, *get_args(kind)) if get_origin(kind) in (Union, UnionType) else (kind,)
