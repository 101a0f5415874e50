"""Splitting a written value into items: commas separate, except inside backticks and `{a,b}`."""

import re
from collections.abc import Iterable

from agent_server.plan.markdown.blocks import CODE_SPAN
from agent_server.plan.model import Item, Problem
from agent_server.plan.text import Span, trimmed
from agent_server.plan.values import shortened

# One item without commas or braces, and the comma after it: nearly all items are of this kind.
_WORDS = r"[^`{},\s]+(?:[ \t]+[^`{},\s]+)*"
_PLAIN = re.compile(rf"[ \t]*(?:`({_WORDS})`|({_WORDS}))[ \t]*(?:,|\Z)")
# Behind a comma in a path there is no blank, not even in braces.
_COMMA_AND_BLANK = re.compile(r",[ \t]+")
_TOKEN = re.compile(rf"{CODE_SPAN.pattern}|[{{}},]")
_NONE = frozenset({"", "none", "n/a", "n.a", "nothing", "null", "tbd", "tba", "-", "\u2013", "\u2014"})


def split_items(text: str, start: int, end: int, problems: list[Problem]) -> list[Item]:
    """The comma-separated items of the value that stands in `text` from `start` to `end`; empty ones are left out."""
    items: list[Item] = []
    at = start
    while at < end:
        match = _PLAIN.match(text, at, end)
        if match is None:
            _split_any(text, at, end, items, problems)
            break
        group = match.lastindex or 0
        items.append(Item(match[group], Span(*match.span(group))))
        at = match.end()
    return items


def whole_item(text: str, start: int, end: int) -> Item | None:
    """All of the value as one item, without the backticks that wrap it; None when it is blank."""
    span = trimmed(text, start, end)
    if span.start == span.end:
        return None
    code = CODE_SPAN.match(text, span.start, span.end)
    is_code = code is not None and code.end() == span.end
    return _item(text, *(code.span(2) if code and is_code else (span.start, span.end)))


def each_once(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items without those that say what an earlier one says."""
    found: dict[str, Item] = {}
    for item in items:
        found.setdefault(item.text, item)
    return tuple(found.values())


def is_none(word: str) -> bool:
    """Whether a word in a list stands for no entry, or for none yet: `N/A`, `none`, `TBD`."""
    return word.lower().rstrip(".,;") in _NONE


def item_around(text: str, start: int, end: int, offset: int) -> Span:
    """The item that is being written at `offset` of the value from `start` to `end`, without blanks and backticks.

    It is empty where none has begun. A backtick that has no partner yet is taken to open the item behind it, so that
    the items further on are none of this one.
    """
    commas = _separators(text, start, end)
    first = max((comma + 1 for comma in commas if comma < offset), default=start)
    last = min((comma for comma in commas if comma >= offset), default=end)
    for code in CODE_SPAN.finditer(text, first, last):
        if code.end() <= offset and code.end(2) < offset:
            first = code.end()
        elif code.start() >= offset and code.start(2) > offset:
            last = code.start()
            break
    first = max((match.end() for match in _COMMA_AND_BLANK.finditer(text, first, offset)), default=first)
    behind = _COMMA_AND_BLANK.search(text, offset, last)
    last = behind.start() if behind else last
    while first < offset and (text[first] == "`" or text[first].isspace()):
        first += 1
    while last > max(offset, first) and (text[last - 1] == "`" or text[last - 1].isspace()):
        last -= 1
    return Span(first, last)


def _separators(text: str, start: int, end: int) -> list[int]:
    """Where the commas are that stand in no code span and in no pair of braces."""
    commas: list[int] = []
    inside: list[list[int]] = []
    for token in _TOKEN.finditer(text, start, end):
        if token[0] == "{":
            inside.append([])
        elif token[0] == "}" and inside:
            inside.pop()
        elif token[0] == ",":
            (inside[-1] if inside else commas).append(token.start())
    # A brace that never closes encloses nothing: its commas separate after all.
    return sorted((*commas, *(comma for unclosed in inside for comma in unclosed)))


def _split_any(text: str, start: int, end: int, items: list[Item], problems: list[Problem]) -> None:
    at = start
    for comma in (*_separators(text, start, end), end):
        _read_entry(text, at, comma, items, problems)
        at = comma + 1


def _read_entry(text: str, start: int, end: int, items: list[Item], problems: list[Problem]) -> None:
    """The items between two commas: one, but that authors also write `a` and `b`, or `a` (with a remark)."""
    at = start
    for code in CODE_SPAN.finditer(text, start, end):
        _report_rest(text, at, code.start(), problems)
        items += _some(_item(text, *code.span(2)))
        at = code.end()
    if text.find("`", at, end) >= 0:
        items += _some(_read_unpaired(text, at, end, problems))
    elif at > start:
        _report_rest(text, at, end, problems)
    else:
        items += _some(_item(text, start, end))


def _read_unpaired(text: str, start: int, end: int, problems: list[Problem]) -> Item:
    span = trimmed(text, start, end)
    first, last = span.start, span.end
    while first < last and (text[first] == "`" or text[first].isspace()):
        first += 1
    while first < last and (text[last - 1] == "`" or text[last - 1].isspace()):
        last -= 1
    bare = text[first:last].replace("`", "")
    if bare:
        message = f"A backtick of `{shortened(bare)}` has no partner. Write both or none."
        problems.append(Problem("bad-value", message, span, f"`{bare}`"))
    return Item(text[first:last], Span(first, last))


def _report_rest(text: str, start: int, end: int, problems: list[Problem]) -> None:
    span = trimmed(text, start, end)
    if span.start < span.end:
        rest = shortened(span.of(text))
        message = (
            "Write the `!` inside the backticks."
            if rest == "!"
            else f"`{rest}` is no item. Separate items by commas, and move remarks to the instructions."
        )
        problems.append(Problem("bad-value", message, span))


def _item(text: str, start: int, end: int) -> Item:
    span = trimmed(text, start, end)
    return Item(span.of(text), span)


def _some(item: Item) -> tuple[Item, ...]:
    return (item,) if item.text else ()
