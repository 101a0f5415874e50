"""Where code stands in a task's words: fenced blocks, in list items and in HTML too, and `<pre>`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent_server.plan.markdown.blocks import indent_of, split_lines

_OPENING = re.compile(
    r"[ \t]*+(?P<item>(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)++)?+"
    r"(?:(?P<ticks>`{3,}+)(?P<info>[^`]*+)|(?P<tildes>~{3,}+)(?P<note>.*+))\Z"
)
_PRE = re.compile(
    r"[ \t]*+<pre(?:[ \t][^>]{0,200}+)?>(?P<code><code(?:[ \t][^>]{0,200}+)?>)?(?P<first>.*+)\Z", re.IGNORECASE
)
_LANGUAGE = re.compile(r"language-([\w+#-]+)")
_END_OF_PRE = re.compile(r"(?:</code>)?</pre>", re.IGNORECASE)

# As in `markdown/blocks.py`: a fence that opens this deep, or behind a bullet, ends with its list item.
_NESTED_INDENT = 4
_ITEM_CONTENT_INDENT = 2


class Fenced(NamedTuple):
    """A block: its opening line and its lines, `first` to `last`, exclusive; `end` is the line behind the whole."""

    opening: int
    first: int
    last: int
    end: int
    info: str


class Lines(NamedTuple):
    """A text in lines without their ends, and where each starts."""

    lines: list[str]
    starts: list[int]


def may_hold_code(text: str) -> bool:
    """Whether it is worth a look."""
    return "```" in text or "~~~" in text or "<pre" in text


def fenced(text: str) -> tuple[Lines, list[Fenced]]:
    """The lines of a text, and the blocks in it, in its order. What stands in a comment is left out.

    A block that nothing closes goes to the end of its list item or, outside of lists, of the text.
    """
    lines = Lines(*split_lines(text))
    return lines, list(_blocks(lines.lines))


def _blocks(lines: list[str]) -> Iterator[Fenced]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if "<!--" in line and "-->" not in line.partition("<!--")[2]:
            at = _behind_comment(lines, at)
            continue
        block = _block(lines, at) if "```" in line or "~~~" in line else None
        block = _preformatted(lines, at) if block is None and "<pre" in line else block
        if block is not None:
            yield block
        at = at + 1 if block is None else block.end


def _behind_comment(lines: list[str], first: int) -> int:
    return next((at + 1 for at in range(first + 1, len(lines)) if "-->" in lines[at]), len(lines))


def _block(lines: list[str], opening: int) -> Fenced | None:
    fence = _OPENING.match(lines[opening])
    if fence is None:
        return None
    mark, info = (fence["ticks"], fence["info"]) if fence["ticks"] else (fence["tildes"], fence["note"])
    is_nested = indent_of(lines[opening]) >= _NESTED_INDENT or fence["item"] is not None
    for at in range(opening + 1, len(lines)):
        bare = lines[at].strip(" \t")
        if is_nested and bare and indent_of(lines[at]) < _ITEM_CONTENT_INDENT:
            return Fenced(opening, opening + 1, at, at, info.strip())
        if len(bare) >= len(mark) and not bare.strip(mark[0]):
            return Fenced(opening, opening + 1, at, at + 1, info.strip())
    return Fenced(opening, opening + 1, len(lines), len(lines), info.strip())


def _preformatted(lines: list[str], opening: int) -> Fenced | None:
    tag = _PRE.match(lines[opening])
    if tag is None or tag["first"].strip():
        return None
    for at in range(opening + 1, len(lines)):
        if _END_OF_PRE.search(lines[at]):
            word = _LANGUAGE.search(tag["code"] or "")
            return Fenced(opening, opening + 1, at, at + 1, word[1] if word else "")
    return None
