"""Conductor's `plan.md` of a track: `- [ ] Task: Text` with steps below it, in phases.

Source: gemini-cli-extensions/conductor. A task that is done carries the hash of its commit behind its text, a phase its
checkpoint; `[~]` is a task at work. Tasks have no ids, so nothing can refer to one.
"""

import re
from functools import partial

from agent_server.plan.checklists.dialects import CALLED_TASK, Dialect
from agent_server.plan.checklists.reading import parse_checklist
from agent_server.plan.formats.reader import Reader

_NAME = re.compile(
    r"[*_]{0,3}Task(?:[ \t]+(?P<id>\d{1,3}(?:\.\d{1,3})*))?[*_]{0,3}[ \t]*[:\uff1a][*_]{0,3}[ \t]*+", re.IGNORECASE
)
_HASH = r"(?=[a-f]*\d)[0-9a-f]{7,40}"
_TAIL = re.compile(
    rf"[*_]{{0,3}}[ \t]*+(?:\[(?:[a-z -]{{1,20}}:[ \t]*(?:{_HASH})?|{_HASH})\]|[(`]{{0,2}}{_HASH}[)`]{{0,2}})?"
    r"[ \t]*+\Z",
    re.IGNORECASE,
)
_TASK = re.compile(r"^[ \t]*+[-*+][ \t]++\[[ xX~]\][ \t]++[*_]{0,3}Task:", re.MULTILINE)

DIALECT = Dialect(
    format="conductor",
    name=_NAME,
    heading=CALLED_TASK,
    id=re.compile(r"(?!)"),
    tail=_TAIL,
    is_flat=True,
    holds=frozenset({"status", "phase", "task"}),
)

READER = Reader(
    name=DIALECT.format,
    title="Conductor",
    globs=("**/conductor/{tracks,archive}/**/plan.md",),
    parse=partial(parse_checklist, DIALECT),
    recognises=lambda text: len(_TASK.findall(text)) > 1,
)
