"""MSBuild, `dotnet build`, and what else prints as Visual Studio reads it: `a.cs(12,5): error CS0103: words`."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import LINE, Remark, matched, remark

_SAID = re.compile(
    rf"\s*(?P<path>\S.*)\({LINE}(?:,(?P<column>\d{{1,7}})(?:,\d+,\d+)?)?\) ?: "
    r"(?P<severity>error|warning) (?P<code>[A-Z]+\d+) ?: (?P<message>.*?)(?: \[[^\[\]]+proj\])?$"
)


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What the compilers say of files."""
    for at, found in matched(lines, _SAID):
        yield remark(at, found, "dotnet")
