"""How new text in a plan is written: its line ends, its bullets, and items so that the reader takes them back."""

import re
from collections.abc import Iterable, Sequence

from agent_server.plan.model import Field, Item, Status
from agent_server.plan.text import Span

_BULLET = re.compile(r"([ \t]*[-*+])(?:([ \t]+)|(?=<!--))")
_LINE_END = re.compile(r"\r\n|\n|\r")
_PLAIN = re.compile(r"[^\s`,{}<\[][^\s`,{}<]*(?:[ ][^\s`,{}<]+)*")
_BETWEEN = re.compile(r"(?:[\s,]|(?<=[\s])[-*+](?!\S)|<!--(?:(?!-->).)*-->)*+")

# Fields whose values read better without backticks.
_BARE = frozenset({"needs", "model", "agent", "minutes", "wave", "status"})


def line_end_of(text: str) -> str:
    """The line end that `text` uses, judged by its first."""
    found = _LINE_END.search(text)
    return found[0] if found else "\n"


def line_start(text: str, offset: int) -> int:
    """Where the line that holds `offset` starts."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_stop(text: str, offset: int) -> int:
    """Where the line that holds `offset` ends, in front of its line end."""
    found = _LINE_END.search(text, offset)
    return found.start() if found else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the line behind the one that holds `offset` starts; the text's end where there is none."""
    found = _LINE_END.search(text, offset)
    return found.end() if found else len(text)


def bullet_at(text: str, offset: int) -> str:
    """The bullet of the line that holds `offset`, with indent and the blanks behind it; empty where it has none."""
    found = _BULLET.match(text, line_start(text, offset))
    return f"{found[1]}{found[2] or ' '}" if found else ""


def one_line_each(items: Iterable[str]) -> list[str]:
    """The items on one line each, without blank and repeated ones."""
    return [item for item in dict.fromkeys(" ".join(_LINE_END.split(item)).strip() for item in items) if item]


def status_wanted(items: Sequence[str]) -> Status | None:
    """Where a task is to stand whose status becomes these items: open without any. None for what is no status."""
    return next((status for status in Status if [status] == list(items)), None) if items else Status.TODO


def inline(name: str, items: Iterable[str]) -> str:
    """A field's items on one line."""
    return ", ".join(written(item, quoted=name not in _BARE) for item in items)


def written(item: str, *, quoted: bool) -> str:
    """The item in backticks, where asked or where it could be read as something else without them."""
    if not quoted and _PLAIN.fullmatch(item):
        return item
    longest = max((len(run) for run in re.findall("`+", item)), default=0)
    mark = "`" * (longest + 1)
    return f"{mark} {item} {mark}" if "`" in (item[0], item[-1]) else f"{mark}{item}{mark}"


def outer(text: str, item: Item) -> Span:
    """The item with what stands round it: blanks up to backticks, and the backticks."""
    return Span(item.span.start - len(_before(text, item)), item.span.end + len(_behind(text, item)))


def is_quoted(text: str, item: Item) -> bool:
    """Whether the item stands in backticks."""
    return "`" in _before(text, item)


def is_regular(text: str, field: Field) -> bool:
    """Whether only commas, bullets and comments stand between the field's items, so that edits can leave the rest."""
    at = field.value_span.start
    for item in field.items:
        span = outer(text, item)
        is_paired = _before(text, item).count("`") == _behind(text, item).count("`")
        if not is_paired or (not is_quoted(text, item) and ("`" in item.text or "<!--" in item.text)):
            return False
        if span.start < at or not _BETWEEN.fullmatch(text, at, span.start):
            return False
        at = span.end
    return _BETWEEN.fullmatch(text, at, field.span.end) is not None


def _before(text: str, item: Item) -> str:
    found = re.search(r"`+[ \t]*\Z", text[line_start(text, item.span.start) : item.span.start])
    return found[0] if found else ""


def _behind(text: str, item: Item) -> str:
    found = re.match(r"[ \t]*`+", text[item.span.end : line_stop(text, item.span.end)])
    return found[0] if found else ""
