"""spec-kit's `tasks.md`: `- [ ] T001 [P] [US1] Text`, below headings that are phases.

Source: the template of github/spec-kit, and what people make of it: ids in bold or brackets, `T-001`, labels in another
order, tasks that are headings, tasks without ids.
"""

import re

from agent_server.plan.formats.checklist_writer import ChecklistWriter
from agent_server.plan.formats.checklists import Dialect, parse_checklist
from agent_server.plan.formats.reader import Reader, Reading
from agent_server.plan.model import Plan

_ID = (
    r"(?P<id>(?!US-?\d|P\d|FR-?\d|NFR|SC-?\d|AC-?\d|H\d)(?:Task[ -])?[A-Z]{1,5}-?\d{1,4}(?:[.-]\d{1,3})*[a-zA-Z]?"
    r"|(?<=Task )\d+(?:\.\d+)*)"
)
_LABEL = r"\\?\[[^\]\r\n]{1,40}\]|\([P]\)"
_NAME = re.compile(
    rf"(?:[*_`~]{{1,4}})?(?:\\?\[)?(?:Task )?{_ID}(?![\w/])\\?\]?(?:[ \t]*(?:{_LABEL})|[*_`~]{{1,4}})*[ \t]*[:.\uff1a]?"
    rf"[*_]{{0,3}}(?:[ \t]*(?:{_LABEL}))*[ \t]*(?:[-\u2013\u2014:\uff1a][ \t]+)?"
)
_MARK = re.compile(r"(?P<mark>\\?\[P\\?\]|\(P\)|\[Parallel\])")
_NEEDS = re.compile(
    r"(?:depends?(?: on|ent on)?|dependenc(?:y|ies)|blocked by|requires|\u4f9d\u8d56|\u4f9d\u8cf4)[*_:\uff1a \t]{1,6}"
    r"(?P<ids>(?:[*_`\[(]*T-?\d{1,4}[a-zA-Z]?[\])`*_]*(?:[ \t]*(?:,|&|\+|and|\u3001)[ \t]*(?:and )?)?)+)",
    re.IGNORECASE,
)
_EACH = re.compile(r"(?P<id>T-?\d{1,4}[a-zA-Z]?)")
_TASK = re.compile(r"^[ \t]*(?:[-*+][ \t]+)?\\?\[[ xX]\\?\][ \t]+(?:[*_`]{1,3}|\[)?T-?\d{2,4}[a-z]?\b", re.MULTILINE)

DIALECT = Dialect(
    format="spec-kit",
    name=_NAME,
    id=_EACH,
    mark=_MARK,
    needs=_NEEDS,
    writer=ChecklistWriter(mark="[P]"),
)


def _parse(text: str, before: Plan | None = None) -> Reading:
    return parse_checklist(DIALECT, text, before)


READER = Reader(
    name=DIALECT.format,
    title="spec-kit",
    globs=("**/specs/*/tasks.md", "**/specs/**/tasks.md", "**/.specify/**/tasks.md"),
    parse=_parse,
    recognises=lambda text: len(_TASK.findall(text, 0, 200_000)) > 1,
)
