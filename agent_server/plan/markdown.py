"""The block structure of a Markdown text, as far as a plan needs it: lines, headings, and what is code or comment.

A scanner of our own rather than a Markdown library, because every token needs its exact column and every edit needs
an answer within a frame. It follows CommonMark 0.31 where the two can differ for a plan: ATX headings, backtick and
tilde fences with their lengths, HTML comments. Setext headings are paragraphs here.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate

from agent_server.plan.text import Span

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?![^ \t])")
_FENCE = re.compile(r"([ \t]*)((?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*)(?:(`{3,})[^`]*|(~{3,}).*)\Z")
CODE_SPAN = re.compile(r"(?<!`)(`++)(.+?)(?<!`)\1(?!`)")
"""A code span on one line (CommonMark 6.1). The possessive run of backticks keeps hostile lines linear."""

# A fence that opens this deep stands inside a list item; it ends with the item, at the first line that is less
# indented than any item's content could be.
_NESTED_INDENT = 4
_ITEM_CONTENT_INDENT = 2


class LineKind(IntEnum):
    """What a line is made of."""

    TEXT = 0
    CODE = 1
    COMMENT = 2


@dataclass(frozen=True, slots=True)
class Heading:
    """An ATX heading. `span` is its line without the line end, `content` its text without `#`s and comments."""

    line: int
    level: int
    span: Span
    content: Span


@dataclass(frozen=True, slots=True)
class Blocks:
    """The lines of a text, from an offset on. `lines` are without line ends, `starts` are offsets into the text."""

    text: str
    lines: list[str]
    starts: list[int]
    kinds: bytearray
    headings: list[Heading]

    def line_start(self, line: int) -> int:
        """The offset at which `line` starts; the text's end for a line past the last."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def line_at(self, offset: int) -> int:
        """The line that holds `offset`."""
        return max(0, bisect_right(self.starts, offset) - 1)


def scan(text: str, start: int = 0) -> Blocks:
    """Read the block structure of `text` from `start`, which is the start of a line."""
    lines, starts = split_lines(text, start)
    blocks = Blocks(text, lines, starts, bytearray(len(lines)), [])
    number = 0
    while number < len(lines):
        line = lines[number]
        if "#" in line and (heading := _heading(line, number, starts[number])):
            blocks.headings.append(heading)
        elif "<!--" in line and line.lstrip(" ").startswith("<!--"):
            number = _skip_comment(blocks, number)
            continue
        elif ("```" in line or "~~~" in line) and (fence := _FENCE.match(line)):
            number = _skip_fence(blocks, number, fence)
            continue
        number += 1
    return blocks


def split_lines(text: str, start: int = 0) -> tuple[list[str], list[int]]:
    """The lines of `text` from `start` on, without their ends, and their offsets. Line ends are LSP's three."""
    if "\r" not in text:
        lines = text[start:].split("\n") if start else text.split("\n")
        starts = list(accumulate((len(line) + 1 for line in lines[:-1]), initial=start))
        return lines, starts
    lines, starts = [], []
    for match in _LINE.finditer(text, start):
        lines.append(match[1])
        starts.append(match.start())
        if not match[2]:
            break
    return lines, starts


def without_comments(line: str) -> str:
    """`line` with spaces in place of its HTML comments, so that columns stay. Comments in code spans are code."""
    at = line.find("<!--")
    if at < 0:
        return line
    code = [match.span() for match in CODE_SPAN.finditer(line)] if "`" in line else []
    while at >= 0:
        end = line.find("-->", at + 2)
        if end < 0:
            break
        if any(first <= at < last for first, last in code):
            at = line.find("<!--", at + 1)
            continue
        line = line[:at] + " " * (end + 3 - at) + line[end + 3 :]
        at = line.find("<!--", end)
    return line


def _heading(line: str, number: int, start: int) -> Heading | None:
    match = _HEADING.match(line)
    if not match:
        return None
    visible = without_comments(line)
    content = _without_closing_marks(visible[match.end() :].rstrip(" \t"))
    end = match.end() + len(content)
    first = end - len(content.lstrip(" \t"))
    span = Span(start, start + len(line.rstrip(" \t")))
    return Heading(number, len(match[1]), span, Span(start + first, start + end))


def _without_closing_marks(content: str) -> str:
    bare = content.rstrip("#")
    return bare.rstrip(" \t") if not bare or bare[-1] in " \t" else content


def _skip_comment(blocks: Blocks, number: int) -> int:
    """Mark a comment that starts a line, up to the line that ends it (CommonMark 4.6, kind 2); the next line."""
    after = 2 + blocks.lines[number].index("<!--")
    while number < len(blocks.lines):
        blocks.kinds[number] = LineKind.COMMENT
        if blocks.lines[number].find("-->", after) >= 0:
            return number + 1
        number, after = number + 1, 0
    return number


def _skip_fence(blocks: Blocks, number: int, fence: re.Match[str]) -> int:
    """Mark a fenced block up to the line that closes it, or the end of the list item or text; the next line."""
    mark = fence[3] or fence[4]
    indent = _width(fence[1])
    nested = bool(fence[2]) or indent >= _NESTED_INDENT
    blocks.kinds[number] = LineKind.CODE
    number += 1
    while number < len(blocks.lines):
        line = blocks.lines[number]
        bare = line.strip(" \t")
        depth = _width(line[: len(line) - len(line.lstrip(" \t"))])
        if nested and bare and depth < _ITEM_CONTENT_INDENT:
            return number
        blocks.kinds[number] = LineKind.CODE
        number += 1
        if len(bare) >= len(mark) and not bare.strip(mark[0]) and (nested or depth <= indent + 3):
            return number
    return number


def _width(indent: str) -> int:
    return len(indent.expandtabs(4))
