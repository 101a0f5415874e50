"""What the strings of a JSON text say, in words that are as long as what is written there.

A place in such words is a place in the text, so the analysis may read them like any prose and point at what it found.
An escape is longer than the character that it stands for. What is saved so is made up for by spaces where they do no
harm: before a line end, before a quotation mark that opens, else behind the word.
"""

import re
from collections.abc import Iterable

from agent_server.plan.json_plans.text import ESCAPE, Kind, Value, character
from agent_server.plan.text import Span

_PIECE = re.compile(rf"{ESCAPE.pattern}|(?P<blank>\s++)", re.DOTALL)
_OPENING = "([{<=\"'`"


def words_of(value: Value) -> tuple[str, Span]:
    """What a string says, without blanks round it, and where that stands."""
    return _bare(_words(value.inner.of(value.text)), value.inner.start)


def joined(values: Iterable[Value]) -> tuple[str, Span]:
    """What several values say, one paragraph each, and the items of lists as lists. They stand in one text, in order.

    What stands between them there is blank here.
    """
    parts: list[str] = []
    start = at = 0
    is_item = False
    for value in values:
        for string in value.strings():
            inner, was_item = string.inner, is_item
            is_item = value.kind is Kind.ARRAY
            if inner.start == inner.end:
                continue
            if parts:
                before = ("\n- " if was_item else "\n\n- ") if is_item else "\n\n"
                parts.append(before.rjust(inner.start - at)[at - inner.start :])
            else:
                start = inner.start
            parts.append(_words(inner.of(string.text)))
            at = inner.end
    return _bare("".join(parts), start)


def _bare(words: str, start: int) -> tuple[str, Span]:
    bare = words.strip()
    first = start + (len(words) - len(words.lstrip()) if bare else 0)
    return bare, Span(first, first + len(bare))


def _words(raw: str) -> str:
    """What stands between quotation marks, as it is meant, and as long as it is written."""
    if "\\" not in raw:
        return raw
    parts: list[str] = []
    at = spare = 0
    before = " "
    for piece in _PIECE.finditer(raw):
        parts.append(raw[at : piece.start()])
        before = raw[piece.start() - 1] if piece.start() > at else before
        at = piece.end()
        meant = piece["blank"] or character(piece)
        saved = at - piece.start() - len(meant)
        if meant.isspace():
            parts.append(" " * (spare + saved) + meant)
            spare = 0
        elif not spare and not meant.isalnum() and (before.isspace() or before in _OPENING):
            parts.append(" " * saved + meant)
        else:
            parts.append(meant)
            spare += saved
        before = meant[-1:] or before
    return "".join((*parts, raw[at:], " " * spare))
