"""The format `codex-json`: what Codex writes with `codex exec --json`, a JSON object a line.

An item (`agent_message`, `command_execution`, `file_change`, ...) is told when it starts and when it is complete. The
whole task is one turn, whose `turn.completed` holds all that was used, and is the end.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent_server.agents.backend import Outcome, OutcomeKind, Retrying, Said, ToolCall, ToolStatus, Used
from agent_server.agents.output.parser import Heard, json_object, number, objects, shown

_LONGEST_MESSAGE = 2_000  # code points of the agent's last words
_KINDS = {"command_execution": "execute", "file_change": "edit", "mcp_tool_call": "mcp", "web_search": "search"}
_STATES = {"in_progress": ToolStatus.STARTED, "failed": ToolStatus.FAILED, "declined": ToolStatus.FAILED}


class CodexJson:
    """See `OutputParser`."""

    def __init__(self, place: Path) -> None:
        """See `PARSERS`."""
        self.last_words = ""
        self.failure = ""
        self._place = place
        self._retries = 0

    def read(self, line: str) -> Iterator[Heard]:
        """See `OutputParser.read`."""
        said = json_object(line)
        match said.get("type"):
            case "item.started" | "item.completed":
                item = said.get("item")
                yield from self._item(item if isinstance(item, dict) else {}, done=said["type"] == "item.completed")
            case "error":  # it tries again; what is final comes as `turn.failed`
                self._retries += 1
                yield Retrying(self._retries, str(said.get("message") or "a request failed")[:_LONGEST_MESSAGE])
            case "turn.completed":
                usage = said.get("usage")
                read, written = number(usage, "cached_input_tokens"), number(usage, "cache_write_input_tokens")
                yield Used(number(usage, "input_tokens"), number(usage, "output_tokens"), read, written)
                yield Outcome(OutcomeKind.DONE, self.last_words)
            case "turn.failed":
                error = said.get("error")
                words = str(error.get("message") or "") if isinstance(error, dict) else ""
                yield Outcome(OutcomeKind.ERROR, f"Codex failed. It says: {words[:_LONGEST_MESSAGE] or 'nothing'}")

    def _item(self, item: dict[str, Any], *, done: bool) -> Iterator[Heard]:
        kind, text = item.get("type"), item.get("text")
        if kind == "agent_message" and done and isinstance(text, str) and text.strip():
            self.last_words = text.strip()[:_LONGEST_MESSAGE]
            yield Said(text)
        elif kind in _KINDS:
            changed = (str(each.get("path") or "") for each in objects(item.get("changes")))
            paths = tuple(shown(path, self._place) for path in changed if path)
            state = _STATES.get(str(item.get("status")), ToolStatus.DONE) if done else ToolStatus.STARTED
            yield ToolCall(_KINDS[kind], paths, state)
