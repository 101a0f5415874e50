"""Edits of JSON that leave every other byte as it is. New text takes over how what stands beside it is written."""

import json
import re
from collections.abc import Container, Iterator, Sequence

from agent_server.plan.json_plans.text import Value
from agent_server.plan.model import Edit
from agent_server.plan.text import Span

_SEPARATOR = re.compile(r"\s*,\s*")
_COLON = re.compile(r"\s*:\s*")
_INDENT = re.compile(r"[ \t]*")


def quoted(words: str) -> str:
    """A string of these words. Letters of all languages are written as they are."""
    return json.dumps(words, ensure_ascii=False)


def marks_of(value: Value) -> tuple[str, str]:
    """What stands between a name and its value in an object that has some, and what separates items on one line."""
    pair = _between(value.text, value.keys[0].end, value.items[0].start, _COLON, ": ")
    return pair, ", " if pair.endswith(" ") else ","


def with_items(array: Value, gone: Container[int], new: Sequence[str], comma: str, *, on_lines: bool) -> Iterator[Edit]:
    """Take out the items of an array at these places, and append new ones, which are JSON.

    Where there is no other hint, `comma` separates them or, `on_lines`, each gets a line of its own.
    """
    items = array.items
    kept = [at for at in range(len(items)) if at not in gone]
    if not items:
        yield Edit(Span(array.start + 1, array.end - 1), _filled(array, new, comma, on_lines=on_lines))
    elif not kept and not new:
        yield Edit(Span(array.start + 1, array.end - 1), "")
    elif not kept:
        yield Edit(Span(items[0].start, items[-1].end), _separator(array, comma).join(new))
    else:
        yield from _without(items, kept)
        if new:
            yield Edit(Span(items[-1].end, items[-1].end), "".join(_separator(array, comma) + item for item in new))


def with_member(value: Value, behind: int, name: str, item: str) -> Edit:
    """Add a member to an object that has one, behind the one of that place."""
    before = value.items[behind].end
    pair, separator = marks_of(value)
    if len(value.items) > 1:
        first = min(behind, len(value.items) - 2)
        separator = _between(value.text, value.items[first].end, value.keys[first + 1].start, _SEPARATOR, separator)
    elif "\n" in value.text[value.start : value.keys[0].start]:
        separator = "," + value.text[value.start + 1 : value.keys[0].start]
    return Edit(Span(before, before), f"{separator}{quoted(name)}{pair}{item}")


def without_member(value: Value, place: int) -> Edit:
    """Take a member out of an object, with the comma before it or, for the first one, behind it."""
    if place:
        return Edit(Span(value.items[place - 1].end, value.items[place].end), "")
    end = value.keys[1].start if len(value.keys) > 1 else value.items[0].end
    return Edit(Span(value.keys[0].start, end), "")


def _without(items: Sequence[Value], kept: Sequence[int]) -> Iterator[Edit]:
    for at in range(len(items)):
        if at in kept:
            continue
        if at > kept[0]:
            yield Edit(Span(items[at - 1].end, items[at].end), "")
        else:
            yield Edit(Span(items[at].start, items[at + 1].start), "")


def _separator(array: Value, comma: str) -> str:
    """What stands between two items: as between the first two, or as before the only one."""
    items, text = array.items, array.text
    if len(items) > 1:
        return _between(text, items[0].end, items[1].start, _SEPARATOR, comma)
    before = text[array.start + 1 : items[0].start]
    if not before.strip() and "\n" in before:
        return f",{before}"
    return comma


def _between(text: str, start: int, end: int, allowed: re.Pattern[str], otherwise: str) -> str:
    """What stands there, unless a comment does."""
    found = allowed.fullmatch(text, start, end)
    return found[0] if found else otherwise


def _filled(array: Value, new: Sequence[str], comma: str, *, on_lines: bool) -> str:
    """What comes into the brackets of an empty array."""
    text = array.text
    line = text.rfind("\n", 0, array.start) + 1
    indent = _INDENT.match(text, line)
    if not on_lines or indent is None or line == 0:
        return comma.join(new)
    eol = "\r\n" if text[line - 2 : line] == "\r\n" else "\n"
    own = indent[0]
    step = "\t" if own.endswith("\t") else "  "
    return f"{eol}{own}{step}{f',{eol}{own}{step}'.join(new)}{eol}{own}"
