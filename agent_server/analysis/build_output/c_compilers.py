"""gcc, clang and all that print like them, and the linker where it knows the source."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import COLUMN, LINE, PATH, Place, Remark, matched, place, remark

_SAID = re.compile(
    rf"{PATH}:{LINE}:(?:{COLUMN}:)? (?P<severity>fatal error|error|warning): "
    r"(?P<message>.*?)(?: \[(?P<code>-W[\w=+-]+)\])?$"
)
_LINKER = re.compile(
    rf"(?:\S*ld(?:\.\w+)?: )?{PATH}:{LINE}: (?P<message>(?:undefined reference|multiple definition) .+)"
)
_LINKER_WITHOUT_LINES = re.compile(
    rf"(?:\S*ld(?:\.\w+)?: )?{PATH}:\([^)]*\): (?P<message>(?:undefined reference|multiple definition) .+)"
)


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What the compiler and the linker say of files."""
    for at, found in matched(lines, _SAID):
        yield remark(at, found, "gcc")
    for at, found in matched(lines, _LINKER):
        yield remark(at, found, "ld")
    for at, found in matched(lines, _LINKER_WITHOUT_LINES):
        yield Remark(at, (Place(place(found).path, 1),), found["message"], source="ld")
