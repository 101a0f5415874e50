"""What a document says of where a task stands: by its boxes, by its title, or by a line that tells the status."""

import re
from collections.abc import Sequence

from agent_server.plan.markdown.blocks import TEXT, Blocks
from agent_server.plan.markdown.boxes import is_struck, status_of_box
from agent_server.plan.markdown.lists import ListItem
from agent_server.plan.model import Status
from agent_server.plan.text import Span

_DONE = (
    r"done|completed?|finished|implemented|shipped|resolved|fixed|erledigt|termin\u00e9e?|\u5df2?\u5b8c\u6210"
    r"|\u5b8c\u4e86|\uc644\ub8cc"
)
_WORD_ENDS = r"(?!_?[^\W_])"
_TICK = r"[\u2705\u2714\u2611]"
# What tells when, where or in which change it was done. Other words behind it (`done by the user`) say something else.
_WHEN = (
    r"[ \t]*+[:,@\u2014\u2013-]?[ \t]*+(?:(?:in|on|at|as|by|with|via|em|am|le)[ \t]++)?"
    r"(?:\d{4}-\d\d(?!\d)|\d{1,2}[./]\d{1,2}(?!\d)|v?\d{1,3}(?:\.\d{1,4})++(?!\d)|#\d|(?=[a-f]*\d)[0-9a-f]{7,40}(?!\w)"
    rf"|(?i:pr|commit|session|sprint|version|release)\b|[\u2713{_TICK[1:]})"
)
_IN_BRACKETS = (
    rf"[\[(\uff08][ \t]*+(?:{_TICK}[ \t]*+)?(?i:{_DONE}){_WORD_ENDS}(?:{_WHEN}[^()\[\]\r\n]{{0,40}})?+[ \t]*+"
    r"[\])\uff09](?!\()"
)
_BEHIND_DASH = (
    rf"[:\u2014\u2013-][ \t]*+[*_]{{0,3}}(?:DONE|COMPLETED?|Done|Completed?){_WORD_ENDS}(?:{_WHEN}[^()\r\n]*+)?+"
)
_LAST = r"[^\w(]*+(?:\([^()]*+\)[^\w(]*+){0,3}\Z"
_AT_END = re.compile(rf"(?:{_TICK}|{_IN_BRACKETS}|{_BEHIND_DASH}){_LAST}")
_IN_HEADING = re.compile(rf"{_TICK}|#[ \t]\[[xX]\]|{_IN_BRACKETS}")
_DONE_LINE = re.compile(
    r"[ \t]*+(?:[-*+][ \t]++|#{2,4}[ \t]++)?[*_]{0,3}status[*_]{0,3}[:\uff1a][*_]{0,3}[ \t]*+[\"'*_`]{0,3}"
    rf"(?:{_TICK}|(?:{_DONE}|archived){_WORD_ENDS})",
    re.IGNORECASE,
)
_DONE_WORD = re.compile(rf"[ \t]*+[*_`]{{0,3}}(?:{_TICK}|(?:{_DONE}){_WORD_ENDS})", re.IGNORECASE)

# A mark at the end of a title stands in so many characters at most.
_LONGEST_MARK = 200


def boxes_of(items: Sequence[ListItem], *, is_heading: bool) -> list[Span]:
    """The boxes that say whether a task is done: its own, or all in its section. `items` are those of its own text."""
    return [item.box for item in (items if is_heading else items[:1]) if item.box is not None]


def status_in(blocks: Blocks, boxes: Sequence[Span]) -> Status:
    """Where a task stands, whose text this is."""
    found = {status_of_box(box.of(blocks.text)) for box in boxes}
    status = found.pop() if len(found) == 1 else Status.TODO
    if status is Status.TODO and says_done(blocks):
        return Status.DONE
    return Status.SKIP if status is Status.TODO and is_struck(blocks.text[: blocks.ends[0]]) else status


def says_done(blocks: Blocks) -> bool:
    """Whether the title says that the task is done, or a line that tells the status.

    A task that is an item has a box of its own, so that only the end of its title may say otherwise: in the middle of
    one, `(done, failed)` is what the work is about.
    """
    title = blocks.text[: blocks.ends[0]]
    is_heading = bool(blocks.headings) and not blocks.headings[0].line
    if _AT_END.search(title[-_LONGEST_MARK:]) or (is_heading and _IN_HEADING.search(title)):
        return True
    return tells_done(blocks, 1, len(blocks.starts))


def is_marked_done(title: str) -> bool:
    """Whether the title of a section ends with a mark that says that it is done."""
    return _AT_END.search(title[-_LONGEST_MARK:]) is not None


def tells_done(blocks: Blocks, first: int, last: int) -> bool:
    """Whether one of the lines from `first` to `last`, exclusive, tells that something is done: `Status: done`."""
    lines = (number for number in range(first, last) if blocks.kinds[number] == TEXT)
    return any(_DONE_LINE.match(blocks.text, blocks.starts[number], blocks.ends[number]) for number in lines)


def is_done_word(words: str) -> bool:
    """Whether words begin with one that says that something is done."""
    return _DONE_WORD.match(words) is not None
