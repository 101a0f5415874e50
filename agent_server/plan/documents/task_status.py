"""What a document says of where a task stands: by its boxes, by its title, or by a line that tells the status."""

import re
from collections.abc import Sequence

from agent_server.plan.markdown.blocks import TEXT, Blocks
from agent_server.plan.markdown.boxes import status_of_box
from agent_server.plan.markdown.lists import ListItem
from agent_server.plan.model import Status
from agent_server.plan.text import Span

_DONE = (
    r"done|completed?|finished|implemented|shipped|resolved|fixed|erledigt|termin\u00e9e?|\u5df2?\u5b8c\u6210"
    r"|\u5b8c\u4e86|\uc644\ub8cc"
)
_DONE_TITLE = re.compile(
    rf"[\u2705\u2714\u2611]|#[ \t]\[[xX]\]|\((?i:{_DONE})(?![^\W_])[^()\r\n]{{0,40}}\)"
    r"|[:\u2014\u2013-][ \t]*+(?:DONE|COMPLETED?|Done|Completed?)\b"
)
_DONE_LINE = re.compile(
    r"[ \t]*+(?:[-*+][ \t]++|#{2,4}[ \t]++)?[*_]{0,3}status[*_]{0,3}[:\uff1a][*_]{0,3}[ \t]*+[\"'*_`]{0,3}"
    rf"(?:[\u2705\u2714\u2611]|(?:{_DONE}|archived)(?![^\W_]))",
    re.IGNORECASE,
)
_DONE_WORD = re.compile(rf"[ \t]*+[*_`]{{0,3}}(?:[\u2705\u2714\u2611]|(?:{_DONE})(?![^\W_]))", re.IGNORECASE)


def boxes_of(items: Sequence[ListItem], *, is_heading: bool) -> list[Span]:
    """The boxes that say whether a task is done: its own, or all in its section. `items` are those of its own text."""
    return [item.box for item in (items if is_heading else items[:1]) if item.box is not None]


def status_in(blocks: Blocks, boxes: Sequence[Span]) -> Status:
    """Where a task stands, whose text this is."""
    found = {status_of_box(box.of(blocks.text)) for box in boxes}
    if len(found) == 1:
        status = found.pop()
        return status if status is not Status.TODO or not says_done(blocks) else Status.DONE
    return Status.DONE if says_done(blocks) else Status.TODO


def says_done(blocks: Blocks) -> bool:
    """Whether the title says that the task is done, or a line that tells the status."""
    if _DONE_TITLE.search(blocks.text, 0, blocks.ends[0]):
        return True
    return tells_done(blocks, 1, len(blocks.starts))


def tells_done(blocks: Blocks, first: int, last: int) -> bool:
    """Whether one of the lines from `first` to `last`, exclusive, tells that something is done: `Status: done`."""
    lines = (number for number in range(first, last) if blocks.kinds[number] == TEXT)
    return any(_DONE_LINE.match(blocks.text, blocks.starts[number], blocks.ends[number]) for number in lines)


def is_done_word(words: str) -> bool:
    """Whether words begin with one that says that something is done."""
    return _DONE_WORD.match(words) is not None
