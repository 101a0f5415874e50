"""The block structure of a Markdown text, as far as a plan needs it: lines, headings, and what is code or comment.

A scanner of our own rather than a Markdown library, because every token needs its exact column and every edit needs
an answer within a frame. It follows CommonMark 0.31 where that matters to a plan: ATX headings, backtick and tilde
fences with their lengths, HTML comments. Setext headings are paragraphs here.
"""

import re
from dataclasses import dataclass, field
from itertools import accumulate

from agent_server.plan.moving import Movable
from agent_server.plan.text import Span

CODE_SPAN = re.compile(r"(?<!`)(`++)([^\r\n]+?)(?<!`)\1(?!`)")
"""A code span on one line (CommonMark 6.1). Its run of backticks is possessive, which keeps hostile lines linear."""

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_HEADING = re.compile(r" {0,3}(#{1,6})(?![^ \t])[ \t]*")
_FENCE = re.compile(r"([ \t]*)((?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)*)(?:(`{3,})[^`]*|(~{3,}).*)\Z")
_CODE_OR_COMMENT = re.compile(rf"{CODE_SPAN.pattern}|<!--")
_COMMENT = re.compile(r" {0,3}<!--")

# A fence that opens this deep, or behind a bullet, stands inside a list item. It ends with the item, which is at the
# first line that is less indented than any item's content can be.
_NESTED_INDENT = 4
_ITEM_CONTENT_INDENT = 2


TEXT, CODE, COMMENT = range(3)
"""The kinds of lines. Plain numbers, since there is a byte of it for every line."""


BELOW_ALL_HEADINGS = 7
"""A level that is deeper than any heading's."""


@dataclass(frozen=True, slots=True)
class Heading(Movable):
    """An ATX heading. `span` is its line without the line end, `content` its text without `#`s and comments."""

    FIXED = ("line", "level")

    line: int
    level: int
    span: Span
    content: Span


@dataclass(frozen=True, slots=True)
class Unclosed(Movable):
    """A code block or comment that runs to the end of the text: its opening, and the line that would end it."""

    FIXED = ("closing",)

    closing: str
    span: Span


@dataclass(frozen=True, slots=True)
class Blocks:
    """The lines of a text, from an offset on.

    `text` is the whole text with spaces in place of the comments that stand inside a line, so offsets are the
    original's. Line `n` lies from `starts[n]` to `ends[n]`, without the white space at its end, and is of `kinds[n]`.
    `runs` are the code blocks and the comments that start a line: the first line of each and its last, exclusive.
    """

    text: str
    starts: list[int]
    ends: list[int]
    kinds: bytearray
    headings: list[Heading]
    unclosed: list[Unclosed]
    runs: list[tuple[int, int]] = field(default_factory=list)

    @property
    def title(self) -> Span:
        """Where the first heading of the first level says its words; empty, at 0, where there is none."""
        return next((heading.content for heading in self.headings if heading.level == 1), Span(0, 0))

    def line_start(self, line: int) -> int:
        """The offset at which `line` starts; the text's end for a line past the last."""
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def part(self, first: int, last: int) -> "Blocks":
        """The lines from `first` to `last`, exclusive, as a text of their own. Headings and runs are left out."""
        start, end = self.line_start(first), self.line_start(last)
        return Blocks(
            self.text[start:end],
            [at - start for at in self.starts[first:last]],
            [at - start for at in self.ends[first:last]],
            self.kinds[first:last],
            [],
            [],
        )

    def is_blank(self, line: int) -> bool:
        """Whether a reader sees nothing on `line`: white space, or a comment."""
        return self.kinds[line] == COMMENT or self.starts[line] == self.ends[line]

    def indent(self, line: int) -> int:
        """How far `line` is indented, in columns; a tab ends at a multiple of four."""
        return indent_of(self.text[self.starts[line] : self.ends[line]])


def scan(text: str, start: int = 0) -> Blocks:
    """Read the block structure of `text` from `start`, which is the start of a line."""
    lines, starts = split_lines(text, start)
    marked = [n for n, line in enumerate(lines) if "#" in line or "```" in line or "~~~" in line or "<!--" in line]
    shown = _without_comments(lines, marked) if "<!--" in text else lines
    ends = [first + len(line.rstrip(" \t")) for first, line in zip(starts, shown, strict=True)]
    visible = text if shown is lines else _patched(text, starts, shown)
    blocks = Blocks(visible, starts, ends, bytearray(len(lines)), [], [])
    read = 0
    for number in marked:
        if number < read:
            continue
        if heading := _HEADING.match(visible, starts[number], ends[number]):
            blocks.headings.append(_read_heading(blocks, number, heading))
        elif _COMMENT.match(lines[number]):
            read = _skip_comment(blocks, lines, number)
            blocks.runs.append((number, read))
        elif fence := _FENCE.match(lines[number]):
            read = _skip_fence(blocks, lines, number, fence)
            blocks.runs.append((number, read))
    return blocks


def split_lines(text: str, start: int = 0) -> tuple[list[str], list[int]]:
    """The lines of `text` from `start` on, without their ends, and their offsets. Line ends are LSP's three."""
    if "\r" not in text:
        lines = text[start:].split("\n")
        return lines, list(accumulate((len(line) + 1 for line in lines[:-1]), initial=start))
    lines, starts = [], []
    for match in _LINE.finditer(text, start):
        lines.append(match[1])
        starts.append(match.start())
        if not match[2]:
            break
    return lines, starts


def indent_of(line: str) -> int:
    """How far a line is indented, in columns; a tab ends at a multiple of four."""
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return len(indent.expandtabs(4)) if "\t" in indent else len(indent)


def _without_comments(lines: list[str], marked: list[int]) -> list[str]:
    """`lines` with spaces in place of every comment that starts and ends on a line, so all offsets stay."""
    shown = lines.copy()
    for number in marked:
        shown[number] = _blank_comments_in(lines[number])
    return shown


def _patched(text: str, starts: list[int], shown: list[str]) -> str:
    """`text` with its lines as `shown`, which are as long as before; what stands between the lines stays."""
    ends = [start + len(line) for start, line in zip(starts, shown, strict=True)]
    between = [text[end:start] for end, start in zip(ends, (*starts[1:], len(text)), strict=True)]
    return text[: starts[0]] + "".join(part for pair in zip(shown, between, strict=True) for part in pair)


def _blank_comments_in(line: str) -> str:
    parts: list[str] = []
    read = at = 0
    while found := _CODE_OR_COMMENT.search(line, at):
        at = found.end()
        if found[0] != "<!--":
            continue
        # `<!-->` is a whole comment (CommonMark 6.6), so its end may begin with its own dashes.
        end = line.find("-->", found.start() + 2)
        if end < 0:
            break
        at = end + 3
        parts += (line[read : found.start()], " " * (at - found.start()))
        read = at
    return "".join((*parts, line[read:]))


def _read_heading(blocks: Blocks, number: int, match: re.Match[str]) -> Heading:
    first, last = match.end(), blocks.ends[number]
    span = Span(blocks.starts[number], last)
    if blocks.text[last - 1] == "#":
        last = first + len(_without_closing_marks(blocks.text[first:last]))
    return Heading(number, len(match[1]), span, Span(first, last))


def _without_closing_marks(content: str) -> str:
    bare = content.rstrip("#")
    return bare.rstrip(" \t") if not bare or bare[-1] in " \t" else content


def _skip_comment(blocks: Blocks, lines: list[str], first: int) -> int:
    """Mark a comment that starts a line, up to the line that ends it (CommonMark 4.6, kind 2); the next line."""
    opening = lines[first].index("<!--")
    for number in range(first, len(lines)):
        blocks.kinds[number] = COMMENT
        if lines[number].find("-->", opening + 2 if number == first else 0) >= 0:
            return number + 1
    start = blocks.starts[first] + opening
    blocks.unclosed.append(Unclosed("-->", Span(start, start + 4)))
    return len(lines)


def _skip_fence(blocks: Blocks, lines: list[str], first: int, fence: re.Match[str]) -> int:
    """Mark a fenced block up to the line that closes it, or the end of the list item or text; the next line."""
    group = 3 if fence[3] else 4
    mark = fence[group]
    indent = indent_of(lines[first])
    nested = bool(fence[2]) or indent >= _NESTED_INDENT
    blocks.kinds[first] = CODE
    for number in range(first + 1, len(lines)):
        bare = lines[number].strip(" \t")
        depth = indent_of(lines[number])
        if nested and bare and depth < _ITEM_CONTENT_INDENT:
            return number
        blocks.kinds[number] = CODE
        if len(bare) >= len(mark) and not bare.strip(mark[0]) and (nested or depth <= indent + 3):
            return number + 1
    if not nested:
        start = blocks.starts[first] + fence.start(group)
        blocks.unclosed.append(Unclosed(mark, Span(start, start + len(mark))))
    return len(lines)
