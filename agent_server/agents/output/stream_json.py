"""The format `stream-json`: what Claude Code writes with `--output-format stream-json --verbose`, a JSON object a line.

    system     `init`, and `api_retry` before another attempt at a request that failed
    assistant  a part of a message of the model: a text, or a call of a tool
    user       the answers of tools
    result     the end: how it went, what it used, what it cost, and which calls were not permitted

The parts of one message come in lines of their own, each with the message's id and its usage *at its start*. So input
is counted when a message begins; `result` holds the true sums, and what is missing is counted there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from agent_server.agents.output.parser import Heard, Turn, amount, json_object, number, objects, shown

_LONGEST_MESSAGE = 2_000  # code points of the agent's last words
_NOT_PERMITTED = "Permission to use "  # how the answer begins that a tool gives which was not permitted
_REASON = "Claude Code was not permitted to"
_KINDS = {"Grep": "search", "Glob": "list", "NotebookEdit": "edit", "Bash": "execute"}
_PATHS = ("file_path", "notebook_path", "path")
_KEYS_REFUSED = frozenset({401, 403})

_RETRIES = {
    "rate_limit": "the rate limit is reached",
    "overloaded": "the model is overloaded",
    "server_error": "the model's server failed",
}
# By the end of the agent's last message that is none of the model's: what to tell the user, and whether to try again.
_ERRORS = {
    "authentication_failed": ("Claude Code is not logged in, or its key was refused.", False),
    "billing_error": ("The account cannot pay for the model. Check its billing.", False),
    "model_not_found": ("Claude Code cannot use this model. Check the `models` setting.", False),
    "rate_limit": ("The rate limit is reached. Try again later, or run fewer agents at once.", True),
    "overloaded": ("The model is overloaded. Try again later.", True),
    "server_error": ("The model's server failed. Try again later.", True),
}


@dataclass(frozen=True, slots=True)
class _Call:
    kind: str
    paths: tuple[str, ...]


class StreamJson:
    """See `OutputParser`."""

    def __init__(self, place: Path) -> None:
        """See `PARSERS`."""
        self.last_words = ""
        self.failure = ""
        self._place = place
        self._message = ""
        self._error = ""
        self._calls: dict[str, _Call] = {}
        self._counted = Used(0, 0)

    def read(self, line: str) -> Iterator[Heard]:
        """See `OutputParser.read`."""
        said = json_object(line)
        match said.get("type"):
            case "system" if said.get("subtype") == "api_retry":
                yield from self._retry(said)
            case "assistant":
                yield from self._assistant(said)
            case "user":
                yield from self._answers(said)
            case "result":
                yield from self._result(said)

    def _retry(self, said: dict[str, Any]) -> Iterator[Heard]:
        status = said.get("error_status")
        if status in _KEYS_REFUSED:  # it would try again for minutes
            yield Outcome(OutcomeKind.ERROR, _ERRORS["authentication_failed"][0])
            return
        error = str(said.get("error") or "")
        reason = _RETRIES.get(error) or f"a request failed ({error or 'no reason was told'})"
        yield Retrying(number(said, "attempt") or 1, reason)

    def _assistant(self, said: dict[str, Any]) -> Iterator[Heard]:
        message = said.get("message")
        if not isinstance(message, dict):
            return
        self._error = str(said.get("error") or "")
        if not self._error and not said.get("parent_tool_use_id"):
            yield from self._begun(message)
        for block in objects(message.get("content")):
            match block:
                case {"type": "text", "text": str(text)} if text.strip():
                    self.last_words = text.strip()[:_LONGEST_MESSAGE]
                    if not self._error:
                        yield Said(text)
                case {"type": "tool_use", "id": str(call), "name": str(name)}:
                    yield self._called(call, name, block.get("input"))

    def _begun(self, message: dict[str, Any]) -> Iterator[Heard]:
        """Another message of the model, if it is not the one before."""
        name = str(message.get("id") or "")
        if name == self._message:
            return
        self._message = name
        yield Turn()
        usage = message.get("usage")
        read, written = number(usage, "cache_read_input_tokens"), number(usage, "cache_creation_input_tokens")
        used = Used(number(usage, "input_tokens") + read + written, number(usage, "output_tokens"), read, written)
        self._counted = _sum(self._counted, used)
        yield used

    def _called(self, call: str, name: str, given: object) -> ToolCall:
        table = given if isinstance(given, dict) else {}
        paths = tuple(shown(table[key], self._place) for key in _PATHS if isinstance(table.get(key), str))
        kind = _KINDS.get(name, name.lower())
        self._calls[call] = _Call(kind, paths)
        return ToolCall(kind, paths, ToolStatus.STARTED)

    def _answers(self, said: dict[str, Any]) -> Iterator[Heard]:
        message = said.get("message")
        for block in objects(message.get("content") if isinstance(message, dict) else None):
            call = self._calls.pop(str(block.get("tool_use_id") or ""), None)
            if block.get("type") != "tool_result" or call is None:
                continue
            failed = block.get("is_error") is True
            if failed and str(block.get("content") or "").startswith(_NOT_PERMITTED):
                yield from _denied(call)
            yield ToolCall(call.kind, call.paths, ToolStatus.FAILED if failed else ToolStatus.DONE)

    def _result(self, said: dict[str, Any]) -> Iterator[Heard]:
        for denial in objects(said.get("permission_denials")):
            call = self._calls.pop(str(denial.get("tool_use_id") or ""), None)
            if call is not None:  # its answer never came
                yield from _denied(call)
        rest, usd = _missing(_total(said), self._counted), amount(said.get("total_cost_usd"))
        if rest != Used(0, 0) or usd:
            yield Used(
                rest.input_tokens, rest.output_tokens, rest.cache_read_tokens, rest.cache_write_tokens, usd=usd or None
            )
        yield self._end(said)

    def _end(self, said: dict[str, Any]) -> Outcome:
        last = str(said.get("result") or self.last_words).strip()[:_LONGEST_MESSAGE]
        match said.get("subtype"):
            case "error_max_turns":
                words = "Claude Code was not done when its turns were used up. Make the task smaller."
                return Outcome(OutcomeKind.MAX_TURNS, words)
            case "error_max_budget_usd":
                words = "Claude Code was not done when its own budget was used up. Make the task smaller."
                return Outcome(OutcomeKind.OVER_BUDGET, words)
        if said.get("stop_reason") == "refusal":
            words = "The model refused the task. Reword its instructions, or give it another model."
            return Outcome(OutcomeKind.REFUSED, words)
        if said.get("is_error") is not True:
            return Outcome(OutcomeKind.DONE, last)
        words, passes = _ERRORS.get(self._error, ("Claude Code failed.", False))
        errors = said.get("errors")
        reasons = last or "; ".join(map(str, errors if isinstance(errors, list) else ()))
        return Outcome(OutcomeKind.ERROR, f"{words} It says: {reasons}" if reasons else words, retryable=passes)


def _denied(call: _Call) -> Iterator[Denied]:
    for path in call.paths:
        yield Denied(call.kind, path, f"{_REASON} {call.kind} it")


def _total(said: dict[str, Any]) -> Used:
    """All tokens: of all models where the result tells them apart, as it also asks small ones of its own accord."""
    models = said.get("modelUsage")
    tables = objects(list(models.values())) if isinstance(models, dict) else []
    total = Used(0, 0)
    for table in tables:
        read, written = number(table, "cacheReadInputTokens"), number(table, "cacheCreationInputTokens")
        used = Used(number(table, "inputTokens") + read + written, number(table, "outputTokens"), read, written)
        total = _sum(total, used)
    return total


def _sum(one: Used, other: Used) -> Used:
    return Used(
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        one.cache_read_tokens + other.cache_read_tokens,
        one.cache_write_tokens + other.cache_write_tokens,
    )


def _missing(total: Used, counted: Used) -> Used:
    return Used(
        max(0, total.input_tokens - counted.input_tokens),
        max(0, total.output_tokens - counted.output_tokens),
        max(0, total.cache_read_tokens - counted.cache_read_tokens),
        max(0, total.cache_write_tokens - counted.cache_write_tokens),
    )
