"""Where a checklist says what a task waits for: `(depends on T001, T002)`, `- **Dependencies**: T003`, `after T004`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.items import each_once
from agent_server.plan.model import Item
from agent_server.plan.text import Span

_NUMBERED = re.compile(r"(?P<stem>(?:.*\D)?)(?P<number>\d+)\Z", re.DOTALL)
_DENIED = re.compile(r"(?:\b(?:not?|never|without|don't|doesn't|n[ao]o)|[\u4e0d\u65e0\u7121])[ \t*_]*\Z", re.IGNORECASE)
_LETTERS = re.compile("[A-Z]*")
_LONGEST_RANGE = 100
_BEFORE = 40


class Phrase(NamedTuple):
    """Words that say what a task waits for: all of them, the list of ids alone, and what it names."""

    span: Span
    ids: Span
    items: tuple[Item, ...]


def phrases(dialect: Dialect, text: str, own: str) -> Iterator[Phrase]:
    """What the text of the task `own` says that it waits for.

    Words that deny it, that have another task before them (`T003 depends on T002`), or that name ids of another kind
    than the task's own (`requires S256`) are about something else.
    """
    if dialect.needs is None:
        return
    for found in dialect.needs.finditer(text):
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        if _DENIED.search(before) or _is_of_another(dialect, before, own):
            continue
        items = tuple(
            item
            for each in dialect.id.finditer(text, *found.span("ids"))
            for item in _items(each)
            if kind_of(item.text) == kind_of(own)
        )
        if items:
            yield Phrase(Span(*found.span()), Span(*found.span("ids")), items)


def needed(dialect: Dialect, text: str, own: str) -> tuple[Item, ...]:
    """The ids that the text of the task `own` says it waits for, each once."""
    return each_once(item for phrase in phrases(dialect, text, own) for item in phrase.items if item.text != own)


def _items(each: re.Match[str]) -> Iterator[Item]:
    """The id, or all ids of a range: each of these then stands where the range does."""
    first, last = each["id"], each["last"]
    if last is None:
        yield Item(first, Span(*each.span("id")))
        return
    span = Span(each.start("id"), each.end("last"))
    start, end = _NUMBERED.match(first), _NUMBERED.match(last)
    if start and end and start["stem"] == end["stem"]:
        numbers = range(int(start["number"]), int(end["number"]) + 1)
        if 0 < len(numbers) <= _LONGEST_RANGE:
            width = len(start["number"])
            for number in numbers:
                yield Item(f"{start['stem']}{number:0{width}}", span)
            return
    yield Item(first, Span(*each.span("id")))
    yield Item(last, Span(*each.span("last")))


def _is_of_another(dialect: Dialect, before: str, own: str) -> bool:
    last: re.Match[str] | None = None
    for found in dialect.id.finditer(before):
        last = found
    return last is not None and last[0] != own and not before[last.end() :].strip(" \t*_`])")


def kind_of(task_id: str) -> str:
    """What ids of one kind have in common: the letters that they start with."""
    letters = _LETTERS.match(task_id)
    return letters[0] if letters is not None else ""
