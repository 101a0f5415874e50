"""Front matter as other tools write it: its top-level keys, and their values with places.

A line scanner and no YAML: people write `assignee: @me` and `title: CLI: add a flag`, which YAML refuses, and such a
file is a plan all the same. What is nested deeper than a list of words is passed over.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent_server.plan.front_matter import fenced
from agent_server.plan.model import Item
from agent_server.plan.text import Span, trimmed
from agent_server.plan.writing import line_stop, next_line

_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\n|\r|\Z)")
_KEY = re.compile(r"(?P<name>[A-Za-z_][\w-]*+)[ \t]*+:(?:[ \t]++|(?=[\r\n]|\Z))")
_BULLET = re.compile(r"[ \t]*+-(?:[ \t]++|(?=[\r\n]|\Z))")
_WORD = re.compile(r"\"(?P<double>[^\"\r\n]*+)\"|'(?P<single>(?:[^'\r\n]|'')*+)'|(?P<plain>[^\s,\[\]\"'#][^,\]\r\n]*+)")
_COMMENT = re.compile(r"(?:(?<=[ \t])|^)#[^\r\n]*+")
_FOLDED = re.compile(r"[>|][+-]?\d?[+-]?[ \t]*+(?:#[^\r\n]*+)?$")
_WHOLE = re.compile(r"\d{1,6}")


@dataclass(frozen=True, slots=True)
class Key:
    """One key with its value.

    `value` is where the value stands on the key's line, empty where it is on the lines below. `lines` are all its lines
    with their ends. `items` are its words: those of a list, else one. `is_flow` tells a list in brackets,
    `bullet` is what stands before each item of a list below.
    """

    name: str
    value: Span
    lines: Span
    items: tuple[Item, ...]
    is_flow: bool = False
    bullet: str = ""

    @property
    def text(self) -> str:
        """The value in words, as one."""
        return self.items[0].text if self.items else ""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The keys, by their names in lower case with underscores; of equal ones the first.

    `span` covers the block with both fences, and `inside` the lines between them. Both are empty where there is none.
    """

    keys: Mapping[str, Key]
    span: Span
    inside: Span

    def items(self, *names: str) -> tuple[Item, ...]:
        """The words of the first of these keys that has any."""
        return next((self.keys[name].items for name in names if name in self.keys and self.keys[name].items), ())

    def text(self, *names: str) -> str:
        """The first of these keys' values, as one."""
        found = self.items(*names)
        return found[0].text if found else ""

    def number(self, name: str) -> int | None:
        """The value of a key that is a whole number; None where it is none, and where no key is named."""
        word = self.text(name)
        return int(word) if _WHOLE.fullmatch(word) else None

    def present(self, names: Sequence[str]) -> str:
        """The first of these keys that is there; else the one that a new value gets."""
        return next((name for name in names if name in self.keys), names[0])


@lru_cache(maxsize=1024)
def front_matter(text: str) -> FrontMatter:
    """The front matter that opens a text.

    Remembered, for the reader of a folder looks at each of its files again at every edit of one.
    """
    block, inside = fenced(text)
    keys: dict[str, Key] = {}
    for key in _keys(text, inside.start, inside.end):
        keys.setdefault(key.name.lower().replace("-", "_"), key)
    return FrontMatter(keys, block, inside)


def _keys(text: str, start: int, end: int) -> Iterator[Key]:
    lines = [line.span() for line in _LINE.finditer(text, start, end) if line.end() > line.start()]
    starts = [(at, key) for at, line in enumerate(lines) if (key := _KEY.match(text, *line))]
    for number, (at, key) in enumerate(starts):
        last = starts[number + 1][0] if number + 1 < len(starts) else len(lines)
        below = lines[at + 1 : last]
        yield _read(text, key, Span(lines[at][0], lines[last - 1][1]), lines[at][1], below)


def _read(text: str, key: re.Match[str], lines: Span, line_end: int, below: Sequence[tuple[int, int]]) -> Key:
    name, first = key["name"], _content(text, key.end(), line_end)
    if text.startswith("[", first.start):
        close = _close(text, first.start, lines.end)
        items = tuple(_words(text, first.start + 1, close))
        # A list that is never closed ends with its line: what is below is no part of it.
        value = Span(first.start, close + 1 if text.startswith("]", close) else first.end)
        return Key(name, value, _reaching(text, lines, value), items, is_flow=True)
    if first.start == first.end:
        bullets = [(line, bullet) for line in below if (bullet := _BULLET.match(text, *line))]
        if bullets:
            indent = len(bullets[0][1][0])
            same = [(line, bullet) for line, bullet in bullets if len(bullet[0]) == indent]
            words = (_word(text, bullet.end(), line[1]) for line, bullet in same)
            items = tuple(word for word in words if word.text)
            last = max(line[1] for line, _ in bullets)
            return Key(name, first, Span(lines.start, max(last, line_end)), items, bullet=bullets[0][1][0])
        return Key(name, first, Span(lines.start, line_end), ())
    if _FOLDED.match(text, first.start, first.end) or (below and _continues(text, below[0])):
        return _long(text, name, lines, first, below)
    return Key(name, first, Span(lines.start, line_end), _some(_word(text, first.start, line_end)))


def _long(text: str, name: str, lines: Span, first: Span, below: Sequence[tuple[int, int]]) -> Key:
    """A value of several lines."""
    indented = []
    for line in below:
        if not _continues(text, line) and text[slice(*line)].strip():
            break
        indented.append(trimmed(text, *line))
    spans = [span for span in indented if span.start < span.end]
    if not _FOLDED.match(text, first.start, first.end):
        spans.insert(0, first)
    if not spans:
        return Key(name, first, lines, ())
    words = " ".join(span.of(text) for span in spans).strip("'\"")
    whole = Span(spans[0].start, spans[-1].end)
    return Key(name, whole, _reaching(text, lines, whole), _some(Item(words, whole)))


def _continues(text: str, line: tuple[int, int]) -> bool:
    return text[line[0] : line[0] + 1] in {" ", "\t"} and not _BULLET.match(text, *line)


def _reaching(text: str, lines: Span, value: Span) -> Span:
    """The lines up to the one that the value ends on."""
    return Span(lines.start, next_line(text, value.end))


def _close(text: str, start: int, end: int) -> int:
    """Where the bracket closes that opens at `start`; the end of the line where none does."""
    quote = ""
    for at in range(start + 1, end):
        letter = text[at]
        if quote:
            quote = "" if letter == quote or letter in "\r\n" else quote
        elif letter in "\"'" and text[at - 1] in " \t[,\r\n":
            quote = letter
        elif letter == "]":
            return at
    return start + len(text[start : line_stop(text, start)].rstrip())


def _words(text: str, start: int, end: int) -> Iterator[Item]:
    at = start
    while at < end:
        comment = _COMMENT.match(text, at, end)
        word = None if comment else _WORD.match(text, at, end)
        if word is not None:
            yield from _some(_item(text, word))
        at = comment.end() if comment else word.end() if word else at + 1


def _word(text: str, start: int, end: int) -> Item:
    """The single word of a line: without quotes and comments."""
    span = _content(text, start, end)
    quoted = _WORD.match(text, span.start, span.end)
    if quoted and quoted["plain"] is None and quoted.end() == span.end:
        return _item(text, quoted)
    return Item(span.of(text), span)


def _item(text: str, word: re.Match[str]) -> Item:
    group = word.lastgroup or "plain"
    span = trimmed(text, *word.span(group))
    if group != "plain":
        span = Span(*word.span(group))
    return Item(span.of(text).replace("''", "'") if group == "single" else span.of(text), span)


def _some(item: Item) -> tuple[Item, ...]:
    return (item,) if item.text and item.text not in {"~", "null"} else ()


def _content(text: str, start: int, end: int) -> Span:
    """What stands on a line from `start`, without blanks at its ends and without a comment."""
    span = trimmed(text, start, end)
    if text[span.start : span.start + 1] in {'"', "'"}:
        quoted = _WORD.match(text, span.start, span.end)
        return Span(*quoted.span()) if quoted else span
    comment = _COMMENT.search(text, span.start, span.end)
    return trimmed(text, span.start, comment.start()) if comment else span
