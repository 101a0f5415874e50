"""Of which file a block is: what its fence, its first line or the words above it name."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent_server.plan.code.names import may_hold, of_file
from agent_server.plan.model import Item
from agent_server.plan.text import Span

_SEGMENT = r"[\w@.()\[\]$~-]"
_PATH = rf"(?:{_SEGMENT}++/)*+{_SEGMENT}*?[\w\])]\.[A-Za-z]\w{{0,11}}|(?:{_SEGMENT}++/)*+(?:Dockerfile|Makefile)"
_WHOLE_PATH = re.compile(rf"(?:{_PATH})\Z")
_BEHIND_PATH = re.compile(r"(?::\d[\d,:\u2013-]*|#L\d[\dL-]*|::[\w:.\[\]-]+)\Z")

_ATTRIBUTE = re.compile(
    r"\b(?:title|filename|file|path|name)[ \t]*+=[ \t]*+"
    r"(?:\"(?P<double>[^\"]++)\"|'(?P<single>[^']++)'|(?P<bare>[^\s\"',}]++))"
)
_IN_INFO = re.compile(rf"(?:\A[\w+#-]*+[:\s]|\A)(?:(?P<lines>\d+:\d+):)?(?P<path>{_PATH})(?=\s|\Z)")
_FIRST_LINE = re.compile(
    r"[ \t]*+(?://+|#+|--|;+|%|/\*+|<!--|\{/\*)[ \t]*+(?:(?:file(?:name)?|path|in)[ \t]*:?[ \t]*+)?"
    rf"[`\"']?(?P<path>{_PATH})[`\"']?[ \t]*+(?:\*/\}}?|-->)?[ \t]*+"
    r"(?:\(.*\)|[-\u2013\u2014:].*|(?:add|after|append|before|changed|modified|new|updated)\b.*)?(?:\*/\}?|-->)?\Z",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"\[(?P<label>[^\]\n]{1,200})\]\((?P<link>[^()\s]{1,300}(?:\([^()\s]{0,100}\)[^()\s]{0,100}){0,9})\)"
    rf"|`(?P<ticked>[^`\n]{{1,300}})`|(?<![\w@./\\~-])(?P<plain>{_PATH})(?![\w/])"
)
_PUTTING = re.compile(
    r"(?:\b(?:in|into|inside|within|to|at|creat\w+|adds?|adding|append\w*|edit\w*|updat\w+|modif\w+|chang\w+|replac\w+"
    r"|extend\w*|rewrit\w+|overwrit\w+|writ\w+|implement\w*|files?|tests?|new|open|renam\w+)|[:\uff1a])[*_\s:\uff1a(]*+"
    r"(?:(?:the|new|test|existing|file)[ \t]++){0,4}[*_\[(]*+\Z",
    re.IGNORECASE,
)
_APART = re.compile(
    r"\b(?:against|as|by|copy|defined|exported|follow\w*|from|import\w*|like|mirror\w*|of|per|reus\w+|run|runs|see|than"
    r"|unlike|us\w+|via|with)[*_\s:]*+(?:(?:the|from|in)[ \t]++){0,2}[*_\[(]*+\Z",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"[\W\d]*(?:(?:step|task)[ \t]\d+\W*)?"
    r"(?:add|append|create|edit|extend|in|modify|overwrite|replace|rewrite|update|write)\b",
    re.IGNORECASE,
)
"""How words begin whose first path is where something is put."""

_NO_FILES = (".com", ".dev", ".e", ".g", ".io", ".net", ".org")
_LONGEST_LINE = 300
_LONGEST_BEFORE = 60


class Named(NamedTuple):
    """A path, and whether words say that the code is there already."""

    item: Item
    is_there: bool = False


def in_info(info: str, start: int) -> Named | None:
    """The path behind a fence: `ts title="src/a.ts"`, `ts:src/a.ts`; `12:15:src/a.ts` tells of lines of today."""
    if "." not in info and "file" not in info:
        return None
    if attribute := _ATTRIBUTE.search(info):
        group = attribute.lastgroup or ""
        found = _item(attribute[group], start + attribute.start(group))
        return None if found is None else Named(found)
    match = _IN_INFO.search(info)
    found = _item(match["path"], start + match.start("path")) if match else None
    return None if match is None or found is None else Named(found, match["lines"] is not None)


def in_first_line(line: str, start: int) -> Named | None:
    """The path that a line of a block is, as a comment."""
    if "." not in line or "://" in line or len(line) > _LONGEST_LINE:
        return None
    match = _FIRST_LINE.match(line)
    found = _item(match["path"], start + match.start("path")) if match else None
    return Named(found) if found is not None and _is_file(found.text) else None


def in_words(words: str, start: int, language: str) -> Named | None:
    """The path of which a block is by the words above it: the only one that may be, or the one that it is put in."""
    named = [(item, before) for item, before in _paths(words, start) if may_hold(item.text, language)]
    named = [(item, before) for item, before in named if _is_file(item.text) and not _APART.search(before)]
    put = [item for item, before in named if _PUTTING.search(before)]
    paths = put or [item for item, _ in named]
    if len({item.text for item in paths}) == 1 or (put and _BEGINS.match(words)):
        return Named(paths[0])
    return None


def _is_file(path: str) -> bool:
    return "/" in path or of_file(path) != ""


def _paths(words: str, start: int) -> Iterator[tuple[Item, str]]:
    """The paths in the words above a block, each with what stands before it."""
    for match in _NAMED.finditer(words):
        group = "label" if _is_path(match["label"]) else match.lastgroup or ""
        bare = match[group].strip("`*")
        found = _item(bare, start + match.start(group) + match[group].find(bare))
        if found is not None:
            yield found, words[max(0, match.start() - _LONGEST_BEFORE) : match.start()]


def _is_path(label: str | None) -> bool:
    """Whether the label of a link is the path itself: the link may lead up from where the plan lies."""
    return label is not None and "/" in label and _WHOLE_PATH.match(label.strip("`*")) is not None


def _item(spelled: str, start: int) -> Item | None:
    behind = _BEHIND_PATH.search(spelled)
    written = spelled[: behind.start()] if behind else spelled
    path = written.removeprefix("./")
    if not _WHOLE_PATH.match(path) or path.startswith("../") or "//" in path or path.endswith(_NO_FILES):
        return None
    first = start + len(written) - len(path)
    return Item(path, Span(first, first + len(path)))
