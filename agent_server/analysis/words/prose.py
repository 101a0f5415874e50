"""Markdown as prose: without its code and comments, cut into blocks and sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.plan.text import Span

_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Plans for agents have their parts in tags, such as `<action>`, each at an end of a line: no sentence goes beyond one.
_TAG = re.compile(
    r"^[ \t]*+</?[a-z][a-z_-]{1,30}+(?:[ \t][^<>\n]{0,200})?>|</[a-z][a-z_-]{1,30}+>(?=[ \t]*+$)", re.MULTILINE
)
# What an agent reads first, and how its work is checked, tells of no work.
_ASIDES = "context|execution_context|read_first|verification|verify"
_ASIDE = re.compile(rf"^[ \t]*+<(?:{_ASIDES})>(?:[^<]++|<(?!/?(?:{_ASIDES})>))*+</(?:{_ASIDES})>", re.MULTILINE)
# A list item opens with its marker, and perhaps with a box and a number of its own.
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?:\d{1,3}(?:\.\d{1,3}){1,3}[.):]?[ \t]+)?")
# A block is a list item, a heading, a row of a table, or a paragraph.
_BLOCK = re.compile(
    r"^[^\n]*\S[^\n]*(?:\n(?![ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|\#|\|))[^\n]*\S[^\n]*)*", re.MULTILINE
)
_SENTENCE_END = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\betc)(?<!\bvs)(?:[.!?](?=[\s)*_\"]|$)|[;\u3002\uff01\uff1b\uff1f])"
)

_STOP = re.compile(rf"(?P<bracket>[()])|{_SENTENCE_END.pattern}")


@dataclass(frozen=True, slots=True)
class Block:
    """A list item, a heading, a row of a table, or a paragraph: the spans of its sentences."""

    is_item: bool
    sentences: tuple[Span, ...]


def prose_of(text: str) -> str:
    """`text` with all that is no prose blanked out: fenced code, comments, and parts in tags that tell of no work.

    Every offset stays as it is. Other tags at an end of a line become blank lines.
    """
    if "```" in text or "~~~" in text:
        text = _FENCE.sub(_blank, text)
    if "</" in text:
        text = _TAG.sub(_blank_line, _ASIDE.sub(_blank, text))
    return _COMMENT.sub(_blank, text) if "<!--" in text else text


def blocks(prose: str) -> Iterator[Block]:
    """The blocks of a text, in its order. The marker of a list item is no part of its first sentence."""
    for block in _BLOCK.finditer(prose):
        marker = _ITEM.match(prose, block.start(), block.end())
        start = marker.end() if marker else block.start()
        yield Block(marker is not None, tuple(_sentences(prose, start, block.end())))


def _sentences(prose: str, start: int, end: int) -> Iterator[Span]:
    """The sentences between two places. What stands in brackets is no sentence of its own."""
    closing = prose.rfind(")", start, end)
    depth = 0
    for stop in _STOP.finditer(prose, start, end):
        if stop["bracket"]:
            depth = max(0, depth + (1 if stop["bracket"] == "(" else -1))
        elif depth == 0 or stop.end() > closing:
            yield Span(start, stop.end())
            start, depth = stop.end(), 0
    if start < end:
        yield Span(start, end)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _blank_line(match: re.Match[str]) -> str:
    return f"\n{' ' * (len(match[0]) - 2)}\n"
