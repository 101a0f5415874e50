"""rustc and cargo in both forms, panics of tests, and others that point at places with an arrow as rustc does."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import (
    COLUMN,
    LINE,
    PATH,
    SEVERITIES,
    Place,
    Remark,
    matched,
    place,
    remark,
)

_SAID = re.compile(r"(?P<severity>error|warning)(?:\[(?P<code>[\w-]+)\])?: (?P<message>.+)")
_ARROW = re.compile(rf"\s*--> {PATH}:{LINE}:{COLUMN}\s*$")
_SHORT = re.compile(rf"(?P<path>[^:\s][^:]*\.rs):{LINE}:{COLUMN}: {_SAID.pattern}")
_PANIC = re.compile(rf"thread '[^']*'(?: \(\d+\))? panicked at {PATH}:{LINE}:{COLUMN}:$")
_OLDER_PANIC = re.compile(rf"thread '[^']*' panicked at '(?P<message>.*)', {PATH}:{LINE}:{COLUMN}$")


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What the compiler and the tests say of files."""
    yield from _annotated(lines)
    for at, found in matched(lines, _SHORT):
        yield remark(at, found, "rustc")
    for at, found in matched(lines, _OLDER_PANIC):
        yield remark(at, found, "cargo test")
    for at, found in matched(lines, _PANIC):
        said = next((line.strip() for line in lines[at + 1 : at + 3] if line.strip()), "")
        yield Remark(at, (place(found),), said, source="cargo test")


def _annotated(lines: Sequence[str]) -> Iterator[Remark]:
    """What is said in one line, at the place that an arrow in the next one names."""
    for at, found in matched(lines, _SAID):
        arrow = _ARROW.match(lines[at + 1]) if at + 1 < len(lines) else None
        if arrow is not None:
            where = place(arrow)
            source = "ty" if _is_python(where) else "rustc"
            yield Remark(at, (where,), found["message"], SEVERITIES[found["severity"]], source, found["code"] or "")


def _is_python(where: Place) -> bool:
    return where.path.endswith((".py", ".pyi"))
