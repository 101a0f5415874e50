"""Splitting a written value into items: commas separate, except inside backticks and `{a,b}`."""

import re

from agent_server.plan.markdown import CODE_SPAN
from agent_server.plan.model import Item, Problem
from agent_server.plan.text import Span

_TOKEN = re.compile(r"(?<!`)(`++)(.+?)(?<!`)\1(?!`)|[{},]")


def split_items(value: str, offset: int) -> tuple[list[Item], list[Problem]]:
    """The comma-separated items of `value`, which stands at `offset`; empty ones are left out."""
    items: list[Item] = []
    problems: list[Problem] = []
    at = 0
    for comma in (*_separators(value), len(value)):
        _read_entry(value[at:comma], offset + at, items, problems)
        at = comma + 1
    return items, problems


def whole_item(value: str, offset: int) -> Item | None:
    """`value` as one item, without the backticks that wrap all of it; None when it is blank."""
    bare = value.strip()
    if not bare:
        return None
    start = offset + value.index(bare)
    match = CODE_SPAN.fullmatch(bare)
    if match:
        return _item(match[2], start + match.start(2))
    return _item(bare, start)


def _separators(value: str) -> list[int]:
    if "," not in value:
        return []
    if "{" not in value and "`" not in value:
        return [at for at, character in enumerate(value) if character == ","]
    commas: list[tuple[int, int]] = []
    depth = 0
    for token in _TOKEN.finditer(value):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth = max(0, depth - 1)
        elif token[0] == ",":
            commas.append((token.start(), depth))
    # Where a brace never closes, none of its commas can be meant to be inside.
    return [at for at, inside in commas if inside <= depth]


def _read_entry(entry: str, offset: int, items: list[Item], problems: list[Problem]) -> None:
    if "`" not in entry:
        bare = entry.strip()
        if bare:
            items.append(_item(bare, offset + entry.index(bare)))
        return
    at = 0
    for code in CODE_SPAN.finditer(entry):
        _report_rest(entry[at : code.start()], offset + at, problems)
        items.append(_item(code[2], offset + code.start(2)))
        at = code.end()
    rest = entry[at:]
    if "`" in rest:
        _read_unclosed(rest, offset + at, items, problems)
    else:
        _report_rest(rest, offset + at, problems)


def _read_unclosed(entry: str, offset: int, items: list[Item], problems: list[Problem]) -> None:
    bare = entry.strip()
    text = bare.strip("` \t")
    if not text:
        return
    start = offset + entry.index(bare)
    items.append(_item(text, start + bare.index(text)))
    message = f"The backtick round `{text}` has no partner. Write both or none."
    problems.append(Problem("bad-value", message, Span(start, start + len(bare)), f"`{text.replace('`', '')}`"))


def _report_rest(rest: str, offset: int, problems: list[Problem]) -> None:
    bare = rest.strip()
    if not bare:
        return
    start = offset + rest.index(bare)
    message = f"`{bare}` belongs to no item. Separate items by commas, and move remarks to the instructions."
    problems.append(Problem("bad-value", message, Span(start, start + len(bare))))


def _item(text: str, start: int) -> Item:
    bare = text.strip()
    if bare != text:
        start += text.index(bare) if bare else 0
    return Item(bare, Span(start, start + len(bare)))
