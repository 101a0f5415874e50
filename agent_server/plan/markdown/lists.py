"""Markdown lists as plans have them: items with or without a box, nested, and how far each of them reaches."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent_server.plan.markdown.blocks import TEXT, Blocks
from agent_server.plan.markdown.conflicts import conflict_mark
from agent_server.plan.text import Span

_ITEM = re.compile(
    r"(?P<indent>[ \t]*+)(?P<bullet>(?:[-*+]|\d{1,9}[.)])(?:[ \t]++|\Z))?+"
    r"(?:\\?\[(?P<box>[xX]|[^\w\]\\\r\n]?)\\?\](?P<star>\\?\*)?+(?:[ \t]++|\Z))?+"
)
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*+){3,}|(?:\*[ \t]*+){3,}|(?:_[ \t]*+){3,})\Z")
_RULED = frozenset("-*_")
_CONFLICTING = frozenset("<|=>")


class ListItem(NamedTuple):
    """One item: its lines from `line` to `last`, exclusive, what is nested in it and blank lines between included.

    `indent` is in columns. What is in its box lies from `box_start` to `box_end`, which are -1 where it has none;
    `is_starred` is one with a `*` behind it. The rest of its first line, the content, lies from `start` to `end`.
    `above` is the item that it is nested in, by its place among all items, or -1.
    """

    line: int
    last: int
    indent: int
    box_start: int
    box_end: int
    is_starred: bool
    start: int
    end: int
    above: int

    @property
    def has_box(self) -> bool:
        """Whether it can be ticked."""
        return self.box_start >= 0

    @property
    def box(self) -> Span | None:
        """What stands in its box: a character, or nothing."""
        return Span(self.box_start, self.box_end) if self.box_start >= 0 else None

    @property
    def content(self) -> Span:
        """What its first line says."""
        return Span(self.start, self.end)


def list_items(blocks: Blocks) -> list[ListItem]:
    """The items of all lists of a text, in its order. A line that begins with a box is an item without its bullet.

    What is nested is indented by two columns or more, as in CommonMark: the content of no item starts before. The marks
    of a conflict that Git has left in the text belong to no item.
    """
    found: list[list[int]] = []
    open_items: list[int] = []
    headings = {heading.line for heading in blocks.headings}
    text, kinds = blocks.text, blocks.kinds
    shown, after_blank = 0, False
    for number, (start, end) in enumerate(zip(blocks.starts, blocks.ends, strict=True)):
        if start == end:
            after_blank = True
            continue
        if kinds[number] != TEXT:
            if after_blank:
                _close(open_items, found, blocks.indent(number), shown)
        elif number in headings or _is_apart(text, start, end):
            _close(open_items, found, -1, shown)
        elif (item := _item(text, start, end, number)) is not None:
            if "\t" in text[start : start + item[2]]:
                item[2] = blocks.indent(number)
            _close(open_items, found, item[2] - 1, shown)
            item[-1] = open_items[-1] if open_items else -1
            open_items.append(len(found))
            found.append(item)
        elif after_blank:
            _close(open_items, found, blocks.indent(number), shown)
        shown, after_blank = number + 1, False
    _close(open_items, found, -1, shown)
    return [ListItem._make(item) for item in found]


def above(items: Sequence[ListItem], at: int) -> Iterator[int]:
    """The items that an item is nested in, the innermost first."""
    outer = items[at].above
    while outer >= 0:
        yield outer
        outer = items[outer].above


def _item(text: str, start: int, end: int, number: int) -> list[int] | None:
    """The item that the line is the first of, its `last` and `above` still to be set."""
    match = _ITEM.match(text, start, end)
    if match is None or match.end() == match.end("indent"):
        return None
    box_start, box_end = match.span("box")
    is_starred = match.start("star") >= 0
    return [number, 0, match.end("indent") - start, box_start, box_end, is_starred, match.end(), end, -1]


def _is_apart(text: str, start: int, end: int) -> bool:
    """Whether the line ends all lists above it: a rule, or a mark of a conflict."""
    if text[end - 1] in _RULED:
        return _RULE.match(text, start, end) is not None
    return text[start] in _CONFLICTING and conflict_mark(text, start, end) != ""


def _close(open_items: list[int], found: list[list[int]], indent: int, line: int) -> None:
    """Let the items end before `line` that something at this indent cannot belong to."""
    while open_items and found[open_items[-1]][2] >= indent:
        found[open_items.pop()][1] = line
