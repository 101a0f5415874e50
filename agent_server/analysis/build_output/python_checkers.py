"""mypy, pyright, ruff, flake8, pylint and black."""

import re
from collections.abc import Iterator, Sequence

from agent_server.analysis.build_output.remark import (
    COLUMN,
    LINE,
    PATH,
    SEVERITIES,
    Place,
    Remark,
    indentation,
    matched,
    place,
    remark,
)
from agent_server.analysis.settings import Severity

_PYTHON = r"(?P<path>[^:\s][^:]*\.pyi?)"
_MYPY = re.compile(
    rf"{_PYTHON}:{LINE}(?::{COLUMN}(?::\d+:\d+)?)?: (?P<severity>error|warning): "
    r"(?P<message>.*?)(?:  \[(?P<code>[\w-]+)\])?$"
)
_PYRIGHT = re.compile(rf"\s*{_PYTHON}:{LINE}:{COLUMN} - (?P<severity>error|warning): (?P<message>.+)")
_PYRIGHT_CODE = re.compile(r"(?P<message>.*) \((?P<code>report\w+)\)$")
_CODED = re.compile(rf"{_PYTHON}:{LINE}:(?:{COLUMN}:)? ?(?P<code>[A-Z]{{1,5}}\d{{2,5}})(?P<colon>:?) (?P<message>.+)")
_RUFF = re.compile(r"(?P<code>[A-Z]{1,5}\d{2,5}|invalid-syntax)(?: \[[*-]\]|:)? (?P<message>.+)")
_ARROW = re.compile(rf"\s*--> {PATH}:{LINE}:{COLUMN}\s*$")
_REFORMAT = re.compile(r"(?P<who>[Ww]ould reformat):? (?P<path>\S.*)$")
_RUFF_ENDS = re.compile(r"Found \d+ errors?\b")
_FIXABLE = re.compile(r"\[\*\] ")


def remarks(lines: Sequence[str]) -> Iterator[Remark]:
    """What the checkers say of files."""
    for at, found in matched(lines, _MYPY):
        yield remark(at, found, "mypy")
    for at, found in matched(lines, _PYRIGHT):
        yield _of_pyright(lines, at, found)
    plain = "ruff" if any(map(_RUFF_ENDS.match, lines)) else "flake8"
    for at, found in matched(lines, _CODED):
        yield Remark(
            at,
            (place(found),),
            _FIXABLE.sub("", found["message"], count=1).strip(),
            source="pylint" if found["colon"] else plain,
            code=found["code"],
        )
    for at, found in matched(lines, _RUFF):
        arrow = _ARROW.match(lines[at + 1]) if at + 1 < len(lines) else None
        if arrow is not None:
            yield Remark(at, (place(arrow),), found["message"], source="ruff", code=found["code"])
    for at, found in matched(lines, _REFORMAT):
        source = "ruff format" if found["who"] == "Would reformat" else "black"
        yield Remark(at, (Place(found["path"], 1),), "This file is not formatted.", source=source)


def _of_pyright(lines: Sequence[str], at: int, found: re.Match[str]) -> Remark:
    """One finding of pyright's: what is indented further goes on with it, and the rule stands at its end."""
    parts = [found["message"]]
    for line in lines[at + 1 : at + 10]:
        if indentation(line) < indentation(lines[at]) + 2 or not line.strip() or _PYRIGHT.match(line):
            break
        parts.append(line.strip())
    told = _PYRIGHT_CODE.match(" ".join(parts))
    message, code = (told["message"], told["code"]) if told else (" ".join(parts), "")
    return Remark(at, (place(found),), message, SEVERITIES.get(found["severity"], Severity.ERROR), "pyright", code)
