"""ESLint in its forms `stylish`, `unix` and `compact`, others that print like it, and Prettier's list of files."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import COLUMN, LINE, PATH, SEVERITIES, Place, Remark, matched, remark
from agent_server.analysis.settings import Severity

_HEADING = re.compile(r"(?P<path>\S.*\.\w+)\s*$")
_FINDING = re.compile(rf"\s+{LINE}:{COLUMN}\s+(?P<severity>error|warning)\s+(?P<said>\S.*)")
_UNIX = re.compile(rf"{PATH}:{LINE}:{COLUMN}: (?P<message>.+) \[(?P<severity>Error|Warning)(?:/(?P<code>[^\]]+))?\]$")
_COMPACT = re.compile(
    rf"{PATH}: line {LINE}, col {COLUMN}, (?P<severity>Error|Warning) - (?P<message>.+?)(?: \((?P<code>[^()\s]+)\))?$"
)
_PRETTIER = re.compile(r"\[warn\] (?P<path>\S.*\.\w+)$")
_RULE = re.compile(r"@?[a-z][\w./-]*")


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What the linter says of files."""
    yield from _stylish(lines)
    for at, found in matched(lines, _UNIX, _COMPACT):
        yield remark(at, found, "eslint")
    for at, found in matched(lines, _PRETTIER):
        yield Remark(at, (Place(found["path"], 1),), "This file is not formatted.", source="prettier")


def _stylish(lines: Sequence[str]) -> Iterator[Remark]:
    """The findings below the name of their file."""
    path: str | None = None
    for at, line in enumerate(lines):
        found = _FINDING.match(line)
        if found is not None and path is not None:
            message, code = _divided(found["said"])
            place = Place(path, int(found["line"]), int(found["column"]))
            severity = SEVERITIES.get(found["severity"], Severity.ERROR)
            yield Remark(at, (place,), message, severity, "eslint", code)
        elif found is None:
            heading = _HEADING.match(line)
            path = heading["path"] if heading is not None else None


def _divided(said: str) -> tuple[str, str]:
    """The message and the rule behind it, which two or more blanks set apart."""
    message, _, rule = said.rstrip().rpartition("  ")
    return (message.rstrip(), rule) if message and _RULE.fullmatch(rule) else (said.strip(), "")
