"""What of a plan in Markdown every agent gets: the prose above its first phase.

Left out is what only explains how the file itself is written: the title, the format of tasks, legends, contents.
"""

import re
from bisect import bisect_left
from itertools import pairwise

from agent_server.plan.markdown.blocks import BELOW_ALL_HEADINGS, COMMENT, Blocks

_WORDS = (
    r"\W*+(?:task\s+|checklist\s+)?(?:format|legende?|notation|table\s+of\s+contents|contents|toc|\u76ee\u5f55|\u76ee\u9304|\u76ee\u6b21"
    r"|\ubaa9\ucc28|\u683c\u5f0f|\u56fe\u4f8b|\u5716\u4f8b|formato|leyenda|legenda|\u00edndice)\b"
)
_ABOUT_THE_FILE = re.compile(_WORDS, re.IGNORECASE)
_LINE_ABOUT_IT = re.compile(rf"{_WORDS}\W{{0,3}}[:\uff1a]", re.IGNORECASE)


def context_of(blocks: Blocks, end: int) -> str:
    """The prose of the text up to the offset `end`."""
    headings = [heading for heading in blocks.headings if heading.span.start < end]
    starts = [blocks.line_start(0), *(heading.span.start for heading in headings), end]
    kept: list[str] = []
    left_out = BELOW_ALL_HEADINGS
    for at, (start, stop) in enumerate(pairwise(starts)):
        heading = headings[at - 1] if at else None
        if heading is not None:
            if heading.level > left_out:
                continue
            is_about_file = _ABOUT_THE_FILE.match(blocks.text, heading.content.start, heading.content.end) is not None
            left_out = heading.level if is_about_file else BELOW_ALL_HEADINGS
            if is_about_file:
                continue
        below = blocks.line_start(heading.line + 1) if heading is not None else start
        prose = _prose(blocks, below, stop)
        if prose and heading is not None and heading.level > 1:
            prose = f"{heading.span.of(blocks.text).strip()}\n\n{prose}"
        if prose:
            kept.append(prose)
    return "\n\n".join(kept)


def _prose(blocks: Blocks, start: int, end: int) -> str:
    """What stands between the offsets, without comments, lines about the file itself and a rule at the end."""
    lines: list[str] = []
    for number in range(bisect_left(blocks.starts, start), bisect_left(blocks.starts, end)):
        first, last = blocks.starts[number], blocks.ends[number]
        if blocks.kinds[number] != COMMENT and not _LINE_ABOUT_IT.match(blocks.text, first, last):
            lines.append(blocks.text[first:last])
    while lines and not lines[-1].strip(" \t-*_"):
        lines.pop()
    return "\n".join(lines).strip()
