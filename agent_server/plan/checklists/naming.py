"""How the tasks of one plan are named, in formats that prescribe nothing: by codes such as `P1-02`, or by numbers.

`API-2` and `3.` begin many a sentence that is no name. So they are names only in a plan where at least half of the
boxes begin so, each with another; which of its dialects a plan is written in, its whole text tells.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.checklists.reading import parse_checklist
from agent_server.plan.ids import CODE
from agent_server.plan.model import Plan, Reading

_DOTTED = r"\d{1,3}(?:\.\d{1,3})+(?![\w-])"
_CODED = rf"(?:{CODE}(?![\w-])|{_DOTTED})"
_NUMBER = rf"(?:(?<=\#)\d{{1,4}}(?![\w-])|\d{{1,4}}(?=[*_`~]{{0,3}}[.):\uff1a](?!\d))|{_DOTTED})"
# In a sentence a number may count something else: `after 3 days`.
_NUMBER_THERE = rf"(?:(?<=\#)\d{{1,4}}(?![\w-])|\d{{1,4}}(?=[ \t]*+(?:[,.;)&](?!\d)|and\b|$))|{_DOTTED})"
_BOXED = re.compile(
    r"^(?P<indent>[ \t]*+)(?:[-*+]|\d{1,3}[.)])[ \t]++\[[ xX~-]\][ \t]++(?P<first>[^\s]++)?", re.MULTILINE
)


def name_of(each: str) -> re.Pattern[str]:
    """What names a task at the start of a box, where this matches an id."""
    return re.compile(
        rf"[*_`~\[]{{0,4}}(?:(?:Task|TASK)[ \t]+)?\#?(?P<id>{each}|(?<=(?:Task|TASK)[ \t])\d{{1,3}}(?!\w))"
        r"[.):\uff1a\]]?[*_`~]{0,3}[.:\uff1a]?(?:[ \t]++|\Z)(?:[-\u2013\u2014][ \t]+)?"
    )


def needs_of(each: str) -> re.Pattern[str]:
    """What says in words that a task waits for others, where this matches an id."""
    one = rf"(?:tasks?[ \t]+)?\#?(?-i:{each})"
    return re.compile(
        r"\b(?:depend(?:s|encies)(?:[ \t]?on)?|blocked[ \t](?:by|until)|deferred[ \t]until|after|requires)[*_: \t]{1,6}"
        rf"(?P<ids>{one}(?:[ \t]*(?:,|&|\band\b)[ \t]*{one})*+)",
        re.IGNORECASE | re.MULTILINE,
    )


def id_of(each: str) -> re.Pattern[str]:
    """Each id of several, where this matches one."""
    return re.compile(rf"(?P<id>{each})(?P<last>(?!))?", re.MULTILINE)


def ways_of_naming(dialect: Dialect) -> Sequence[Dialect]:
    """A dialect, and what it becomes where codes and where numbers name the tasks."""
    return (
        dialect,
        replace(dialect, variant="coded", name=name_of(_CODED), id=id_of(_CODED), needs=needs_of(_CODED)),
        replace(
            dialect, variant="numbered", name=name_of(_NUMBER), id=id_of(_NUMBER_THERE), needs=needs_of(_NUMBER_THERE)
        ),
    )


def parse_in(dialects: Sequence[Dialect], text: str, before: Plan | None = None) -> Reading:
    """The plan in a text, in the first of the dialects in which it names at least half of its tasks, else the first."""
    boxes = [(len(box["indent"]) > 1, box.end() - len(box["first"] or "")) for box in _BOXED.finditer(text)]
    chosen = (dialect for dialect in dialects if _is_written(dialect, text, boxes))
    return parse_checklist(next(chosen, dialects[0]), text, before)


def _is_written(dialect: Dialect, text: str, boxes: Sequence[tuple[bool, int]]) -> bool:
    """Whether a plan is written in a dialect. Where steps are numbered like tasks, too, that is no name of either."""
    names = [(is_nested, name["id"]) for is_nested, start in boxes if (name := dialect.name.match(text, start))]
    outer = {task_id for is_nested, task_id in names if not is_nested}
    if dialect.variant == "numbered" and len(outer) < len(names):
        return False
    return len(outer) > 1 and 2 * len(outer) >= sum(not is_nested for is_nested, _ in boxes)
