"""Kiro's `tasks.md`, also as cc-sdd writes it: `- [ ] 2.1 Text`, nested in `- [ ] 2. Group` or below it.

Kiro: a `*` behind the box or the number marks a task that may be left out, `[-]` and `[~]` are tasks at work.
`_Requirements: 1.2_` below a task cites requirements, which are numbered like tasks and are none. Newer plans hold a
section `Task Dependency Graph` with the waves in which Kiro runs the tasks, as JSON.

cc-sdd (gotalab/cc-sdd) adds `(P)` for tasks that may run beside others, and `_Depends: 1.1, 2.3_`. Only plans that have
such a mark are read so: in others every group is a wave, and the analysis finds what can run side by side.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from agent_server.plan.checklists.dialects import CALLED_TASK, COUNTED, NUMBERED, Dialect, ids_and_ranges
from agent_server.plan.checklists.reading import parse_checklist
from agent_server.plan.formats.reader import Reader
from agent_server.plan.markdown.blocks import CODE, Blocks
from agent_server.plan.model import Plan, Reading

_DOTTED = r"\d{1,3}(?:\.\d{1,3})+"
_POINT = r"[.):\uff1a\u3001]"
_NUMBER = (
    rf"(?>{_DOTTED}[a-z]?)(?![\w.]*\w)"
    rf"|\d{{1,3}}(?=\\?\*?{_POINT}(?!\d)|\\?\*[ \t])"
    r"|[A-Z]{1,4}-?\d{1,4}(?![\w.-])"
)
_ANCHOR = r"(?:<a [^>\r\n]{1,200}></a>[ \t]*)?"
_NAME = re.compile(
    rf"{_ANCHOR}[*_`~]{{0,3}}(?:\\?\*[ \t]?)?(?:Task[ \t]+)?(?P<id>{_NUMBER})\\?\*?{_POINT}?\\?\*?[*_`]{{0,3}}"
    r"(?:[ \t]*\(P\))?(?:[ \t]++|\Z|(?=[^\x00-\x7f]))(?:[-\u2013\u2014:][ \t]+)?"
)
_OPTIONAL = re.compile(
    r"[ \t]*+(?:[-*+][ \t]++)?\\?\[[^\]]?\\?\][ \t]++"
    r"(?:\\?\*(?!\*)[ \t]*\d|\d{1,3}(?:\.\d{1,3})*+\.?\\?\*(?!\*))"
)
_EACH = r"(?:[A-Z]{1,4}-?\d{1,4}(?![\w.-])|\d{1,3}(?:\.\d{1,3})*+[a-z]?)(?![a-zA-Z0-9%])"
_RANGE = rf"{_EACH}(?:[ \t]*[-\u2013\u2014~][ \t]*{_EACH})?"
_LIST = rf"{_RANGE}(?:[ \t]*(?:,|&|\band\b|\u3001|\uff0c)[ \t]*(?:and[ \t]+)?(?:tasks?[ \t]+)?{_RANGE})*+"
_NEEDS = re.compile(
    r"(?:(?<![a-zA-Z])Depend(?:s|encies)(?:[ \t]?on)?[*_]{0,3}[ \t]*[:\uff1a][*_]{0,3}[ \t]*(?:tasks?[ \t]+)?"
    r"|\b(?:depends?[ \t]on|blocked[ \t]by|after|requires)[ \t]+tasks?[ \t]+"
    rf"|\bdepends?[ \t]on[ \t]+(?={_DOTTED}(?!\w)))(?P<ids>{_LIST})",
    re.IGNORECASE,
)
_GRAPH = re.compile(r".*\b(?:dependency\s+graph|execution\s+waves|task\s+waves)\b", re.IGNORECASE)
_MARKED = re.compile(r"^[ \t]*+[-*+][ \t]++\\?\[[^\]\r\n]?\\?\][^\r\n(]*+(?:\((?!P\))[^\r\n(]*+)*+\(P\)", re.MULTILINE)
_CITES = re.compile(r"^[ \t]*+(?:[-*+][ \t]++)?_(?:Requirements|Depends|Boundary)[^\r\n:]{0,20}:", re.MULTILINE)


def _waves(blocks: Blocks) -> Mapping[str, int]:
    """The waves of the tasks that the plan's own graph tells of, by their ids; none where it cannot be read."""
    for heading in blocks.headings:
        if _GRAPH.match(blocks.text, heading.content.start, heading.content.end):
            for first, last in blocks.runs:
                if first > heading.line and blocks.kinds[first] == CODE:
                    return dict(_waves_in(blocks.text[blocks.line_start(first + 1) : blocks.line_start(last - 1)]))
    return {}


def _waves_in(text: str) -> Iterator[tuple[str, int]]:
    """The ids of tasks in a graph as Kiro writes it, each with the number of its wave."""
    try:
        graph = json.loads(text)
    except (ValueError, RecursionError):
        return
    waves = graph.get("waves") if isinstance(graph, dict) else None
    for number, wave in enumerate(waves if isinstance(waves, list) else (), start=1):
        tasks = wave.get("tasks") if isinstance(wave, dict) else wave
        for task in tasks if isinstance(tasks, list) else ():
            if isinstance(task, str | int | float):
                yield str(task), number


KIRO = Dialect(
    format="kiro",
    name=_NAME,
    heading=CALLED_TASK,
    numbered=NUMBERED,
    counted=COUNTED,
    id=ids_and_ranges(_EACH),
    needs=_NEEDS,
    is_optional=lambda line: _OPTIONAL.match(line) is not None,
    takes_all=True,
    groups_by_number=True,
    skipped=frozenset(),
    waves=_waves,
    holds=frozenset({"status", "needs", "phase", "task"}),
    needs_text="- _Depends: {}_",
)
CC_SDD = replace(
    KIRO,
    variant="cc-sdd",
    mark=re.compile(r"(?P<mark>\(P\))"),
    holds=KIRO.holds | {"parallel"},
    mark_text="(P)",
)


def _parse(text: str, before: Plan | None = None) -> Reading:
    return parse_checklist(CC_SDD if _MARKED.search(text) else KIRO, text, before)


READER = Reader(
    name=KIRO.format,
    title="Kiro",
    globs=("**/.kiro/specs/**/tasks.md",),
    parse=_parse,
    recognises=lambda text: len(_CITES.findall(text)) > 1,
)
