"""Writes changes back into todos in front matter: how one stands, and what it depends on."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agent_server.plan.model import Edit, Plan, Status, Task
from agent_server.plan.moving import moved
from agent_server.plan.text import Span
from agent_server.plan.writing import line_end_of, line_start, next_line, status_wanted

if TYPE_CHECKING:
    from agent_server.plan.todos.reading import Todo, Value

NEEDS = ("dependencies", "depends_on", "dependsOn", "deps")
"""The keys by which todos name what they depend on; the first is the one that is written."""

_WORDS = {Status.TODO: "pending", Status.DONE: "completed", Status.SKIP: "cancelled"}
_STATUSES = {
    "completed": Status.DONE,
    "complete": Status.DONE,
    "done": Status.DONE,
    "cancelled": Status.SKIP,
    "canceled": Status.SKIP,
    "skipped": Status.SKIP,
}
_PLAIN = re.compile(r"[A-Za-z_][\w.-]*")
_KEYWORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def status_of_word(word: str) -> Status:
    """Where a todo stands; work that goes on is open."""
    return _STATUSES.get(word.lower(), Status.TODO)


@dataclass(frozen=True)
class TodoWriter:
    """What todos can hold."""

    holds: ClassVar[frozenset[str]] = frozenset({"status", "needs"})
    mark: ClassVar[str] = ""

    def set_field(self, plan: Plan, task: Task, name: str, items: Sequence[str]) -> tuple[Edit, ...]:
        """Say how a todo stands, or what it depends on."""
        from agent_server.plan.todos.reading import read_todo  # noqa: PLC0415  # 20 ms that most plans do not need

        source, line_end = task.span.of(plan.text), line_end_of(plan.text)
        todo = read_todo(source)
        if name == "status":
            edits = _with_status(todo, status_wanted(items), line_end)
        else:
            edits = _with_needs(source, todo, items, line_end)
        return tuple(Edit(moved(edit.span, task.span.start), edit.new_text) for edit in edits)

    def append_task(self, _plan: Plan, _title: str, _fields: Mapping[str, Sequence[str]]) -> tuple[Edit, ...]:
        """No todo is added to a plan."""
        return ()


def _with_status(todo: "Todo", wanted: Status | None, line_end: str) -> tuple[Edit, ...]:
    if wanted is None:
        return ()
    word, value = _WORDS[wanted], todo.first("status")
    if value is None:
        return _new_entry(todo, "status", word, line_end)
    if not value.items:
        return (Edit(Span(value.key_end + 1, value.key_end + 1), f" {word}"),)
    same = status_of_word(value.items[0].text) is wanted
    return () if same else (Edit(value.items[0].span, word),)


def _with_needs(source: str, todo: "Todo", needs: Sequence[str], line_end: str) -> tuple[Edit, ...]:
    value = todo.first(*NEEDS)
    if value is None:
        return _new_entry(todo, NEEDS[0], f"[{', '.join(map(_spelled, needs))}]", line_end) if needs else ()
    if value.rows and needs:
        return _with_rows(source, value, needs, line_end)
    written = {item.text: _as_written(source, item.span) for item in value.items}
    listed = ", ".join(written.get(need) or _spelled(need) for need in needs)
    start = value.span.start if value.items and not value.rows else value.key_end + 1
    end = max(value.span.end, start)
    return (Edit(Span(start, end), f"[{listed}]" if start == value.span.start else f" [{listed}]"),)


def _with_rows(source: str, value: "Value", needs: Sequence[str], line_end: str) -> tuple[Edit, ...]:
    """Change a list that has one line an item."""
    had = [item.text for item in value.items]
    last = value.items[-1].span
    at = next_line(source, last.end)
    lead = source[line_start(source, last.start) : last.start].rstrip("\"'")
    gone = [item for item in value.items if item.text not in needs]
    new = "".join(f"{lead}{_spelled(need)}{line_end}" for need in needs if need not in had)
    edits = [Edit(Span(line_start(source, item.span.start), next_line(source, item.span.end)), "") for item in gone]
    return (*edits, Edit(Span(at, at), new)) if new else tuple(edits)


def _new_entry(todo: "Todo", key: str, value: str, line_end: str) -> tuple[Edit, ...]:
    """A line for a key that a todo does not have; none where it is on one line with all the rest."""
    if todo.indent is None:
        return ()
    return (Edit(Span(todo.end, todo.end), f"{' ' * todo.indent}{key}: {value}{line_end}"),)


def _spelled(need: str) -> str:
    is_plain = _PLAIN.fullmatch(need) and need.lower() not in _KEYWORDS
    return need if is_plain else json.dumps(need, ensure_ascii=False)


def _as_written(source: str, span: Span) -> str:
    """A scalar with its quotes."""
    quote = source[span.start - 1 : span.start]
    is_quoted = quote in ("'", '"') and source[span.end : span.end + 1] == quote
    return source[span.start - is_quoted : span.end + is_quoted]
