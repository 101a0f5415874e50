"""What parsers make of the output of programs.

`claude_code/` holds what the real Claude Code wrote, version 2.1.197, and `codex/` what Codex did, version 0.171.0.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.backend import (
    Denied,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    ToolCall,
    ToolStatus,
    Used,
)
from agent_server.agents.output import PARSERS, Heard, Turn
from agent_server.agents.output.text import LONGEST_LINE, MOST_LINES

SITE = Path("/srv/site")
STARTED, DONE, FAILED = ToolStatus.STARTED, ToolStatus.DONE, ToolStatus.FAILED


def heard(output: str, lines: Iterable[str]) -> list[Heard]:
    parser = PARSERS[output](SITE)
    return [each for line in lines for each in parser.read(line)]


def of_claude(name: str) -> list[Heard]:
    return heard("stream-json", (Path(__file__).parent / "claude_code" / f"{name}.jsonl").read_text().splitlines())


def of_codex(*lines: dict[str, Any]) -> list[Heard]:
    return heard("codex-json", map(json.dumps, lines))


def test_claude_code_tells_what_it_says_does_and_uses() -> None:
    told = of_claude("edits")
    assert [each for each in told if not isinstance(each, Used | Turn)] == [
        Said("I write it."),
        ToolCall("write", ("new.txt",), STARTED),
        ToolCall("write", ("new.txt",), DONE),
        ToolCall("write", ("other.txt",), STARTED),
        Denied("write", "other.txt", "Claude Code was not permitted to write it"),
        ToolCall("write", ("other.txt",), FAILED),
        ToolCall("search", (".",), STARTED),
        ToolCall("search", (".",), DONE),
        ToolCall("read", ("missing.txt",), STARTED),
        ToolCall("read", ("missing.txt",), FAILED),
        Said("Done."),
        Outcome(OutcomeKind.DONE, "Done."),
    ]


def test_claude_codes_tokens_add_up_to_what_it_says_in_the_end() -> None:
    told = of_claude("edits")
    used = [each for each in told if isinstance(each, Used)]
    assert told.count(Turn()) == 5
    assert sum(each.input_tokens for each in used) == 500
    assert sum(each.output_tokens for each in used) == 100
    assert [each.usd for each in used[:-1]] == [None] * 5
    assert used[-1].usd == pytest.approx(0.003)


@pytest.mark.parametrize(
    ("name", "kind", "words", "retryable"),
    [
        ("wrong_key", OutcomeKind.ERROR, "Claude Code is not logged in, or its key was refused.", False),
        ("not_logged_in", OutcomeKind.ERROR, "Claude Code is not logged in, or its key was refused.", False),
        ("model_not_found", OutcomeKind.ERROR, "Check the `models` setting.", False),
        ("rate_limit", OutcomeKind.ERROR, "The rate limit is reached.", True),
        ("refused", OutcomeKind.REFUSED, "Reword its instructions", False),
        ("max_turns", OutcomeKind.MAX_TURNS, "Make the task smaller.", False),
    ],
)
def test_how_claude_code_ends(name: str, kind: OutcomeKind, words: str, retryable: bool) -> None:
    told = of_claude(name)
    outcome = next(each for each in told if isinstance(each, Outcome))
    assert (outcome.kind, outcome.retryable) == (kind, retryable)
    assert words in outcome.message


def test_words_of_claude_codes_own_are_none_of_the_agents() -> None:
    assert [each for each in of_claude("not_logged_in") if isinstance(each, Said | Turn)] == []


def test_claude_code_tells_that_it_tries_again() -> None:
    assert Retrying(1, "the model is overloaded") in of_claude("overloaded")


def test_codex_tells_what_it_says_does_and_uses() -> None:
    change = {"id": "2", "type": "file_change", "changes": [{"path": "/srv/site/src/a.ts", "kind": "add"}]}
    run = {"id": "1", "type": "command_execution", "command": "npm test"}
    assert of_codex(
        {"type": "thread.started", "thread_id": "0"},
        {"type": "turn.started"},
        {"type": "item.started", "item": {**run, "status": "in_progress"}},
        {"type": "item.completed", "item": {**run, "status": "failed", "exit_code": 1}},
        {"type": "error", "message": "Reconnecting... 1/5"},
        {"type": "item.completed", "item": {**change, "status": "completed"}},
        {"type": "item.completed", "item": {"id": "3", "type": "agent_message", "text": "Done."}},
        {"type": "turn.completed", "usage": {"input_tokens": 12, "cached_input_tokens": 8, "output_tokens": 3}},
    ) == [
        ToolCall("execute", (), STARTED),
        ToolCall("execute", (), FAILED),
        Retrying(1, "Reconnecting... 1/5"),
        ToolCall("edit", ("src/a.ts",), DONE),
        Said("Done."),
        Used(12, 3, 8),
        Outcome(OutcomeKind.DONE, "Done."),
    ]


def test_a_real_codex_is_understood() -> None:
    lines = (Path(__file__).parent / "codex" / "commands.jsonl").read_text().splitlines()
    assert heard("codex-json", lines) == [
        Said("I write it."),
        ToolCall("execute", (), STARTED),
        ToolCall("execute", (), DONE),
        ToolCall("execute", (), STARTED),
        ToolCall("execute", (), FAILED),
        Said("Done."),
        Used(300, 60, 120),
        Outcome(OutcomeKind.DONE, "Done."),
    ]


def test_codex_says_why_it_failed() -> None:
    told = of_codex({"type": "turn.failed", "error": {"message": "Missing environment variable: `OPENAI_API_KEY`."}})
    words = "Codex failed. It says: Missing environment variable: `OPENAI_API_KEY`."
    assert told == [Outcome(OutcomeKind.ERROR, words)]


def test_aider_tells_what_it_edits_and_uses() -> None:
    lines = (
        "Aider v0.86.2",
        "litellm.InternalServerError: overloaded",
        "Retrying in 0.2 seconds...",
        "Tokens: 1.2k sent, 800 cache write, 36 received. Cost: $0.05 message, $0.11 session.",
        "Applied edit to src/my nav.tsx",
        "Tokens: 12k sent, 1.1k received.",
    )
    parser = PARSERS["aider"](SITE)
    assert [each for line in lines for each in parser.read(line)] == [
        Said("Aider v0.86.2"),
        Said("litellm.InternalServerError: overloaded"),
        Retrying(1, "litellm.InternalServerError: overloaded"),
        Turn(),
        Used(1_200, 36, usd=0.05),
        ToolCall("edit", ("src/my nav.tsx",), DONE),
        Turn(),
        Used(12_000, 1_100),
    ]
    assert parser.failure == ""


def test_of_text_each_line_is_said_and_the_last_is_remembered() -> None:
    parser = PARSERS["text"](SITE)
    told = [each for line in ("One", "", "  Two", "x" * 9_000) for each in parser.read(line)]
    assert told == [Said("One"), Said("  Two"), Said("x" * LONGEST_LINE)]
    assert parser.last_words == "x" * LONGEST_LINE


def test_a_flood_of_text_is_told_once() -> None:
    told = heard("text", ["y"] * (MOST_LINES + 100))
    assert len(told) == MOST_LINES + 1
    assert told[-1] == Said("(The agent writes more than 5,000 lines. The others are left out.)")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
NAMES = (
    "message",
    "usage",
    "content",
    "error",
    "errors",
    "item",
    "result",
    "subtype",
    "permission_denials",
    "modelUsage",
)
TYPES = ("system", "assistant", "user", "result", "item.completed", "turn.failed", "turn.completed", "error")


@given(st.sampled_from(sorted(PARSERS)), st.sampled_from(TYPES), st.dictionaries(st.sampled_from(NAMES), JSON), JSON)
def test_no_line_makes_a_parser_raise(output: str, kind: str, fields: dict[str, Any], other: Any) -> None:
    parser = PARSERS[output](SITE)
    message = {
        "message": {"id": other, "content": [other, {"type": "tool_use", "id": "1", "name": "x", "input": other}]}
    }
    for line in ({"type": kind, **fields}, {"type": kind, **message}, other):
        list(parser.read(json.dumps(line)))
    list(parser.read("[" * 100_000))
    list(parser.read("warning: \x1b[31mnot JSON"))
