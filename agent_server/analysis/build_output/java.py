"""javac, also below Gradle and Ant; Maven; the Kotlin compiler; stacks of Java's and what Surefire says of tests."""

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from agent_server.analysis.build_output.remark import COLUMN, LINE, PATH, Place, Remark, matched, place, remark
from agent_server.analysis.settings import Severity

_JAVAC = re.compile(
    rf"\s*(?:\[javac\] )?(?P<path>[^:\s][^:]*\.java):{LINE}: "
    r"(?P<severity>error|warning): (?:\[(?P<code>\w+)\] )?(?P<message>.+)"
)
_MAVEN = re.compile(rf"\[(?P<severity>ERROR|WARNING)\] {PATH}:\[{LINE},{COLUMN}\] (?P<message>.+)")
_KOTLIN = re.compile(rf"(?P<severity>[ew]): (?P<path>(?:file://)?[^:\s][^:]*):{LINE}:{COLUMN}:? (?P<message>.+)")
_OLDER_KOTLIN = re.compile(rf"(?P<severity>[ew]): {PATH}: \({LINE}, {COLUMN}\): (?P<message>.+)")
_SUREFIRE = re.compile(rf"\[ERROR\]\s+(?P<type>[A-Z]\w*)\.(?P<test>\w+):{LINE}(?:->\S+)? (?P<message>.+)")
_FRAME = re.compile(rf"\s+at (?P<called>[^()\s]+)\((?P<file>\w+\.(?:java|kt)):{LINE}\)")
_ANY_FRAME = re.compile(r"\s+(?:at \S|\.\.\. \d)")
_CARET = re.compile(r"\s*\^\s*$")


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What compilers and tests say of files."""
    for at, found in matched(lines, _JAVAC):
        column = next((line.index("^") + 1 for line in lines[at + 1 : at + 4] if _CARET.match(line)), None)
        said = remark(at, found, "javac")
        where = Place(said.places[0].path, said.places[0].line, column)
        yield Remark(at, (where,), said.message, said.severity, said.source, said.code)
    for at, found in matched(lines, _MAVEN):
        yield remark(at, found, "maven")
    for at, found in matched(lines, _KOTLIN, _OLDER_KOTLIN):
        severity = Severity.ERROR if found["severity"] == "e" else Severity.WARNING
        yield Remark(at, (place(found),), found["message"], severity, "kotlinc")
    for at, found in matched(lines, _SUREFIRE):
        yield Remark(at, (Place(f"{found['type']}.java", int(found["line"])),), found["message"], source="surefire")
    yield from _stacks(lines)


def _stacks(lines: Sequence[str]) -> Iterator[Remark]:
    """What the line above a stack says, at its innermost frame that lies in the workspace."""
    places: list[Place] = []
    said = 0
    for at, line in enumerate((*lines, "")):
        frame = _FRAME.match(line)
        if frame is not None:
            places.append(Place(f"{_folder(frame['called'])}{frame['file']}", int(frame["line"])))
        elif not _ANY_FRAME.match(line):
            if places:
                yield Remark(said, tuple(places), lines[said].strip(), source="java")
            places, said = [], at


def _folder(called: str) -> str:
    """The folder of a class's source, from `module/package.of.it.Class.method`."""
    parts = called.rpartition("/")[2].split(".")
    return "".join(f"{part}/" for part in takewhile(lambda part: not part[:1].isupper(), parts[:-1]))
