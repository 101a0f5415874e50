"""Lists of files in the section of a task: `**Files:**`, and below it what is created, modified, tested or deleted.

A list begins at a line that is called so: a paragraph, a heading, an item. Its files stand on that line, in the items
below it, or in the rows of a table, each with a word in front of it (`Create:`, `**Modify**`) or with none, and with
remarks behind it. What is neither in backticks nor looks like a path all by itself is no file, but words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agent_server.plan.items import is_none
from agent_server.plan.markdown.blocks import TEXT, Blocks
from agent_server.plan.markdown.lists import ListItem
from agent_server.plan.model import Item
from agent_server.plan.text import Span

_DOING = r"(?:creat|modif|chang|edit|updat|touch|add|remov|delet|writ)\w{0,3}"
_LABEL = re.compile(
    r"[ \t]*+(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)?(?:#{2,6}[ \t]++)?[*_]{0,3}"
    rf"(?:(?:key|affected|target|primary|likely|relevant|new|touched|changed|modified)[ \t]++)?files?"
    rf"(?:[ \t]++(?:to[ \t]++)?(?:be[ \t]++)?{_DOING}(?:[ \t]*+(?:/|,|&|and|or)[ \t]*+{_DOING}){{0,4}})?"
    r"(?:[*_]{0,3}[ \t]*+[:\uff1a][*_]{0,3}|[*_]{1,3}(?=[ \t]*+$)|(?=[ \t]*+$))[ \t]*+",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"[*_]{0,3}(?P<verb>[^\W\d_][^`\[\]()/.:*_\uff1a\r\n]{0,40})"
    r"(?:[*_]{0,3}[:\uff1a][*_]{0,3}|[*_]{1,3}(?=[ \t]))[ \t]*+"
)
_PLAIN_VERB = re.compile(
    rf"(?P<verb>(?:{_DOING}|new|test\w{{0,3}}|renam\w{{1,3}}|mov\w{{1,3}}|overwrit\w{{1,3}}|exten\w{{1,3}}"
    r"|replac\w{1,3}|read|see|review|check|refer\w{0,5}))[ \t]++(?=[`\[])",
    re.IGNORECASE,
)
_READING = re.compile(
    r"(?:read|refer|see\b|review|check|inspect|consult|context|look|existing|unchanged|keep|verif|run\b|depend|mirror"
    r"|follow|uses?\b)",
    re.IGNORECASE,
)
_READ_REMARK = re.compile(
    r"[ \t]*+\((?:read[- ]only|for reference|reference|context|no changes?|unchanged)(?: only)?"
    r"(?:[,;:\u2014][^()]{0,80})?\)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"[*_]{0,3}(?:(?P<ticks>`++)(?P<code>[^`\r\n]++)(?P=ticks)"
    r"|\[(?P<label>[^\]\r\n]*+)\]\((?P<link>[^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+)\)"
    r"|(?P<bare>[^\s`,;:()*|]++))[*_]{0,3}"
)
_AND = re.compile(r"[ \t]*+(?:,[ \t]*+and\b|[,;&+]|(?:/|->|=>)(?=[ \t])|\u2192|\b(?:and|or|to)\b)[ \t]*+")
_ENDS_BARE = re.compile(r"[ \t]*+(?:$|[,;(|]|[-\u2013\u2014][ \t])")
_LINES = re.compile(r"(?::\d[\d,:\u2013-]*+|#L\d[\dL-]*+)\Z")
_OUTSIDE = re.compile(r"(?:[a-z][a-z0-9+.-]+://|[a-z]:[\\/]|[/~])", re.IGNORECASE)
_ENDING = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9]{0,11}|\.[\w.-]{2,})\Z")
_WITHOUT_ENDING = re.compile(
    r"(?:brew|caddy|container|docker|gem|jenkins|just|make|pip|pod|proc|rake|vagrant)file|build|codeowners|license"
    r"|notice|readme|version|workspace",
    re.IGNORECASE,
)
_CELL = re.compile(r"[ \t]*+\|[ \t]*+")
_UP = re.compile(r"(?:\.{1,2}/)++")
_REMARK = re.compile(r"[ \t]*+\(")

# Beyond that it is no path, and no list of a task's files.
_LONGEST = 1_000
_MOST = 1_000


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a list names.

    `place` is all that is written of it, with remarks; `lines` are those of its entry; `verb` is the word in front of
    it, if any.
    """

    item: Item
    reads: bool
    place: Span
    lines: range
    verb: Span | None


@dataclass(frozen=True, slots=True)
class FileList:
    """One list: the line that it begins at, the line behind its last entry, and its files."""

    line: int
    last: int
    files: tuple[NamedFile, ...]


def file_lists(blocks: Blocks, items: Sequence[ListItem]) -> list[FileList]:
    """The lists of files in a text whose blocks and items these are. Code is never read."""
    found: list[FileList] = []
    starting = {item.line: at for at, item in enumerate(items)}
    behind = 0
    for number in range(len(blocks.starts)):
        if number < behind or blocks.kinds[number] != TEXT:
            continue
        label = _LABEL.match(blocks.text, blocks.starts[number], blocks.ends[number])
        if label is None:
            continue
        if label.end() < blocks.ends[number]:
            files = list(
                _files_at(blocks.text, Span(label.end(), blocks.ends[number]), range(number, number + 1), None)
            )
            behind = number + 1
        else:
            files, behind = _listed(blocks, items, starting, number)
        if files:
            found.append(FileList(number, behind, tuple(files)))
    return found


def is_path(text: str) -> bool:
    """Whether what stands in backticks is a path below the workspace's root, and no name of something else."""
    if len(text) > _LONGEST or any(character.isspace() for character in text):
        return False
    if is_none(text) or _OUTSIDE.match(text) or "()" in text:
        return False
    name = text.rstrip("/").rpartition("/")[2]
    return "/" in text or bool(_ENDING.search(name)) or _WITHOUT_ENDING.fullmatch(name) is not None


def _listed(
    blocks: Blocks, items: Sequence[ListItem], starting: Mapping[int, int], label: int
) -> tuple[list[NamedFile], int]:
    """The files in the list or the table below a label, and the line behind it."""
    first = label + 1
    while first < len(blocks.starts) and blocks.is_blank(first):
        first += 1
    if first < len(blocks.starts) and _CELL.match(blocks.text, blocks.starts[first], blocks.ends[first]):
        return _rows(blocks, first)
    if first not in starting or (label in starting and items[starting[first]].above != starting[label]):
        return [], label + 1
    return _entries(blocks, items, starting[first])


def _entries(blocks: Blocks, items: Sequence[ListItem], first: int) -> tuple[list[NamedFile], int]:
    """The files of the list whose first item this is. Below an item that only says what is done stand its files."""
    files: list[NamedFile] = []
    verbs: dict[int, Span] = {}
    top, last = items[first], items[first].line
    for at, item in enumerate(items[first : first + _MOST], first):
        if item.above == top.above:
            is_next = all(blocks.is_blank(number) for number in range(last, item.line))
            if item.box is not None or not is_next or _bullet(blocks, item) != _bullet(blocks, top):
                break
            last = item.last
        elif item.line >= last:
            break
        elif item.above not in verbs:
            continue
        files += _files_at(blocks.text, item.content, range(item.line, item.last), verbs.get(item.above))
        verb = _VERB.match(blocks.text, item.content.start, item.content.end)
        if verb and verb.end() >= item.content.end:
            verbs[at] = Span(*verb.span("verb"))
    return files, last


def _bullet(blocks: Blocks, item: ListItem) -> str:
    """What the items of one list have in common (CommonMark 5.3): its bullet, or what follows the number."""
    first = blocks.text[blocks.starts[item.line] : item.content.start].lstrip(" \t")
    return first.lstrip("0123456789")[:1]


def _rows(blocks: Blocks, first: int) -> tuple[list[NamedFile], int]:
    """The files in the first column of a table; the others tell what is done with them."""
    files: list[NamedFile] = []
    number = first
    while number < len(blocks.starts):
        row = _CELL.match(blocks.text, blocks.starts[number], blocks.ends[number])
        if row is None:
            break
        end = blocks.text.find("|", row.end(), blocks.ends[number])
        end = end if end >= 0 else blocks.ends[number]
        reads = _READING.match(blocks.text[end : blocks.ends[number]].lstrip("| \t*_")) is not None
        lines = range(number, number + 1)
        files += (
            replace(each, reads=each.reads or reads)
            for each in _files_at(blocks.text, Span(row.end(), end), lines, None)
        )
        number += 1
    return files, number


def _files_at(text: str, place: Span, lines: range, above: Span | None) -> Iterator[NamedFile]:
    """The files that stand at a place, behind what is done with them."""
    verb = _VERB.match(text, place.start, place.end) or _PLAIN_VERB.match(text, place.start, place.end)
    word = Span(*verb.span("verb")) if verb else above
    at = verb.end() if verb else place.start
    reads = word is not None and _READING.match(text, word.start) is not None
    while entry := _ENTRY.match(text, at, place.end):
        behind = entry.end()
        if entry["bare"] is not None and not _ENDS_BARE.match(text, behind, place.end):
            return
        at = _behind_remarks(text, behind, place.end)
        if item := _item(entry):
            is_read = reads or _READ_REMARK.match(text, behind, at) is not None
            yield NamedFile(item, is_read, Span(entry.start(), at), lines, word)
        further = _AND.match(text, at, place.end)
        if further is None:
            return
        at = further.end()


def _behind_remarks(text: str, at: int, end: int) -> int:
    """The offset behind the remarks in brackets that follow `at`, if any do."""
    while remark := _REMARK.match(text, at, end):
        at = _closing(text, remark.end() - 1, end)
    return at


def _closing(text: str, start: int, end: int) -> int:
    depth = 0
    for at in range(start, end):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at + 1
    return end


def _item(entry: re.Match[str]) -> Item | None:
    """The path of an entry, without lines and what leads up to the root; None where it is none."""
    group = next(name for name in ("code", "bare", "link") if entry[name] is not None)
    if group == "link" and not is_path(_path_in(entry["link"])):
        group = "label"
    start, written = entry.start(group), entry[group]
    if group == "label" and len(written) > 1 and written[0] == written[-1] == "`":
        start, written = start + 1, written[1:-1]
    if up := _UP.match(written):
        start, written = start + up.end(), written[up.end() :]
    path = _path_in(written)
    if not is_path(path) or (group == "bare" and "/" not in path and not _ENDING.search(path)):
        return None
    return Item(path, Span(start, start + len(path)))


def _path_in(written: str) -> str:
    """A path without the lines or the test that it points at."""
    path = written[: _LONGEST + 1].partition("::")[0]
    found = _LINES.search(path)
    return path[: found.start()] if found else path
