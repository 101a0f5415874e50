"""An edit within one task of a checklist: the task is read again, everything else stays where it is.

That is most of what is typed, and a plan may have thousands of tasks. The task must stand as it did: the same name and
mark, in lines that are its own, with nothing in it that could be a task, a heading or a block. Whatever else changes
has the whole text read (`reading.py`); the answer is the same.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import NamedTuple

from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.checklists.items import first_line, is_bare
from agent_server.plan.markdown.blocks import scan
from agent_server.plan.markdown.lists import ListItem, list_items
from agent_server.plan.model import Phase, Plan, Task
from agent_server.plan.moving import Placed
from agent_server.plan.text import Span, common_prefix, common_suffix
from agent_server.plan.writing import line_start, line_stop

_BLOCKS = ("```", "~~~", "<!--", "-->", "<<<<<<<", "=======", ">>>>>>>")

Parts = tuple[Placed[Task], tuple[Phase, ...], Mapping[Hashable, Task]]
"""The tasks of a plan, its phases, and the readings of the tasks."""


class _Shape(NamedTuple):
    """What decides how a task stands among the others."""

    indent: int
    has_box: bool
    id: str
    words: str
    is_marked: bool
    is_bare: bool


def retyped(dialect: Dialect, text: str, before: Plan, read: Callable[..., Task]) -> Parts | None:
    """The parts of the plan in a text that differs from `before` within one task; None where more has to be read."""
    prefix = common_prefix(before.text, text)
    suffix = common_suffix(before.text, text, min(len(before.text), len(text)) - prefix)
    place = before.place_at(prefix)
    if place is None:
        return None
    home, start, by = before.tasks.homes[place], before.tasks.places[place], len(text) - len(before.text)
    end = start + home.span.end
    if prefix <= start or len(before.text) - suffix >= end:
        return None
    old, new = before.text[start:end], text[start : end + by]
    shape = _shape(dialect, new)
    if shape is None or shape != _shape(dialect, old) or _is_title(before, start, end):
        return None
    if shape.id and _stands_elsewhere(dialect, text, shape.id, Span(start, end + by)):
        return None
    key = next((key for key, task in before.readings.items() if task is home), None)
    if not isinstance(key, tuple):
        return None
    task = read(new, key[1])
    readings: dict[Hashable, Task] = {**before.readings, (new, key[1]): task}
    if new != old:
        del readings[key]
    homes = [*before.tasks.homes[:place], task, *before.tasks.homes[place + 1 :]]
    places = [*before.tasks.places[: place + 1], *[at + by for at in before.tasks.places[place + 1 :]]]
    return Placed(homes, places), tuple([_shifted(phase, end, by) for phase in before.phases]), readings


def _shape(dialect: Dialect, source: str) -> _Shape | None:
    """The shape of a task in its own text; None where it is not all one item, or holds what could be more."""
    if any(mark in source for mark in _BLOCKS):
        return None
    blocks = scan(source)
    items = list_items(blocks)
    lines = len(blocks.starts) - (blocks.starts[-1] == len(source))
    if blocks.headings or not items or items[0].line or items[0].last != lines or not items[0].has_box:
        return None
    first, *nested = items
    if any(item.above < 0 or _is_named(dialect, source, item) for item in nested):
        return None
    name = dialect.name.match(source, first.start, first.end)
    line = first_line(dialect, source, first.start, first.end, name)
    task_id = (name["id"] if name is not None else None) or ""
    words = "" if task_id else source[first.start : first.end]
    return _Shape(first.indent, first.has_box, task_id, words, line.mark_start >= 0, is_bare(blocks, first))


def _is_named(dialect: Dialect, source: str, item: ListItem) -> bool:
    return item.has_box and dialect.name.match(source, item.start, item.end) is not None


def _is_title(plan: Plan, start: int, end: int) -> bool:
    """Whether the title of a phase stands there."""
    return any(start <= phase.title_span.start < end and phase.title for phase in plan.phases)


def _stands_elsewhere(dialect: Dialect, text: str, task_id: str, here: Span) -> bool:
    """Whether another item has the id: only one of several equal ones is read."""
    at = text.find(task_id)
    while at >= 0:
        if not here.contains(at):
            start, stop = line_start(text, at), line_stop(text, at)
            items = list_items(scan(text[start:stop]))
            name = dialect.name.match(text[start:stop], items[0].start, items[0].end) if items else None
            if name is not None and name["id"] == task_id:
                return True
        at = text.find(task_id, at + 1)
    return False


def _shifted(phase: Phase, end: int, by: int) -> Phase:
    """The phase in a text that has grown in front of `end`."""
    if phase.span.end < end:
        return phase
    title = phase.title_span
    title = Span(title.start + by, title.end + by) if title.start >= end else title
    start = phase.span.start + by if phase.span.start >= end else phase.span.start
    return replace(phase, title_span=title, span=Span(start, phase.span.end + by))
