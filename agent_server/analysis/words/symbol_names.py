"""What a text spells as a name of the code: tokens of a sentence, those that are code with the names in them.

A name counts if it is spelled as code: in backticks, or with a shape that no word has (`parse_plan`, `ClayEntry`,
`API_KEY`, `POST /orders`, `order.paid`, `--json`). Languages, products and everyone's libraries are no names of this
code, nor are the commands of everyone's tools.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.words.path_shapes import is_path
from agent_server.analysis.words.symbol_words import COMMON, MACROS, TOOLS
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the code. `distinctive`: no word of prose is spelled like that. `called`: arguments follow it."""

    text: str
    distinctive: bool
    called: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """A word in lower case, a mark, or a piece of code (its text is a backtick) with the names that it spells.

    The first of `names` is the thing itself; what it stands in and its last part follow.
    """

    text: str
    span: Span
    names: tuple[Name, ...] = ()

    @property
    def is_code(self) -> bool:
        """Whether it is a piece of code, whatever it names."""
        return self.text == "`"


MAY_NAME = re.compile(r"`|[a-z0-9][A-Z]|\w_\w|\s--[a-z]|(?:^|\s)/[a-z]|[a-z]{3}\.[a-z]{3}")
"""Found in every text that names something, and in few others."""

CODE = re.compile(r"(`{1,2})(?!`)[^`\n]{1,200}\1(?!`)")
"""A code span."""


def tokens(prose: str, sentence: Span) -> Iterator[Token]:
    """The tokens of a sentence, with their spans in `prose`."""
    for match in _PIECE.finditer(prose, sentence.start, sentence.end):
        span = Span(*match.span())
        match match.lastgroup:
            case "code":
                yield Token("`", Span(*match.span("code")), names_in_code(match["code"]))
            case "word":
                yield _word(match["word"], span)
            case "endpoint" | "flag" | "route":
                yield Token("`", span, names_in_code(match[0]))
            case "path":
                yield Token("`", span)
            case "mark":
                yield Token(match[0], span)


def names_in_code(code: str) -> tuple[Name, ...]:
    """The names that a piece of code spells; nothing for a tool's command, a path or a value."""
    code = code.strip()
    if match := _ENDPOINT.match(code):
        return _route(match["name"])
    if match := _FLAG.match(code) or _DASHED.match(code):
        return (Name(match["name"], distinctive=True),)
    if match := _IMPORTED.match(code):
        return tuple(name for part in match["names"].split(",") for name in _spelled(part.split(" as ")[0].strip()))
    if match := _COMMAND.match(code):
        return () if match["tool"] in TOOLS else (Name(match["name"], distinctive=True),)
    if match := _MACRO.match(code):
        return () if match["name"] in MACROS else (Name(match["name"], distinctive=True),)
    match = _DECLARED.match(code) or _ELEMENT.match(code) or _CALL_OR_TYPE.match(code)
    if match is None or is_path(match["name"]):
        return ()
    return _spelled(match["name"], called=code.startswith("(", match.end("name")))


def is_variable(name: str, verbs: frozenset[str]) -> bool:
    """Whether a name may be that of a value or a column, rather than of a function, a type, a route or a setting."""
    if name.startswith(("/", "--")):
        return False
    first = re.split(r"_|(?<=[a-z0-9])(?=[A-Z])", name)[0]
    return first.islower() and first not in verbs and first not in _ACTIONS


def is_label(name: str) -> bool:
    """Whether a name is spelled as labels are, with dashes or as words: only what it is called makes it one thing."""
    return " " in name or ("-" in name and not name.startswith(("/", "--")))


def is_member(name: str) -> bool:
    """Whether a name ends as those of columns and fields do: too many things have a `user_id`."""
    return _MEMBER_ENDING.search(name) is not None


_WORD = r"[A-Za-z_$][\w$]*(?:(?:\.|::)[A-Za-z_$][\w$]*)*"
_METHOD = r"(?:GET|POST|PUT|PATCH|DELETE)"
_ROUTE = r"/[A-Za-z_{:\[][\w/:{}\[\].-]*"
# Lengths are bounded, so that a hostile line costs linear time.
_PIECE = re.compile(
    rf"""
      (?P<ticks>`{{1,2}}) (?!`) (?P<code>[^`\n]{{1,200}}) (?P=ticks) (?!`)
    | \]\( [^()\s]{{0,300}} \)
    | \b[a-z]{{2,10}}://\S{{0,500}}
    | (?P<endpoint> \b{_METHOD}\s+{_ROUTE} )
    | (?P<route> (?<![\w.@~/-]) /[a-z][\w/:{{}}\[\]-]* (?![\w.*~]*\w) )
    | (?P<path> (?<![\w.@~/-]) [\w@.~-]{{0,100}} (?:/[\w@.\[\]()*~-]{{1,100}})+ /? )
    | (?<![\w-]) (?P<flag> --[a-z][\w-]* )
    | (?P<word> {_WORD} (?:\([\w,\s]{{0,60}}\))? (?:['\u2019-]\w+)* )
    | (?P<mark> [,:()&+/\u2014\u2013|] | (?<=\s)-(?=\s) )
    """,
    re.VERBOSE,
)
_DECLARED = re.compile(
    rf"(?:(?:export|default|pub(?:\(\w+\))?|public|private|internal|abstract|static|async|data|sealed)\s+)*"
    rf"(?:class|def|function|interface|type|struct|enum|trait|fn|func|fun|const|let|var|val|protocol|record|object)\s+"
    rf"(?P<name>{_WORD})"
)
_IMPORTED = re.compile(r"(?:from\s+\S+\s+)?import\s+(?:type\s+)?\{?(?P<names>[\w\s,]+?)\}?(?:\s+from\s+\S+)?;?$")
_CALL_OR_TYPE = re.compile(rf"(?:new\s+|await\s+|@)?(?P<name>{_WORD})\s*(?:\(.*\).*|<.*>|\[\])?[;:]?$")
_MACRO = re.compile(r"(?:\w+::){0,8}(?P<name>[a-z]\w{2,})!\s*(?:[(\[{].*)?;?$")
_ELEMENT = re.compile(r"<(?P<name>[A-Z][\w.]*)[^<>]*/?>$")
_COMMAND = re.compile(r"(?P<name>(?P<tool>[a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*){1,2})(?: -.*)?$")
_DASHED = re.compile(r"(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)$")
_DOTTED = re.compile(r"[a-z][a-z0-9_]{2,}(?:\.[a-z][a-z0-9_]{2,})+$")
_ENDPOINT = re.compile(rf"(?:{_METHOD}\s+)?(?P<name>{_ROUTE})$")
_FLAG = re.compile(r"(?P<name>--[a-z][\w-]*)(?:[ =].*)?$")
_HUMP = re.compile(r"[a-z0-9][A-Z]")
# camelCase and snake_case, PascalCase, CONSTANT_CASE, an acronym and a word (`HTTPServer`).
_BARE = re.compile(
    r"[a-z][a-z0-9]*(?:[A-Z]|_[A-Za-z0-9])|[A-Z][a-z0-9]+[A-Z]|[A-Z][A-Z0-9]*_[A-Z0-9]|[A-Z]{2,}[a-z]+[A-Z]"
)
_MEMBER_ENDING = re.compile(
    r"(?:_(?:id|ids|at|by|count|date|due|name|number|path|status|time|total|type|url|version)|[a-z](?:Id|At|Count|Url))$"
)
_ACTIONS = frozenset({"can", "did", "get", "handle", "has", "is", "on", "set", "should", "to", "use", "with"})
_SHORTEST_NAME = 3


def _word(word: str, span: Span) -> Token:
    """A bare word: code if its shape says so, or if it is called."""
    bare = re.split(r"[('\u2019-]", word, maxsplit=1)[0]
    called = word[len(bare) :] == "()" and len(bare) > _SHORTEST_NAME
    qualified = _HUMP.search(bare) and ("." in bare or "::" in bare or word[len(bare) :].startswith("("))
    if (called or qualified or _BARE.match(bare) or _DOTTED.match(bare)) and not is_path(bare):
        names = _spelled(bare, called=word.startswith("(", len(bare)))
        return Token("`", Span(span.start, span.start + len(bare)), names)
    return Token(word.lower().replace("\u2019", "'"), span)


def _route(route: str) -> tuple[Name, ...]:
    route = route.rstrip("/.")
    fixed = [part for part in route.split("/") if part and part[0] not in ":{["]
    return (Name(route, distinctive=True),) if fixed and not any(map(is_path, fixed)) else ()


def _spelled(name: str, *, called: bool = False) -> tuple[Name, ...]:
    """A name, and its parts: `Parser.parse_plan` is one of `Parser`, too."""
    parts = re.split(r"\.|::", name)
    if name.lower() in COMMON or parts[-1].lower() in COMMON or len(name) < _SHORTEST_NAME:
        return ()
    found = [Name(name, is_distinctive(name), called)]
    if len(parts) > 1:
        ends = (part for part in (parts[0], parts[-1]) if part.lower() not in COMMON)
        found += [Name(part, distinctive=True) for part in ends if is_distinctive(part)]
    return tuple(found)


def is_distinctive(name: str) -> bool:
    """Whether no word of prose is spelled like a name."""
    return bool(_HUMP.search(name)) or "_" in name.strip("_") or "." in name or "::" in name
