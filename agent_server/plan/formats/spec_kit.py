"""spec-kit's `tasks.md`: `- [ ] T001 [P] [US1] Text`, below headings that are phases.

Source: the template of github/spec-kit, and what people make of it: ids in bold or brackets, `T-001`, labels in another
order, tasks that are headings, numbers for ids, tasks without ids.
"""

import re
from functools import partial

from agent_server.plan.checklists.dialects import Dialect, ids_and_ranges
from agent_server.plan.checklists.reading import parse_checklist
from agent_server.plan.formats.reader import Reader

# Stories, priorities, requirements and criteria have ids, too.
_OTHERS = r"(?!US-?\d|P\d|FR-?\d|NFR|SC-?\d|AC-|AC\d\b|H\d)"
_PART = r"-(?!T\d)[A-Z]{1,4}\d{1,4}(?=-\d)"
_LETTERED = (
    rf"{_OTHERS}(?:(?:TASK|Task)[ -])?"
    r"(?:T(?:-[A-Z]{1,4}-?|-)?\d{1,4}|[A-Z]{1,5}-?\d{2,4}|[A-Z]{1,5}-\d(?=\.\d))"
    rf"(?:[.-]\d{{1,3}}|{_PART})*(?:\.[A-Z]\d{{1,2}})?"
    r"(?:[a-zA-Z]|[-_](?!T\d)(?:[A-Z]{1,12}\d?|[a-z])(?!\w))?|(?:TASK|Task)-\d{1,4}(?:\.\d{1,3})*"
    r"|US\d{1,3}-T\d{1,4}|(?!P\d)[A-Z]{1,2}\d(?=[ \t]+\\?\[P)"
)
_NUMBERED = r"(?<=Task )\d+(?:\.\d+)*|\d{1,3}(?:\.\d{1,3})+|\d{1,3}(?=\.[*_`]{0,2}[ \t])"
_LABEL = r"\\?\[[^\]\r\n]{1,40}\]|\([P]\)"
_LABELS = rf"(?:[ \t]*+(?:{_LABEL}))*+"
_ASIDE = r"(?:[ \t]+\(?[a-z]{1,12}\)?(?=[ \t]+\\?\[P\\?\]))?"
_BEHIND = (
    rf"(?:(?![\w/])|(?<=\d)(?=[A-Z][a-z]{{2}}))\\?\]?{_ASIDE}(?:[ \t]*+(?:{_LABEL})|[*_`~]{{1,4}})*+[ \t]*+[:.\uff1a]?"
    rf"[*_]{{0,3}}{_LABELS}[ \t]*+(?:[-\u2013\u2014:\uff1a][ \t]+(?:(?:{_LABEL})[ \t]*+)*+)?"
)
_BEFORE = rf"(?:\\?\[(?!(?:{_LETTERED})\\?\])[^\]\r\n]{{1,40}}\][ \t]++)*+"
_NAME = re.compile(rf"{_BEFORE}(?:[*_`~]{{1,4}})?(?:\\?\[)?(?:Task )?(?P<id>{_LETTERED}|{_NUMBERED}){_BEHIND}")
_HEADING = re.compile(
    rf"(?:\\?\[(?P<box>[ xX])\\?\][ \t]*)?[^\w\s\[]{{0,4}}[ \t]*(?:\\?\[)?(?:Task )?"
    rf"(?P<id>{_LETTERED}|(?<=Task )\d+(?:\.\d+)*){_BEHIND}"
)
_MARK = re.compile(r"(?P<mark>\\?\[P\\?\]|\(P\)|\[[Pp]arallel\])")

_EACH = (
    rf"(?:(?:T-[A-Z]{{1,4}}-?|[A-Z]{{1,5}}-?)\d{{1,4}}(?:\.\d{{1,3}}|{_PART}-\d{{1,3}})*"
    r"(?:[a-zA-Z]|[-_](?!T\d)(?:[A-Z]{1,12}\d?|[a-z])(?!\w))?(?!\w)"
    r"|\d{1,3}(?:\.\d{1,3})+)"
)
_RANGE = rf"(?:tasks?[ \t]+)?{_EACH}(?:[ \t]*[-\u2013\u2014~][ \t]*{_EACH})?"
_LISTED = rf"[*_`\[]{{0,3}}{_RANGE}[\]`*_]{{0,3}}"
_AND = r"[ \t]*(?:,|&|\+|/|\band\b|\u3001|\uff0c|\u548c)[ \t]*(?:and[ \t]+)?"
_ENGLISH = (
    r"depend(?:s|ent|ing)?(?:[ \t]+up)?(?:[ \t]?on)?|dependenc(?:y|ies)|deps|blocked[ \t]by|requires|needs|after"
    r"|prerequisites?|waits?[ \t]for"
)
_CHINESE = r"\u4f9d\u8d56|\u4f9d\u8cf4|\u4f9d\u5b58|\u524d\u7f6e"
_NEEDS = re.compile(
    rf"(?:\b(?:{_ENGLISH})\b|{_CHINESE})[*_:\uff1a \t\u4e8e\u65bc]{{1,6}}(?P<ids>{_LISTED}(?:{_AND}{_LISTED})*+)",
    re.IGNORECASE,
)
_TASK = re.compile(r"^[ \t]*+(?:[-*+][ \t]+)?\\?\[[ xX]\\?\][ \t]+(?:[*_`]{1,3}|\[)?T-?\d{2,4}[a-z]?\b", re.MULTILINE)

DIALECT = Dialect(
    format="spec-kit",
    name=_NAME,
    heading=_HEADING,
    label=re.compile(rf"(?:(?:{_LABEL})[ \t]*+)*+"),
    id=ids_and_ranges(_EACH),
    mark=_MARK,
    marked=re.compile(
        r"(?:[*_`(]{0,3}(?=\S{0,15}\d)\S{1,16}[ \t]+)?\\?\[(?:P|US-?\d{1,3})\\?\](?=[ \t]+(?:\\?\[|[^a-z\s]))"
    ),
    needs=_NEEDS,
    groups_by_number=True,
    holds=frozenset({"status", "parallel", "needs", "phase", "task"}),
    mark_text="[P]",
    needs_text="(depends on {})",
)

READER = Reader(
    name=DIALECT.format,
    title="spec-kit",
    globs=("**/specs/*/tasks.md", "**/specs/**/tasks.md", "**/.specify/**/tasks.md"),
    parse=partial(parse_checklist, DIALECT),
    recognises=lambda text: len(_TASK.findall(text)) > 1,
)
