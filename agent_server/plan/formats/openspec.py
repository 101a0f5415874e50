"""OpenSpec's `tasks.md` of a change: `- [ ] 1.1 Text`, below headings `## 1. Group` that are done in their order.

Source: the templates of Fission-AI/OpenSpec, and what people make of it: `R1`, `Task 1.1:`, tasks without numbers whose
steps have boxes, too.
"""

import re
from functools import partial

from agent_server.plan.checklists.dialects import CALLED_TASK, COUNTED, NUMBERED, Dialect, ids_and_ranges
from agent_server.plan.checklists.naming import parse_in, ways_of_naming
from agent_server.plan.formats.reader import Reader

_EACH = r"(?:\d{1,3}(?:\.\d{1,3})+[a-z]?|(?!P\d)[A-Z]{1,4}-?\d{1,4}(?:\.\d{1,3})*)(?![\w-])"
_NAME = re.compile(
    rf"[*_`~]{{0,3}}(?:(?:Task|TASK)[ \t]+)?(?P<id>{_EACH}|(?<=(?:Task|TASK)[ \t])\d{{1,3}}(?!\w)|\d{{1,3}}(?=\.[ \t]))"
    r"[.):\uff1a]?[*_`~]{0,3}[.:\uff1a]?(?:[ \t]++|\Z)(?:[-\u2013\u2014][ \t]+)?"
)
_RANGE = rf"(?:tasks?[ \t]+)?{_EACH}(?:[ \t]*[-\u2013\u2014~][ \t]*{_EACH})?"
_NEEDS = re.compile(
    r"\b(?:depend(?:s|ent|encies)(?:[ \t]?on)?|blocked[ \t]by|after|requires)[*_:\uff1a \t]{1,6}"
    rf"(?P<ids>{_RANGE}(?:[ \t]*(?:,|&|\band\b|\u3001|\uff0c)[ \t]*(?:and[ \t]+)?{_RANGE})*+)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^[ \t]*+[-*+][ \t]++\[[ xX]\][ \t]++\d{1,3}\.\d{1,3}[ \t]", re.MULTILINE)
_GROUP = re.compile(r"^##[ \t]++\d{1,3}\.[ \t]", re.MULTILINE)

DIALECT = Dialect(
    format="openspec",
    name=_NAME,
    heading=CALLED_TASK,
    numbered=NUMBERED,
    counted=COUNTED,
    id=ids_and_ranges(_EACH),
    needs=_NEEDS,
    takes_all=True,
    holds=frozenset({"status", "needs", "phase", "task"}),
    needs_text="(depends on {})",
)


def _recognises(text: str) -> bool:
    return _GROUP.search(text) is not None and len(_NUMBERED.findall(text)) > 1


READER = Reader(
    name=DIALECT.format,
    title="OpenSpec",
    globs=("**/openspec/changes/**/tasks.md",),
    parse=partial(parse_in, ways_of_naming(DIALECT)),
    recognises=_recognises,
)
