"""What a tool says of a place, before anybody knows whether the workspace has such a file."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.analysis.settings import Severity

SEVERITIES: Mapping[str, Severity] = {
    "error": Severity.ERROR,
    "fatal error": Severity.ERROR,
    "warning": Severity.WARNING,
    "information": Severity.INFORMATION,
}
"""The words by which most tools say how bad it is, in lower case."""

PATH = r"(?P<path>[^:\s][^:]*)"
"""A path at the start of `path:line`; it may hold blanks, brackets and parentheses."""

LINE = r"(?P<line>\d{1,7})"
"""The number of a line."""

COLUMN = r"(?P<column>\d{1,7})"
"""The number of a column."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong: a path as the tool wrote it; line and column count from 1."""

    path: str
    line: int
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a tool says. `at` is the line of the output, from 0, that says it.

    Of `places` the first that lies in the workspace counts: the frames of a stack, the innermost first.
    """

    at: int
    places: tuple[Place, ...]
    message: str
    severity: Severity = Severity.ERROR
    source: str = ""
    code: str = ""


Family = Callable[[Sequence[str]], Iterator[Remark]]
"""What reads the output of a family of tools."""


def matched(lines: Sequence[str], *patterns: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    """The lines that one of the patterns matches from their start on, each with its number."""
    for at, line in enumerate(lines):
        found = next(filter(None, (pattern.match(line) for pattern in patterns)), None)
        if found is not None:
            yield at, found


def remark(at: int, found: re.Match[str], source: str) -> Remark:
    """What a pattern has found in its groups `path`, `line`, `column`, `severity`, `code` and `message`."""
    groups = found.groupdict()
    severity = SEVERITIES.get((groups.get("severity") or "error").lower(), Severity.ERROR)
    return Remark(at, (place(found),), groups["message"].strip(), severity, source, groups.get("code") or "")


def place(found: re.Match[str]) -> Place:
    """The place in the groups `path`, `line` and `column` of a match."""
    groups = found.groupdict()
    column = groups.get("column")
    return Place(groups["path"].strip(), int(groups.get("line") or 1), int(column) if column else None)


def indentation(line: str) -> int:
    """How many blanks a line starts with."""
    return len(line) - len(line.lstrip())
