"""The examples of the reference page are true to the model, and to the types that the server uses."""

from typing import Any

import msgspec
import pytest

from agent_server.lsp import messages
from protocol.model import examples, load
from tests.protocol.conformance import conforms, reference

MODEL = load()
EXAMPLES = examples()
PARTS = [
    *((each.method, "params", each.params) for each in MODEL.messages),
    *((each.method, "result", each.result) for each in MODEL.requests),
    *((each.command, "argument", reference(each.argument)) for each in MODEL.commands),
    *((each.command, "result", reference(each.result)) for each in MODEL.commands),
]
TYPES: dict[str, tuple[Any, ...]] = {
    **messages.REQUESTS,
    **{method: (params,) for method, params in messages.NOTIFICATIONS.items()},
    **messages.COMMANDS,
}


def test_every_message_and_command_has_an_example_and_nothing_else_has() -> None:
    assert {(name, part) for name, parts in EXAMPLES.items() for part in parts} == {part[:2] for part in PARTS}


@pytest.mark.parametrize(("name", "part", "kind"), PARTS, ids=lambda each: each if isinstance(each, str) else "")
def test_an_example_is_true_to_the_model(name: str, part: str, kind: Any) -> None:
    assert conforms(EXAMPLES[name][part], msgspec.to_builtins(kind))


@pytest.mark.parametrize(("name", "part", "_kind"), PARTS, ids=lambda each: each if isinstance(each, str) else "")
def test_an_example_is_true_to_the_types_of_the_server(name: str, part: str, _kind: Any) -> None:
    wanted = TYPES[name][1 if part == "result" else 0]
    assert msgspec.to_builtins(msgspec.convert(EXAMPLES[name][part], wanted)) == EXAMPLES[name][part]


def test_a_value_that_is_not_true_to_the_model_is_noticed() -> None:
    run = EXAMPLES["agentServer/runState"]["params"]
    assert conforms(run, reference("RunReport"))
    for change in ({"state": "asleep"}, {"wave": -1}, {"percentage": True}, {"extra": 1}, {"tasks": [{}]}):
        assert not conforms({**run, **change}, reference("RunReport"))
    assert not conforms({name: value for name, value in run.items() if name != "wave"}, reference("RunReport"))
