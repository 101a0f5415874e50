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
    """A name of the code. `distinctive`: no word of prose is spelled like that.

    `arguments`: those that follow it, with what it returns: `(path string) error`, `()`; empty if it is not called.
    """

    text: str
    distinctive: bool
    arguments: str = ""

    @property
    def has_parameters(self) -> bool:
        """Whether its parameters follow it, or what it returns: `Open(path)`, `Handler() http.Handler`."""
        return _PARAMETERS.match(self.arguments) is not None

    @property
    def is_declared(self) -> bool:
        """Whether the types of its parameters follow it, or what it returns: no call is spelled so."""
        return _TYPES.match(self.arguments) is not None


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
    for pattern, names_in in _SHAPES:
        if match := pattern.match(code):
            return names_in(match)
    return ()


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
    rf"(?:\(\w+ \*?\w+\)\s*)?(?P<name>{_WORD})"
)
_IMPORTED = re.compile(r"(?:from\s+\S+\s+)?import\s+(?:type\s+)?\{?(?P<names>[\w\s,]+?)\}?(?:\s+from\s+\S+)?;?$")
# Pointers, slices, values and type parameters of Go count too: `*store.DB`, `[]Event`, `&Options{}`, `Map[K, V](x)`.
_CALL_OR_TYPE = re.compile(
    rf"(?:new\s+|await\s+|@|(?:\[\]|[*&])+(?=[A-Za-z_]))?(?P<name>{_WORD})\s*"
    r"(?:\(.*\).*|<.*>|\[\]|\[\w[\w., ]*\](?:\(.*\).*)?|\{[^{}]*\})?[;:]?$"
)
_PARAMETERS = re.compile(r"\((?:\s*[^\s)]|\s*\)\s*(?:->|:|[\w*\[(]))")
_TYPES = re.compile(r"\((?:[^()]*\w(?:\s+|\s*:\s*)[\w*\[&]|[^()]*\)\s*(?:->|[\w*\[(]))")
_MACRO = re.compile(r"(?:\w+::){0,8}(?P<name>[a-z]\w{2,})!\s*(?:[(\[{].*)?;?$")
_ELEMENT = re.compile(r"<(?P<name>[A-Z][\w.]*)[^<>]*/?>$")
_COMMAND = re.compile(r"(?P<name>(?P<tool>[a-z][a-z0-9-]*)(?: [a-z][a-z0-9-]*){1,2})(?: -.*)?$")
_DASHED = re.compile(r"(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)$")
_DOTTED = re.compile(r"[a-z][a-z0-9_]{2,}(?:\.[a-z][a-z0-9_]{2,})+$")
_ENDPOINT = re.compile(rf"(?:{_METHOD}\s+)?(?P<name>{_ROUTE})$")
_FLAG = re.compile(r"(?P<name>--[a-z][\w-]*)(?:[ =].*)?$")
_HUMP = re.compile(r"[a-z0-9][A-Z]|[A-Z]{2,}[a-z]{2,}")
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
        return Token("`", Span(span.start, span.start + len(bare)), _spelled(bare, _arguments(word[len(bare) :])))
    return Token(word.lower().replace("\u2019", "'"), span)


def _in_route(match: re.Match[str]) -> tuple[Name, ...]:
    route = match["name"].rstrip("/.")
    fixed = [part for part in route.split("/") if part and part[0] not in ":{["]
    return (Name(route, distinctive=True),) if fixed and not any(map(is_path, fixed)) else ()


def _in_label(match: re.Match[str]) -> tuple[Name, ...]:
    return (Name(match["name"], distinctive=True),)


def _in_import(match: re.Match[str]) -> tuple[Name, ...]:
    return tuple(name for part in match["names"].split(",") for name in _spelled(part.split(" as ")[0].strip()))


def _in_command(match: re.Match[str]) -> tuple[Name, ...]:
    return () if match["tool"] in TOOLS else _in_label(match)


def _in_macro(match: re.Match[str]) -> tuple[Name, ...]:
    return () if match["name"] in MACROS else _in_label(match)


def _in_source(match: re.Match[str]) -> tuple[Name, ...]:
    name, behind = match["name"], match.string[match.end("name") :]
    return () if is_path(name) else _spelled(name, _arguments(behind))


def _arguments(behind: str) -> str:
    behind = behind.lstrip()
    return behind if behind.startswith("(") else ""


_SHAPES = (
    (_ENDPOINT, _in_route),
    (_FLAG, _in_label),
    (_DASHED, _in_label),
    (_IMPORTED, _in_import),
    (_COMMAND, _in_command),
    (_MACRO, _in_macro),
    (_DECLARED, _in_source),
    (_ELEMENT, _in_source),
    (_CALL_OR_TYPE, _in_source),
)
"""What code that names something looks like, with how its names are read. The first that fits counts."""


def _spelled(name: str, arguments: str = "") -> tuple[Name, ...]:
    """A name, and its parts: `Parser.parse_plan` is one of `Parser`, too."""
    parts = re.split(r"\.|::", name)
    if name.lower() in COMMON or parts[-1].lower() in COMMON or len(name) < _SHORTEST_NAME:
        return ()
    found = [Name(name, is_distinctive(name), arguments)]
    if len(parts) > 1:
        ends = (part for part in (parts[0], parts[-1]) if part.lower() not in COMMON)
        found += [Name(part, distinctive=True) for part in ends if is_distinctive(part)]
    return tuple(found)


def is_distinctive(name: str) -> bool:
    """Whether no word of prose is spelled like a name."""
    return bool(_HUMP.search(name)) or "_" in name.strip("_") or "." in name or "::" in name
