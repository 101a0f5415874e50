"""What the first line of a task says beside its id: its title, and the mark that it may run beside others."""

import re
from typing import NamedTuple

from agent_server.plan.checklists.dialects import Dialect

_LONGEST_TAIL = 80
_BEHIND_ID = "*_`~]\\:. \t"
_ENDING = " \t*_.#"
_ENDINGS = frozenset(f"{_ENDING})]")


class FirstLine(NamedTuple):
    """Where the title stands in the first line of a task, and where its mark does: at -1 where it has none."""

    start: int
    end: int
    mark_start: int
    mark_end: int


def first_line(dialect: Dialect, text: str, start: int, end: int, name: re.Match[str] | None) -> FirstLine:
    """What stands from `start` to `end`, apart from the id."""
    if name is not None:
        first = min(name.end(), end)
        if first == end and name["id"] is not None:
            # What looks like labels is all that it says.
            first = end - len(text[name.end("id") : end].lstrip(_BEHIND_ID))
    else:
        label = dialect.label.match(text, start, end) if dialect.label is not None else None
        first = label.end() if label is not None else start
    last, mark = end, mark_of(dialect, text, start, end, name)
    if mark is not None and mark.start() >= first:
        last = first + len(text[first : mark.start()].rstrip())
    if dialect.tail is not None and (tail := dialect.tail.search(text, max(first, last - _LONGEST_TAIL), last)):
        last = tail.start()
    return FirstLine(first, last, *(mark.span("mark") if mark is not None else (-1, -1)))


def mark_of(dialect: Dialect, text: str, start: int, end: int, name: re.Match[str] | None) -> re.Match[str] | None:
    """The mark of a task, whose first line says what stands from `start` to `end`: in its name, or behind the rest."""
    if dialect.mark is None:
        return None
    label = dialect.label.match(text, start, end) if name is None and dialect.label is not None else name
    mark = dialect.mark.search(text, start, min(label.end(), end)) if label is not None else None
    if mark is not None or text[end - 1 : end] not in _ENDINGS:
        return mark
    behind = dialect.mark.finditer(text, max(start, end - _LONGEST_TAIL), end)
    return next((mark for mark in behind if not text[mark.end() : end].strip(_ENDING)), None)
