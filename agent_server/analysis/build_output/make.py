"""What `make` and CMake say of their own files."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import LINE, PATH, SEVERITIES, Place, Remark, matched, place, remark

_STOPS = re.compile(rf"{PATH}:{LINE}: \*\*\* (?P<message>.+?)\s+Stop\.$")
_NO_RULE = re.compile(r"g?make(?:\[\d+\])?: \*\*\* (?P<message>No rule to make target .+?)\.?\s+Stop\.$")
_CMAKE = re.compile(rf"CMake (?P<severity>Error|Warning)(?: \(dev\))? at {PATH}:{LINE} \(.*\):$")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What is wrong with makefiles: what lacks a rule lacks it in the one of the directory."""
    for at, found in matched(lines, _STOPS):
        yield remark(at, found, "make")
    for at, found in matched(lines, _NO_RULE):
        yield Remark(at, tuple(Place(name, 1) for name in _MAKEFILES), found["message"], source="make")
    for at, found in matched(lines, _CMAKE):
        said = next((line.strip() for line in lines[at + 1 : at + 4] if line.strip()), "")
        yield Remark(at, (place(found),), said, SEVERITIES[found["severity"].lower()], "cmake")
