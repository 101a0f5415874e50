"""Jest and Vitest."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import COLUMN, LINE, Place, Remark, matched, place

_JEST = re.compile(r"\s*\u25cf (?P<name>\S.*)")
_VITEST = re.compile(r"\s*FAIL  (?P<name>\S.*)")
_FRAME = re.compile(rf"\s+at (?:.* \()?(?P<path>[^\s():][^:]*):{LINE}:{COLUMN}\)?$")
_ARROW = re.compile(rf"\s*\u276f (?:\S.* )?(?P<path>[^\s:][^:\s]*):{LINE}:{COLUMN}$")
_ENDS = ("Test Suites:", " Test Files", "\u23af\u23af")


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What failing tests say of files: at the innermost of their frames that lies in the workspace."""
    for at, _ in matched(lines, _JEST):
        yield from _failure(lines, at, _FRAME, "jest")
    for at, _ in matched(lines, _VITEST):
        yield from _failure(lines, at, _ARROW, "vitest")


def _failure(lines: Sequence[str], at: int, frame: re.Pattern[str], source: str) -> Iterator[Remark]:
    """The failure that a heading begins: the first line below it says what is wrong, and its frames say where."""
    places: list[Place] = []
    message = ""
    for below in range(at + 1, len(lines)):
        line = lines[below]
        if line.startswith(_ENDS) or _JEST.match(line) or _VITEST.match(line):
            break
        found = frame.match(line)
        if found is not None:
            places.append(place(found))
        elif not message:
            message = line.strip()
    if places and message:
        yield Remark(at, tuple(places), message, source=source)
