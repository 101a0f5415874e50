"""How a document says which other tasks a task needs: `Depends on: Task 2`, or what it `Consumes:` of them."""

import re
from collections.abc import Iterator

from agent_server.plan.documents.section_names import TITLE_WORDS
from agent_server.plan.markdown.blocks import TEXT, Blocks
from agent_server.plan.model import Item
from agent_server.plan.text import Span

_ID = (
    r"(?:[A-Z]{1,4}-\d{1,4}(?:\.\d{1,3}){0,3}|[A-Z]{1,2}\d{1,2}-[A-Z]{0,2}\d{1,3}"
    r"|[A-Z]{0,2}\d{1,4}(?:\.\d{1,4}){0,3}[a-z]?)(?![\w/])"
)
_WORD = rf"(?i:(?:{TITLE_WORDS})s?)[ \t]*+"
_AND = r"(?:,[ \t]*+(?:and[ \t])?|&|\+|/|and\b|[-\u2013\u2014]|to\b|through\b)"
_IDS = rf"(?P<ids>#?{_ID}(?:[ \t]*+{_AND}[ \t]*+(?:{_WORD})?#?{_ID}){{0,40}})"
_CALLED = re.compile(_WORD + _IDS)
_NEEDS = re.compile(
    r"(?i:depend(?:s|ent|ing)?[ \t]+(?:up)?on|dependenc(?:y|ies)|blocked[ \t]+by|requires|prerequisites?)"
    rf"[*_:\uff1a \t]{{1,8}}(?i:the[ \t]+|completion of[ \t]+)?(?P<word>{_WORD})?{_IDS}"
)
_LINE = re.compile(
    r"[ \t]*+(?:[-*+][ \t]++)?[*_]{0,3}(?i:depends[ \t]+on|dependenc(?:y|ies)|blocked[ \t]+by|needs)[*_]{0,3}[:\uff1a]"
    rf"[*_]{{0,3}}[ \t]*+{_IDS}[ \t.]*+$"
)
_CONSUMES = re.compile(r"[ \t]*+(?:[-*+][ \t]++)?[*_]{0,3}consumes\b", re.IGNORECASE)
_EACH = re.compile(rf"(?P<range>(?:[-\u2013\u2014]|to\b|through\b)[ \t]*+(?:{_WORD})?)?#?(?P<id>{_ID})")
_LETTERS = re.compile(r"[A-Z]*")
_MOST_IN_RANGE = 50


def needed(blocks: Blocks, own: str) -> Iterator[Item]:
    """The ids of the tasks that the task `own` of this text says it needs, each with its place. Code is never read.

    `requires ADR-7` and `depends on PR-2` name a task only where tasks have such codes, as this one does.
    """
    for number in range(len(blocks.starts)):
        if blocks.kinds[number] != TEXT:
            continue
        place = blocks.starts[number], blocks.ends[number]
        line = _LINE.match(blocks.text, *place)
        pattern = _CALLED if _CONSUMES.match(blocks.text, *place) else _NEEDS
        for words in [line] if line else pattern.finditer(blocks.text, *place):
            is_called = line is not None or pattern is _CALLED or words["word"] is not None
            for item in _listed(blocks.text, Span(*words.span("ids"))):
                if is_like(item.text, own) or (is_called and "-" not in item.text):
                    yield item


def is_reference(task_id: str) -> bool:
    """Whether an id can be written so that it is read again."""
    return re.fullmatch(_ID, task_id) is not None


def is_like(task_id: str, own: str) -> bool:
    """Whether an id is a code with the letters of another."""
    return _letters(task_id) == _letters(own) != ""


def _letters(task_id: str) -> str:
    letters = _LETTERS.match(task_id)
    return letters[0] if letters else ""


def _listed(text: str, place: Span) -> Iterator[Item]:
    """The ids of a list such as `1, 3-5 and 7`; those that a range only implies have its place."""
    last, start = "", place.start
    for each in _EACH.finditer(text, place.start, place.end):
        span = Span(*each.span("id"))
        if each["range"] and last.isdecimal() and each["id"].isdecimal():
            between = range(int(last) + 1, int(each["id"]))
            yield from (Item(str(number), Span(start, span.end)) for number in between[:_MOST_IN_RANGE])
        yield Item(each["id"], span)
        last, start = each["id"], span.start
