"""Offsets, spans and LSP positions in a text.

Inside Agent Server a place in a text is an offset in code points, as Python counts them. `LineIndex` turns offsets
into LSP positions and back at the edge, in whichever encoding the client negotiated.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# LSP 3.17 knows three line ends. `str.splitlines` knows more (form feed, U+2028, ...), which would shift positions.
_LINE_END = re.compile(r"\r\n|\n|\r")

_LEAP = 1 << 16


class Encoding(StrEnum):
    """What an LSP `character` counts: code units of this encoding (LSP 3.17, PositionEncodingKind)."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of offsets, `[start, end)`, in code points from the start of the text."""

    start: int
    end: int

    @property
    def bounds(self) -> tuple[int, int]:
        """Both ends, as patterns take them: `pattern.match(text, *span.bounds)`."""
        return self.start, self.end

    def contains(self, offset: int) -> bool:
        """Whether `offset` lies in the span or at its end, which is where a cursor stands after the last character."""
        return self.start <= offset <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether the two spans share a character, or touch."""
        return self.start <= other.end and other.start <= self.end

    def of(self, text: str) -> str:
        """The text that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A zero-based line, and a zero-based character in the code units of some `Encoding`."""

    line: int
    character: int


class LineIndex:
    """The lines of one immutable text: offsets to positions and back, in O(log lines + line length).

    An edit moves all lines behind it. They are not rewritten: lines from `_pivot` on start `_by` characters behind what
    `_starts` says, and the next edit moves the pivot.
    """

    __slots__ = ("_ascii", "_by", "_pivot", "_starts", "text")

    def __init__(self, text: str) -> None:
        """Index `text` once, in one pass."""
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._pivot = len(self._starts)
        self._by = 0
        self._ascii = text.isascii()

    def replaced(self, span: Span, new_text: str) -> "LineIndex":
        """The index of the text with `span` replaced: only what stands in the new text is looked for.

        A line starts where a line end is before it, so a start tells of the character before it and the one behind.
        Those that lie before the span, or behind its end, are as they were.
        """
        index = object.__new__(LineIndex)
        index.text = f"{self.text[: span.start]}{new_text}{self.text[span.end :]}"
        index._ascii = index.text.isascii()
        first, behind = self._lines_before(max(span.start, 1)), self.line_at(span.end) + 1
        starts, pivot, by = self._starts.copy(), self._pivot, self._by
        if pivot < first:
            starts[pivot:first] = [start + by for start in starts[pivot:first]]
        elif behind < pivot:
            starts[behind:pivot] = [start - by for start in starts[behind:pivot]]
        end = span.start + len(new_text)
        found = (match.end() for match in _LINE_END.finditer(index.text, max(span.start - 1, 0), end + 1))
        inside = [start for start in found if span.start <= start <= end]
        starts[first:behind] = inside
        index._starts, index._pivot = starts, first + len(inside)
        index._by = by + len(new_text) - (span.end - span.start)
        return index

    @property
    def line_count(self) -> int:
        """How many lines the text has: one more than it has line ends."""
        return len(self._starts)

    def line_at(self, offset: int) -> int:
        """The zero-based line that holds `offset`."""
        return self._lines_before(offset + 1) - 1

    def line_span(self, line: int) -> Span:
        """The span of a zero-based line, without its line end; empty, at the text's end, for a line past the last."""
        if line >= len(self._starts):
            return Span(len(self.text), len(self.text))
        start = self._start(line)
        end = self._start(line + 1) if line + 1 < len(self._starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def _start(self, line: int) -> int:
        return self._starts[line] + (self._by if line >= self._pivot else 0)

    def _lines_before(self, offset: int) -> int:
        """How many lines start before `offset`."""
        starts, pivot = self._starts, self._pivot
        if pivot < len(starts) and starts[pivot] + self._by < offset:
            return bisect_left(starts, offset - self._by, pivot)
        return bisect_left(starts, offset, 0, pivot)

    def position(self, offset: int, encoding: Encoding = Encoding.UTF16) -> Position:
        """The position of `offset`, which is clamped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line = self.line_at(offset)
        start = self._start(line)
        if self._ascii or encoding is Encoding.UTF32:
            return Position(line, offset - start)
        return Position(line, _units(self.text[start:offset], encoding))

    def offset(self, position: Position, encoding: Encoding = Encoding.UTF16) -> int:
        """The offset of `position`. As LSP asks, a character past the line's end means the line's end."""
        if position.line < 0:
            return 0
        span = self.line_span(position.line)
        wanted = max(0, position.character)
        if self._ascii or encoding is Encoding.UTF32:
            return min(span.start + wanted, span.end)
        offsets = range(span.start, span.end)
        return span.start + bisect_left(offsets, wanted, key=lambda end: _units(self.text[span.start : end], encoding))


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without the white space at its ends; empty, at `start`, where there is nothing else."""
    raw = text[start:end]
    bare = raw.strip()
    first = start + len(raw) - len(raw.lstrip()) if bare else start
    return Span(first, first + len(bare))


def common_prefix(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many characters two texts, or values two other sequences, begin with alike."""
    return _alike(min(len(one), len(other)), lambda start, end: bool(one[start:end] == other[start:end]))


def common_suffix(one: Sequence[Any], other: Sequence[Any], most: int) -> int:
    """How many characters, at most `most`, two texts end with alike; or values, two other sequences."""
    here, there = len(one), len(other)
    return _alike(most, lambda start, end: bool(one[here - end : here - start] == other[there - end : there - start]))


def _alike(most: int, equal: Callable[[int, int], bool]) -> int:
    """The largest number up to `most` that `equal` holds up to: by leaps first, then by halves."""
    at = 0
    while at < most and equal(at, min(at + _LEAP, most)):
        at = min(at + _LEAP, most)
    end = min(at + _LEAP, most)
    while at < end:
        middle = (at + end + 1) // 2
        at, end = (middle, end) if equal(at, middle) else (at, middle - 1)
    return at


def _units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
