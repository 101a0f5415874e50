"""Diffs in blocks: of which file each part is, and what there is after it and was before."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent_server.plan.text import Span

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@|@@(?: |\Z)")
_HEADER = re.compile(
    r"(?:diff --git |index [0-9a-f]+\.\.|(?:new|deleted) file mode |similarity |rename |old mode|new mode|Binary )"
)
_NEW_FILE = re.compile(r"\+\+\+ (?:b/)?(?P<path>[^\t\n]+?)[ \t]*(?:\t.*)?\Z")
_OLD_FILE = re.compile(r"--- (?:a/)?(?P<path>[^\t\n]+?)[ \t]*(?:\t.*)?\Z")


class FileDiff(NamedTuple):
    """The lines of a diff that are about one file, `first` to `last`, exclusive; `path` is its name, if it is told."""

    first: int
    last: int
    path: str
    place: Span | None
    is_new: bool
    is_gone: bool


def is_diff(lines: Sequence[str]) -> bool:
    """Whether the lines are a diff, whatever the fence says: they have a header, or all are marked."""
    if any(_HUNK.match(line) for line in lines) or any(_is_name(lines, at) for at in range(len(lines))):
        return True
    shown = [line for line in lines if line.strip()]
    is_marked = all(line[0] in "+- " for line in shown)
    return is_marked and any(line[0] == "+" for line in shown) and any(line[0] != "+" for line in shown)


def files_in(lines: Sequence[str], starts: Sequence[int]) -> Iterator[FileDiff]:
    """The parts of a diff, one a file. Where it names none, it is one part."""
    heads = [at for at in range(len(lines)) if lines[at].startswith("--- ") and _is_name(lines, at)]
    if not heads:
        yield FileDiff(0, len(lines), "", None, is_new=False, is_gone=False)
        return
    for at, behind in zip(heads, [*heads[1:], len(lines)], strict=True):
        old, new = _OLD_FILE.match(lines[at]), _NEW_FILE.match(lines[at + 1])
        is_gone = new is not None and new["path"] == "/dev/null"
        named, line = (old, at) if is_gone else (new, at + 1)
        path = named["path"] if named is not None else ""
        start = starts[line] + (named.start("path") if named is not None else 0)
        is_new = old is not None and old["path"] == "/dev/null"
        yield FileDiff(at, behind, path, Span(start, start + len(path)), is_new, is_gone)


def sides(lines: Sequence[str]) -> tuple[list[tuple[int, bool]], list[tuple[int, bool]]]:
    """The lines that there are after a diff, and before it, each with whether it is added (or removed)."""
    after: list[tuple[int, bool]] = []
    before: list[tuple[int, bool]] = []
    for at, line in enumerate(lines):
        if _HUNK.match(line) or _HEADER.match(line) or _is_name(lines, at):
            continue
        if line.startswith("+"):
            after.append((at, True))
        elif line.startswith("-"):
            before.append((at, True))
        else:
            after.append((at, False))
            before.append((at, False))
    return after, before


def _is_name(lines: Sequence[str], at: int) -> bool:
    """Whether a line names one of the two files."""
    is_old = lines[at].startswith("--- ") and at + 1 < len(lines) and _NEW_FILE.match(lines[at + 1]) is not None
    return is_old or (at > 0 and _NEW_FILE.match(lines[at]) is not None and lines[at - 1].startswith("--- "))
