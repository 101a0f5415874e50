"""What a document says of its tasks outside of them: boxes that are named after them, and the order in which they go.

`- [x] Task 4: written` in a checklist at the end is the box of a task that is a section without boxes of its own.
`Execute in this order: Task 4 → Task 1 → Task 2` says what each of them waits for.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product

from agent_server.plan.documents.outline import Found, Outline
from agent_server.plan.documents.section_names import TITLE_WORDS
from agent_server.plan.ids import CODE
from agent_server.plan.markdown.blocks import TEXT
from agent_server.plan.text import Span
from agent_server.plan.waiting import waits_for

_NAME = (
    rf"[*_`~]{{0,4}}(?:(?i:{TITLE_WORDS})[ \t]*+[-#]?(?:\d{{1,4}}(?:[.-]\d{{1,4}}){{0,3}}[a-z]?|[A-Z]\d{{0,3}})|{CODE})"
    r"(?![\w-]|\.\d)[*_`~]{0,4}"
)
_NAMED = re.compile(_NAME)
_REMARK = r"(?:[ \t]*+\([^()\r\n]{0,60}\))?"
_STAGE = rf"{_NAME}{_REMARK}(?:[ \t]*+(?:,|&|\+|/|and\b)[ \t]*+{_NAME}{_REMARK}){{0,20}}"
_ARROW = r"[ \t]{0,9}(?:\u2192|->|=>|\u27f6|\u279c)[ \t]*+"
_CHAIN = re.compile(rf"{_STAGE}(?:{_ARROW}{_STAGE}){{1,60}}")
_ARROWS = re.compile(_ARROW)
_ORDER = re.compile(
    r"\b(?:order|sequence|critical path|orden|ordem|ordre|reihenfolge|\u043f\u043e\u0440\u044f\u0434\u043e\u043a)\b"
    r"|\u9806|\u987a\u5e8f|\uc21c\uc11c",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_MOST_WAITS = 500

Key = tuple[str, str]
"""How a task is called: by a word, or by none where its id is a code, and by its id."""


def key_of(text: str, task: Found) -> Key | None:
    """How the title of a task calls it; None where it has a number alone, which says nothing elsewhere."""
    if task.id is None or not task.is_heading:
        return None
    word = _LETTERS.search(text, task.name.start, task.id.start)
    task_id = task.id.of(text)
    if word is None:
        return None if task_id[0].isdigit() else ("", task_id)
    return word[0].lower(), task_id


def boxes_elsewhere(outline: Outline, tasks: Sequence[Found]) -> Mapping[Key, Sequence[Span]]:
    """What stands in the boxes outside of the tasks that are named after one."""
    keys = {key for task in tasks if (key := key_of(outline.text, task))}
    found: dict[Key, list[Span]] = {}
    for item in outline.items if keys else ():
        if item.box is not None and (named := _NAMED.match(outline.text, *item.content.bounds)):
            key = _key_in(named[0])
            if key in keys and not _is_inside(tasks, item.line):
                found.setdefault(key, []).append(item.box)
    return found


def order_elsewhere(outline: Outline, tasks: Sequence[Found]) -> Mapping[Key, Sequence[str]]:
    """The ids of the tasks that each has to wait for, as lines outside of the tasks tell their order.

    Of lines that say the opposite of each other the first counts.
    """
    keys = {key for task in tasks if (key := key_of(outline.text, task))}
    waits: dict[Key, dict[Key, None]] = {}
    for number in range(len(outline.blocks.starts)) if keys else ():
        if outline.blocks.kinds[number] == TEXT and not _is_inside(tasks, number):
            for before, behind in _pairs(outline, number):
                is_new = sum(map(len, waits.values())) < _MOST_WAITS and {before, behind} <= keys
                if is_new and not waits_for(waits, before, behind):
                    waits.setdefault(behind, {})[before] = None
    return {key: [task_id for _, task_id in others] for key, others in waits.items()}


def _pairs(outline: Outline, number: int) -> Iterator[tuple[Key, Key]]:
    """Each task that a line names with each that comes right behind it."""
    for chain in _chains(outline, number):
        for stage, following in pairwise(chain):
            yield from product(stage, following)


def _chains(outline: Outline, number: int) -> Iterator[list[list[Key]]]:
    """The chains on a line that tells of an order, or stands in a section that does: names, stage by stage."""
    place = outline.line_span(number)
    if not _ARROWS.search(outline.text, *place.bounds):
        return
    at = outline.section_at(number)
    title = outline.sections[at].name if at is not None else ""
    if _ORDER.search(outline.text, *place.bounds) or _ORDER.search(title):
        for chain in _CHAIN.finditer(outline.text, *place.bounds):
            yield [[_key_in(name) for name in _NAMED.findall(stage)] for stage in _ARROWS.split(chain[0])]


def _key_in(name: str) -> Key:
    """How a name in the text calls a task."""
    words = name.strip("*_`~")
    word = _LETTERS.match(words)
    rest = words[word.end() :].lstrip(" \t#-") if word else words
    is_code = word is not None and re.fullmatch(CODE, words) is not None
    return ("", words) if word is None or is_code else (word[0].lower(), rest)


def _is_inside(tasks: Sequence[Found], line: int) -> bool:
    at = bisect_right(tasks, line, key=lambda task: task.line) - 1
    return at >= 0 and line < tasks[at].last
