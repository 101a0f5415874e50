from typing import Any

import msgspec
import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.runs.lifecycle import RunState
from agent_server.lsp import messages
from agent_server.lsp.versions import NEWEST, OLDEST, Version, negotiated


def client(version: object) -> dict[str, Any]:
    return {"agentServer": {"version": version}}


@pytest.mark.parametrize(
    ("said", "spoken"),
    [
        ("0.1.0", "0.1.0"),
        ("0.1", "0.1.0"),
        ("0.1.7", "0.1.0"),
        ("0.2.0", "0.2.0"),
        ("0.2.0-beta.1", "0.2.0"),
        ("0.3.0", "0.3.0"),
        ("0.4.0", "0.4.0"),
        ("0.10.0", "0.4.0"),
        ("1.0.0", "0.4.0"),
        ("0.0.9", "0.1.0"),
    ],
)
def test_the_older_of_both_sides_newest_is_spoken(said: str, spoken: str) -> None:
    assert str(negotiated(client(said))) == spoken


@pytest.mark.parametrize(
    "experimental",
    [None, {}, [], "0.2.0", {"other": 1}, {"agentServer": None}, {"agentServer": True}, {"agentServer": {}}]
    + [
        client(version)
        for version in (None, 2, "", "two", "0", "0.", "v0.2.0", "0.2x", "-1.2.0", "0.99999", "\u0660.\u0662.0")
    ],
    ids=repr,
)
def test_a_client_that_names_no_version_that_can_be_read_is_one_of_0_1(experimental: object) -> None:
    assert negotiated(experimental) == OLDEST == Version(0, 1)


def test_the_newest_version_is_the_model_s() -> None:
    assert str(NEWEST) == messages.VERSION


def test_an_old_client_is_sent_the_status_and_a_new_one_what_replaced_it() -> None:
    assert {method for method in messages.NOTIFICATIONS if OLDEST.has(method)} == {messages.STATUS}
    assert {method for method in messages.NOTIFICATIONS if NEWEST.has(method)} == {
        messages.RUN_STATE,
        messages.SERVER_STATUS,
        messages.PLANS_CHANGED,
    }
    assert not Version(0, 3).has(messages.PLANS_CHANGED)
    assert not any(OLDEST.has(method) for method in messages.REQUESTS)
    assert all(NEWEST.has(method) for method in messages.REQUESTS)


@pytest.mark.parametrize(
    ("version", "told"), [(OLDEST, "cancelled"), (Version(0, 2), "cancelled"), (Version(0, 3), "discarded")]
)
def test_a_state_that_a_client_does_not_know_is_told_as_one_that_it_knows(version: Version, told: str) -> None:
    assert version.run_state(RunState.DISCARDED) == told
    assert version.task_state(TaskState.DISCARDED) == told
    assert version.run_state(RunState.HELD) == "held"
    assert version.task_state(TaskState.FAILED) == "failed"


def test_the_answer_names_what_is_spoken() -> None:
    assert msgspec.to_builtins(Version(0, 1).capabilities) == {"agentServer": {"version": "0.1.0"}}
