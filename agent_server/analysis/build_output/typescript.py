"""`tsc`: `a.ts(2,7): error TS2322: words`, and `a.ts:2:7 - error TS2322: words` where it prints for people."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import COLUMN, LINE, PATH, Remark, matched, remark

_SAID = r"(?P<severity>error|warning) (?P<code>TS\d{1,6}): (?P<message>.+)"
_PLAIN = re.compile(rf"(?P<path>\S.*)\({LINE},{COLUMN}\): {_SAID}")
_PRETTY = re.compile(rf"{PATH}:{LINE}:{COLUMN} - {_SAID}")


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What the compiler says of files."""
    for at, found in matched(lines, _PLAIN, _PRETTY):
        yield remark(at, found, "tsc")
