"""What Git leaves in a text that it could not merge: both sides of a change, between lines that mark them.

In the styles `diff3` and `zdiff3` the text from which both sides come stands between them, behind a mark of its own.
"""

import re
from collections.abc import Iterator

from agent_server.plan.markdown.blocks import TEXT, Blocks, scan
from agent_server.plan.model import Problem
from agent_server.plan.text import Span

_OPENING = "<<<<<<<"
_MARK = re.compile(r"(?:<{7}|>{7}|\|{7})(?: .*)?\Z|={7}\Z")
_MESSAGE = (
    "Git could not merge this: both sides stand here. Keep what you want of them, and take out the lines"
    " that begin with `<<<<<<<`, `=======` and `>>>>>>>`."
)


def conflict_mark(text: str, start: int, end: int) -> str:
    """The character of the mark that the line from `start` to `end` is; nothing for any other line."""
    return text[start] if start < end and _MARK.match(text, start, end) else ""


def conflicts_in(text: str) -> Iterator[Problem]:
    """A problem for each conflict in a text that is not looked through otherwise."""
    return conflicts(scan(text)) if _OPENING in text else iter(())


def conflicts(blocks: Blocks) -> Iterator[Problem]:
    """A problem for each conflict in a text, at the line that opens it."""
    if _OPENING not in blocks.text:
        return
    for start, end, kind in zip(blocks.starts, blocks.ends, blocks.kinds, strict=True):
        if kind == TEXT and conflict_mark(blocks.text, start, end) == "<":
            yield Problem("merge-conflict", _MESSAGE, Span(start, end))


def second_sides(blocks: Blocks) -> frozenset[int]:
    """The lines of all but the first sides of conflicts that Git has left in the text."""
    if _OPENING not in blocks.text:
        return frozenset()
    lines: list[int] = []
    side = 0
    for number, (start, end) in enumerate(zip(blocks.starts, blocks.ends, strict=True)):
        mark = conflict_mark(blocks.text, start, end)
        side = {"<": 1, "|": 2 if side else 0, "=": 2 if side else 0, ">": 0}.get(mark, side)
        if side == 2:
            lines.append(number)
    return frozenset(lines)
