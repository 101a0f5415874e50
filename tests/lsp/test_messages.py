"""Our own messages: the types that the server uses say what the model in `protocol/` says."""

from typing import Any, get_args

import msgspec
import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.runs.lifecycle import RunState
from agent_server.lsp import messages
from tests.protocol.conformance import ENUMERATIONS


def test_states_have_one_author_each() -> None:
    assert ENUMERATIONS["RunState"] == {state.value for state in RunState} == set(get_args(messages.RunState))
    assert ENUMERATIONS["TaskState"] == {state.value for state in TaskState} == set(get_args(messages.TaskState))


def test_what_may_be_left_out_is_left_out() -> None:
    assert msgspec.to_builtins(messages.Spend(tokens=3)) == {"tokens": 3}
    assert msgspec.to_builtins(messages.Spend(tokens=3, usd=0.5)) == {"tokens": 3, "usd": 0.5}


def test_a_null_that_means_something_is_sent() -> None:
    assert msgspec.to_builtins(messages.LaunchResult(run=None)) == {"run": None}


def test_fields_are_spelled_as_json_spells_them() -> None:
    told = msgspec.convert({"agentServer": {"version": "0.2.0"}}, messages.ExperimentalCapabilities)
    assert told.agent_server == messages.AgentServerCapabilities(version="0.2.0")


def test_a_newer_client_may_send_more_than_we_know() -> None:
    assert msgspec.convert({"runs": True, "status": False, "later": 1}, messages.SubscribeParams).runs


@pytest.mark.parametrize(
    ("method", "params", "told"),
    [
        (messages.SUBSCRIBE, {"runs": True}, "missing required field `status`"),
        (messages.SUBSCRIBE, {"runs": 1, "status": True}, "Expected `bool`, got `int` - at `$.runs`"),
        (messages.SCHEDULE, {"plan": None}, "Expected `str`, got `null` - at `$.plan`"),
        (messages.TRANSCRIPT, {"plan": "file:///a", "task": "a", "after": -1}, "Expected `int` >= 0 - at `$.after`"),
        (messages.CONTENT, [], "Expected `object`, got `array`"),
    ],
)
def test_params_that_do_not_fit_are_refused_with_the_reason(method: str, params: Any, told: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(params, messages.REQUESTS[method][0])
    assert told in str(refused.value)
