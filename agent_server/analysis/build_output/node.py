"""Errors that end a program of Node's: their stack, and the line that cannot be parsed."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import COLUMN, LINE, Place, Remark, place

_FRAME = re.compile(rf"\s+at (?:.* \()?(?P<path>(?:file://)?[^\s():][^:]*):{LINE}:{COLUMN}\)?$")
_ANY_FRAME = re.compile(r"\s+at \S")
_HEADER = re.compile(rf"(?P<path>(?:file://)?/[^:]*):{LINE}$")
_IMPORTED = re.compile(r".* imported from (?P<path>/.*)$")
_ERROR = re.compile(r"(?:Uncaught )?\w*(?:Error|Exception)\b")
_ABOVE = 12  # lines between the header and the stack


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What each error says, at the innermost frame that lies in the workspace."""
    at = 0
    while at < len(lines):
        if not _ANY_FRAME.match(lines[at]):
            at += 1
            continue
        end = at
        while end < len(lines) and _ANY_FRAME.match(lines[end]):
            end += 1
        said = _said(lines, at)
        places = tuple(_places(lines, said, at, end)) if said is not None else ()
        if said is not None and places:
            yield Remark(said, places, lines[said].strip(), source="node")
        at = end


def _said(lines: Sequence[str], at: int) -> int | None:
    """The line above a stack that says what is wrong."""
    above = range(at - 1, max(at - _ABOVE, 0) - 1, -1)
    return next((number for number in above if _ERROR.match(lines[number])), None)


def _places(lines: Sequence[str], said: int, at: int, end: int) -> Iterator[Place]:
    above = lines[max(said - _ABOVE, 0) : said]
    header = next((place(found) for line in reversed(above) if (found := _HEADER.match(line))), None)
    if header is not None and lines[said].startswith("SyntaxError"):
        yield header
    imported = _IMPORTED.match(lines[said])
    if imported is not None:
        yield Place(imported["path"], 1)
    yield from (place(found) for line in lines[at:end] if (found := _FRAME.match(line)))
    if header is not None:
        yield header
