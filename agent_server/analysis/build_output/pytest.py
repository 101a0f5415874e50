"""pytest, in whichever of its forms it shows a failure."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import Place, Remark

_FRAME = re.compile(r"(?P<path>[^:\s][^:]*\.py):(?P<line>\d{1,7}): ?(?P<said>.*)")
_EXCEPTION = re.compile(r"[A-Z]\w*(?:\.\w+)*(?::|$)")
_SUMMARY = re.compile(r"(?:FAILED|ERROR) (?P<path>[^:\s][^:]*\.py)(?:::(?P<test>\S+))?(?: - (?P<said>.*))?$")
_SECTION = "___"
_SOURCE = "pytest"


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What failing tests say of files: at the innermost of their frames that lies in the workspace."""
    starts = [at for at, line in enumerate(lines) if _is_heading(line)]
    told = False
    for start in starts:
        found = _of_section(lines, start)
        if found is not None:
            told = True
            yield found
    for at, line in enumerate(lines):
        found = None if told else _of_line(at, line)
        if found is not None:
            yield found
    if not told:
        yield from _of_summary(lines)


def _is_heading(line: str) -> bool:
    """Whether it is a line such as `____ test_fires ____`."""
    return line.startswith(_SECTION) and line.endswith("_") and " " in line


def _of_section(lines: Sequence[str], start: int) -> Remark | None:
    """One failure: its frames, the outermost first, and the lines that pytest marks with an E."""
    places: list[Place] = []
    said: list[str] = []
    named = ""
    for at in range(start + 1, len(lines)):
        line = lines[at]
        if _is_heading(line) or line.startswith(("====", "----", "!!!!")):
            break
        if line.startswith("E   "):
            said.append(line[4:].strip())
        elif (frame := _FRAME.match(line)) is not None:
            places.append(Place(frame["path"], int(frame["line"])))
            named = frame["said"]
    message = next(filter(None, said), named)
    # Without frames it may be of another tool, or a heading in the captured output.
    return Remark(start, tuple(reversed(places)), message, source=_SOURCE) if places and message else None


def _of_line(at: int, line: str) -> Remark | None:
    """A failure in one line, as `--tb=line` has it."""
    frame = _FRAME.match(line)
    if frame is None or not _EXCEPTION.match(frame["said"]):
        return None
    return Remark(at, (Place(frame["path"], int(frame["line"])),), frame["said"], source=_SOURCE)


def _of_summary(lines: Sequence[str]) -> Iterator[Remark]:
    """Where nothing tells of lines, the summary at the end tells at least of files."""
    if any((frame := _FRAME.match(line)) and _EXCEPTION.match(frame["said"]) for line in lines):
        return
    for at, line in enumerate(lines):
        found = _SUMMARY.match(line)
        if found is not None:
            test, said = found["test"] or "This file", found["said"]
            message = f"{test} fails: {said}" if said else f"{test} fails."
            yield Remark(at, (Place(found["path"], 1),), message, source=_SOURCE)
