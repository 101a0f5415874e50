"""Annotations of GitHub's workflows, which many tools print when they run there: `::error file=a.js,line=1::words`."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from agent_server.analysis.build_output.remark import Place, Remark, matched
from agent_server.analysis.settings import Severity

_ANNOTATION = re.compile(r"\s*::(?P<severity>error|warning|notice) (?P<properties>[^:]*)::(?P<message>.*)")
_SEVERITIES = {"error": Severity.ERROR, "warning": Severity.WARNING, "notice": Severity.INFORMATION}


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What annotations say of files."""
    for at, found in matched(lines, _ANNOTATION):
        given = dict(part.partition("=")[::2] for part in found["properties"].replace(" ", "").split(","))
        if "file" in given:
            place = Place(unquote(given["file"]), _number(given.get("line")) or 1, _number(given.get("col")))
            message = " ".join(unquote(found["message"]).split())
            yield Remark(at, (place,), message, _SEVERITIES[found["severity"]], code=unquote(given.get("title", "")))


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 8 else None
