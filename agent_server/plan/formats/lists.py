"""Markdown lists as plans have them: items with or without a box, nested, and how far each of them reaches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent_server.plan.markdown import TEXT, Blocks
from agent_server.plan.model import Status
from agent_server.plan.text import Span

_ITEM = re.compile(
    r"(?P<indent>[ \t]*)(?:(?P<bullet>[-*+]|\d{1,9}[.)])(?:[ \t]+|$))?"
    r"(?:\\?\[(?P<box>[^\]\\\r\n]?)\\?\](?=[ \t]|$)[ \t]*)?"
)
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})\Z")
_DONE = frozenset("xX\u2713\u2714\u2705\u2611")
_SKIPPED = frozenset("-")


@dataclass(frozen=True, slots=True)
class ListItem:
    """One item: its lines from `line` to `last`, exclusive, what is nested in it and blank lines between included.

    `indent` is in columns. `box` is what stands in its box, a character or nothing; `content` is the rest of its first
    line. `above` is the item that it is nested in, by its place among all items.
    """

    line: int
    last: int
    indent: int
    box: Span | None
    content: Span
    above: int | None


def list_items(blocks: Blocks) -> list[ListItem]:
    """The items of all lists of a text, in its order. A line that begins with a box is an item without its bullet."""
    found: list[ListItem] = []
    ends: dict[int, int] = {}
    open_items: list[int] = []
    headings = {heading.line for heading in blocks.headings}
    shown, after_blank = 0, False
    for number in range(len(blocks.starts)):
        if blocks.starts[number] == blocks.ends[number]:
            after_blank = True
            continue
        item = None
        if blocks.kinds[number] == TEXT:
            line = blocks.text[blocks.starts[number] : blocks.ends[number]]
            item = _ITEM.match(line) if number not in headings and not _RULE.match(line) else None
            if item is not None and (item["bullet"] or item["box"] is not None):
                indent = blocks.indent(number)
                _close(open_items, ends, found, indent, shown)
                above = open_items[-1] if open_items else None
                box, content = _places(item, blocks.starts[number], blocks.ends[number])
                open_items.append(len(found))
                found.append(ListItem(number, number + 1, indent, box, content, above))
            elif number in headings or item is None:
                _close(open_items, ends, found, -1, shown)
            elif after_blank:
                _close(open_items, ends, found, blocks.indent(number), shown)
        elif after_blank:
            _close(open_items, ends, found, blocks.indent(number), shown)
        shown, after_blank = number + 1, False
    _close(open_items, ends, found, -1, shown)
    return [replace(item, last=ends[at]) for at, item in enumerate(found)]


def status_of(box: str) -> Status:
    """What a character in a box says. Ones that nobody knows, such as those for work that goes on, are open."""
    if box in _DONE and box:
        return Status.DONE
    return Status.SKIP if box in _SKIPPED and box else Status.TODO


def _places(match: re.Match[str], start: int, end: int) -> tuple[Span | None, Span]:
    """Where the box and the content of an item stand, whose line lies from `start` to `end`."""
    box = Span(start + match.start("box"), start + match.end("box")) if match["box"] is not None else None
    return box, Span(min(start + match.end(), end), end)


def _close(open_items: list[int], ends: dict[int, int], found: Sequence[ListItem], indent: int, line: int) -> None:
    """Let the items end before `line` that something at this indent cannot belong to."""
    while open_items and found[open_items[-1]].indent >= indent:
        ends[open_items.pop()] = line
