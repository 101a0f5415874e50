"""The words above a block: its own paragraph, those further up, the heading of its part."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent_server.plan.code.fences import Fenced, Lines
from agent_server.plan.code.roles import Lead

_HEADING = re.compile(r"[ \t]*+#{1,6}[ \t]")
_ITEM = re.compile(r"[ \t]*+(?:[-*+]|\d{1,9}[.)])[ \t]")
_SENTENCE = re.compile(r"(?<=[.!?])[ \t]+(?=[A-Z`*\"'\[(])|[\u3002\n]")
_ASIDE = re.compile(r"[ \t]*+</?(?:context|interfaces|read_first|execution_context|verification|verify)>")

_MOST_ABOVE = 6
"""So many lines of a paragraph above a block are read."""
_MOST_PARAGRAPHS = 3
"""So many paragraphs are read above a block, its own included."""


class Paragraph(NamedTuple):
    """A paragraph, a list item or a heading, and the offset at which it starts."""

    words: str
    start: int

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading."""
        return _HEADING.match(self.words) is not None


class Above:
    """What stands above each block of a text. `title` stands above all of it."""

    def __init__(self, text: str, title: str, lines: Lines, found: Sequence[Fenced]) -> None:
        self._text = text
        self._title = title
        self._lines = lines
        self._ends = [0, *[block.end for block in found]]
        prose = [number for number in _outside(found, len(lines.lines)) if lines.lines[number].lstrip()[:1] in "#<"]
        self._headings = [number for number in prose if _HEADING.match(lines.lines[number])]
        self._asides = [number for number in prose if _ASIDE.match(lines.lines[number])]

    def paragraphs(self, block: Fenced) -> Iterator[Paragraph]:
        """The paragraphs above a block, the nearest first: to the heading of its part, and not beyond another block."""
        stop, end = self._stop(block), block.opening
        for _ in range(_MOST_PARAGRAPHS):
            first, last = self._paragraph(end, stop)
            if first == last:
                return
            start = self._lines.starts[first]
            yield (found := Paragraph(self._text[start : self._line_end(last - 1)], start))
            if found.is_heading:
                return
            end = first

    def lead(self, block: Fenced) -> Lead:
        """The sentence that leads to a block, and the heading above it."""
        nearest = next(self.paragraphs(block), None)
        if nearest is not None:
            words = nearest.words
        else:
            words = "" if self._text[: self._lines.starts[block.opening]].strip() else self._title
        sentences = [each.strip() for each in _SENTENCE.split(words) if each.strip()]
        at = bisect_left(self._headings, block.opening) - 1
        return Lead(sentences[-1] if sentences else "", self._lines.lines[self._headings[at]] if at >= 0 else "")

    def is_aside(self, block: Fenced) -> bool:
        """Whether a block stands in a part in tags that only tells what there is."""
        at = bisect_left(self._asides, block.opening) - 1
        return at >= 0 and "</" not in self._lines.lines[self._asides[at]]

    def _stop(self, block: Fenced) -> int:
        return self._ends[bisect_left(self._ends, block.opening + 1) - 1]

    def _paragraph(self, end: int, stop: int) -> tuple[int, int]:
        """The lines of the paragraph that ends last before a line, and does not begin before `stop`."""
        lines = self._lines.lines
        last = end
        while last > stop and not lines[last - 1].strip():
            last -= 1
        first = last
        while first > stop and lines[first - 1].strip() and last - first < _MOST_ABOVE:
            if first < last and _HEADING.match(lines[first - 1]):
                break
            first -= 1
            if _ITEM.match(lines[first]) or _HEADING.match(lines[first]):
                break
        return first, last

    def _line_end(self, line: int) -> int:
        return self._lines.starts[line] + len(self._lines.lines[line])


def _outside(found: Sequence[Fenced], lines: int) -> Iterator[int]:
    """The lines that are in no block."""
    at = 0
    for block in found:
        yield from range(at, block.opening)
        at = block.end
    yield from range(at, lines)
