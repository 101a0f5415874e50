"""How a document says which other tasks a task needs: `Depends on: Task 2`, or what it `Consumes:` of them."""

import re
from collections.abc import Iterator

from agent_server.plan.markdown import TEXT, Blocks
from agent_server.plan.model import Item
from agent_server.plan.text import Span

_NUMBER = r"\d{1,4}(?:\.\d{1,4}){0,3}[a-z]?(?![\w/])"
_AND = r"(?:,[ \t]*+(?:and[ \t])?|&|\+|/|and\b|[-\u2013\u2014]|to\b|through\b)"
_LIST = rf"#?{_NUMBER}(?:[ \t]*+{_AND}[ \t]*+(?:tasks?[ \t]++)?#?{_NUMBER}){{0,40}}"
_TASKS = rf"(?:tasks?|steps?|phases?|milestones?)[ \t]*+(?P<ids>{_LIST})"
_CALLED = re.compile(_TASKS, re.IGNORECASE)
_NEEDS = re.compile(
    r"(?:depend(?:s|ent|ing)?[ \t]+(?:up)?on|dependenc(?:y|ies)|blocked[ \t]+by|requires|prerequisites?)"
    rf"[*_:\uff1a \t]{{1,8}}(?:the[ \t]+|completion of[ \t]+)?{_TASKS}",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"[ \t]*+(?:[-*+][ \t]++)?[*_]{0,3}(?:depends[ \t]+on|dependenc(?:y|ies)|blocked[ \t]+by|needs)[*_]{0,3}[:\uff1a]"
    rf"[*_]{{0,3}}[ \t]*+(?P<ids>{_LIST})[ \t.]*+$",
    re.IGNORECASE,
)
_CONSUMES = re.compile(r"[ \t]*+(?:[-*+][ \t]++)?[*_]{0,3}consumes\b", re.IGNORECASE)
_EACH = re.compile(
    rf"(?P<range>(?:[-\u2013\u2014]|to\b|through\b)[ \t]*+(?:tasks?[ \t]++)?)?#?(?P<id>{_NUMBER})", re.IGNORECASE
)
_MOST_IN_RANGE = 50


def needed(blocks: Blocks) -> Iterator[Item]:
    """The ids of the tasks that the task of this text says it needs, each with its place. Code is never read."""
    for number in range(len(blocks.starts)):
        if blocks.kinds[number] != TEXT:
            continue
        place = blocks.starts[number], blocks.ends[number]
        line = _LINE.match(blocks.text, *place)
        pattern = _CALLED if _CONSUMES.match(blocks.text, *place) else _NEEDS
        for words in [line] if line else pattern.finditer(blocks.text, *place):
            yield from _listed(blocks.text, Span(*words.span("ids")))


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
