"""Tracebacks of Python, which unittest and many programs print, and its syntax errors."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import Place, Remark, indentation

_FRAME = re.compile(r'\s*File "(?P<path>[^"]+)", line (?P<line>\d{1,7})')


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What each exception says, at the innermost frame that lies in the workspace."""
    places: list[Place] = []
    inside = 0
    for at, line in enumerate(lines):
        frame = _FRAME.match(line)
        if frame is not None:
            if not places:
                inside = indentation(line)
            places.append(Place(frame["path"], int(frame["line"])))
        elif places and line.strip() and indentation(line) < max(inside, 1):
            yield Remark(at, tuple(reversed(places)), line.strip(), source="python")
            places = []
