"""JSON with the place of every value, for texts that are being edited: readers of formats in JSON work on it.

The standard library tells no places, and gives nothing of a text that is broken. This reader takes what editors and
people leave behind: comments, commas behind the last item, a byte order mark, and a text that is cut off. Of a broken
one it gives what can be read, and the first problem. It is linear and needs no stack, however deep a text is nested.
"""

import re
from collections.abc import Iterator
from enum import Enum

from agent_server.plan.model import Problem
from agent_server.plan.text import Span
from agent_server.plan.values import shortened

CODE = "bad-json"
"""The rule that reports what is wrong with a text."""

# A string ends with its line, at the latest: JSON has no line ends in strings.
_TOKEN = re.compile(
    r"""(?P<comment>//[^\r\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?)
    | "(?:[^"\\\r\n]++|\\[^\r\n]?+)*+(?P<quote>"?)
    | [{}\[\],:]
    | [^\s{}\[\],:"\ufeff]++""",
    re.VERBOSE,
)
_PLAIN = re.compile(r"true|false|null|-?\d++(?:\.\d++)?(?:[eE][-+]?\d++)?")
ESCAPE = re.compile(
    r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u(?P<code>[0-9a-fA-F]{4})|\\(?P<one>.?)",
    re.DOTALL,
)
"""What stands for a character in a string."""

_SHORT = {"n": "\n", "t": "\t", "r": " ", "b": " ", "f": " "}


class Kind(Enum):
    """What a value is. Numbers, `true`, `false`, `null` and words that are no JSON are plain."""

    OBJECT = "{"
    ARRAY = "["
    STRING = '"'
    PLAIN = ""


_KINDS = {"{": Kind.OBJECT, "[": Kind.ARRAY, "}": Kind.OBJECT, "]": Kind.ARRAY}


class Value:
    """One value of a text, which lies from `start` to `end`, its quotation marks or brackets included.

    An array has `items`. An object has a key, a string, for each of them, which says one of the `names`. A string that
    its author has not finished is not closed.
    """

    __slots__ = ("end", "is_closed", "items", "keys", "kind", "names", "start", "text")

    def __init__(self, text: str, kind: Kind, start: int, end: int, *, is_closed: bool = True) -> None:
        self.text = text
        self.kind = kind
        self.start = start
        self.end = end
        self.is_closed = is_closed
        self.names: list[str] = []
        self.keys: list[Value] = []
        self.items: list[Value] = []

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return Span(self.start, self.end)

    @property
    def inner(self) -> Span:
        """Where what a string says stands, without its quotation marks; of any other value, where it stands."""
        if self.kind is not Kind.STRING:
            return self.span
        return Span(self.start + 1, self.end - self.is_closed)

    @property
    def said(self) -> str:
        """What a string says; what a plain value is called; nothing for others."""
        if self.kind is Kind.STRING:
            return _unescaped(self.text[self.start + 1 : self.end - self.is_closed])
        return self.text[self.start : self.end] if self.kind is Kind.PLAIN else ""

    def members(self) -> Iterator[tuple[str, "Value"]]:
        """The names and values of an object; of any other value, none."""
        if self.kind is Kind.OBJECT:
            yield from zip(self.names, self.items, strict=True)

    def get(self, name: str) -> "Value | None":
        """The value of that name; of several, the last one counts."""
        names = self.names
        return next((self.items[at] for at in range(len(names) - 1, -1, -1) if names[at] == name), None)

    def listed(self) -> list["Value"]:
        """The items of an array; of any other value, none."""
        return self.items if self.kind is Kind.ARRAY else []

    def strings(self) -> Iterator["Value"]:
        """The strings that a value is or lists."""
        yield from (value for value in (self, *self.listed()) if value.kind is Kind.STRING)


def read_json(text: str, start: int = 0, end: int | None = None) -> tuple[Value | None, Problem | None]:
    """The value that a part of a text holds, with places in the whole of it, and the first problem there."""
    reading = _Reading(text)
    for token in _TOKEN.finditer(text, start, len(text) if end is None else end):
        if token["comment"] is None:
            reading.take(token)
    reading.end()
    return reading.root, reading.problem


def character(escape: re.Match[str]) -> str:
    """What an escape stands for. A control character becomes a space, half a character the sign for one unknown."""
    if escape["one"] is not None:
        return _SHORT.get(escape["one"], escape["one"])
    if escape["high"]:
        return chr(0x10000 + ((int(escape["high"], 16) - 0xD800) << 10) + int(escape["low"], 16) - 0xDC00)
    code = int(escape["code"], 16)
    if 0xD800 <= code < 0xE000:  # a surrogate of UTF-16
        return "\ufffd"
    return chr(code) if code >= ord(" ") or chr(code) in "\n\t" else " "


def _unescaped(raw: str) -> str:
    """What stands between quotation marks, as it is meant."""
    return ESCAPE.sub(character, raw) if "\\" in raw else raw


class _Reading:
    """The state of reading one text, token by token."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Value | None = None
        self.problem: Problem | None = None
        self._open: list[Value] = []
        self._counts = {Kind.OBJECT: 0, Kind.ARRAY: 0}
        self._key: Value | None = None
        self._has_colon = False
        self._has_value = False
        """Whether a value stands just before, so that a comma has to come, or the end."""
        self._last = Span(0, 0)

    def take(self, token: re.Match[str]) -> None:
        """Go on by one token, which is no comment."""
        self._last = Span(*token.span())
        sign = self.text[token.start()]
        if sign in "{[":
            value = Value(self.text, _KINDS[sign], *token.span())
            self._add(value)
            self._open.append(value)
            self._counts[value.kind] += 1
            self._has_value = False
        elif sign in "}]":
            self._close(_KINDS[sign])
        elif sign == ",":
            self._separate()
        elif sign == ":":
            if self._key is None or self._has_colon:
                self._report("This colon does not belong here.")
            self._has_colon = True
        elif sign == '"':
            if not token["quote"]:
                self._report("This text has no closing quotation mark.")
            self._add(Value(self.text, Kind.STRING, *token.span(), is_closed=bool(token["quote"])))
        else:
            if not _PLAIN.fullmatch(self.text, *token.span()):
                self._report(f"`{shortened(token[0])}` is not JSON. A text needs quotation marks.")
            self._add(Value(self.text, Kind.PLAIN, *token.span()))

    def end(self) -> None:
        """Close what is open, at the end of the text."""
        if self._open:
            innermost = self._open[-1]
            message = f"The text ends here, and a `{innermost.kind.value}` is still open."
            opening = Span(innermost.start, innermost.start + 1)
            self.problem = self.problem or Problem(CODE, message, self._last, None, opening)
        for value in self._open:
            value.end = self._last.end

    def _add(self, value: Value) -> None:
        above = self._open[-1] if self._open else None
        if above is None:
            if self.root is not None:
                self._report("The text goes on behind its end.")
            else:
                self.root = value
        elif above.kind is Kind.OBJECT:
            self._add_member(above, value)
        else:
            if self._has_value:
                self._report("A comma is missing before this.")
            above.items.append(value)
            self._has_value = True

    def _add_member(self, above: Value, value: Value) -> None:
        if self._key is None:
            if self._has_value:
                self._report("A comma is missing before this.")
            if value.kind is Kind.STRING:
                self._key, self._has_colon, self._has_value = value, False, False
            else:
                self._report("A name in quotation marks is missing before this.")
            return
        if not self._has_colon:
            self._report("A colon is missing before this.")
        above.names.append(self._key.said)
        above.keys.append(self._key)
        above.items.append(value)
        self._key, self._has_value = None, True

    def _separate(self) -> None:
        if not self._has_value or not self._open:
            self._report("A value is missing before this comma." if self._open else "This comma does not belong here.")
        self._key, self._has_value = None, False

    def _close(self, kind: Kind) -> None:
        if not self._counts[kind]:
            self._report("This bracket was never opened.")
            return
        if self._key is not None:
            self._report("A value is missing before this.")
        while (value := self._open.pop()).kind is not kind:
            self._counts[value.kind] -= 1
            value.end = self._last.start
            self._report(f"A `{value.kind.value}` is still open here.", Span(value.start, value.start + 1))
        self._counts[kind] -= 1
        value.end = self._last.end
        self._key, self._has_value = None, True

    def _report(self, message: str, related: Span | None = None) -> None:
        """Note what is wrong at the last token: only the first of all, for the others mostly follow from it."""
        if self.problem is None:
            self.problem = Problem(CODE, message, self._last, None, related)
