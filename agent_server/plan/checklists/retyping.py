"""An edit within one task of a checklist, or in the lines below: the task is read again, all else stays where it is.

That is most of what is typed, and a plan may have thousands of tasks. The task must stand as it did: the same name and
mark, in lines that are its own, with nothing in it that could be a task, a heading or a block. Whatever else changes
has the whole text read (`reading.py`); the answer is the same.
"""

from collections.abc import Callable
from typing import NamedTuple

from agent_server.plan.assembling import Change, Parts, change_of, retyped_task
from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.checklists.first_lines import first_line
from agent_server.plan.checklists.items import is_bare
from agent_server.plan.markdown.blocks import scan
from agent_server.plan.markdown.lists import ListItem, list_items
from agent_server.plan.model import Plan, Task
from agent_server.plan.text import Span
from agent_server.plan.writing import line_start, line_stop

_BLOCKS = ("```", "~~~", "<!--", "-->", "<<<<<<<", "|||||||", "=======", ">>>>>>>")


class _Shape(NamedTuple):
    """What decides how a task stands among the others.

    `is_group`: it may group those whose numbers begin with its own. `below` are the lines behind it that are not blank.
    """

    indent: int
    id: str
    words: str
    is_marked: bool
    is_group: bool
    below: tuple[str, ...]


def retyped(dialect: Dialect, text: str, before: Plan, read: Callable[..., Task]) -> Parts | None:
    """The parts of the plan in a text that differs from `before` at one task; None where more has to be read."""
    change = change_of(text, before)
    stop = _stop(dialect, before, change) if change is not None else None
    if change is None or stop is None:
        return None
    start, home = before.tasks.places[change.place], before.tasks.homes[change.place]
    old, new = before.text[start:stop], text[start : stop + change.by]
    if stop < len(before.text) and not new.endswith(("\n", "\r")):
        return None
    was, found = _shape(dialect, old), _shape(dialect, new)
    if was is None or found is None or was != (found[0], home.span.end) or _is_title(before, start, stop):
        return None
    shape, end = found
    if shape.below and (shape.indent or before.text.startswith((" ", "\t"), stop)):
        return None  # What stands behind may or may not be nested in something above.
    if shape.id and _stands_elsewhere(dialect, text, shape.id, Span(start, stop + change.by)):
        return None
    return retyped_task(before, change, new[:end], read)


def _stop(dialect: Dialect, before: Plan, change: Change) -> int | None:
    """Where what has to be looked at ends: with the task or, where more has changed, before what stands behind it."""
    tasks, place = before.tasks, change.place
    start = tasks.places[place]
    stop = start + tasks.homes[place].span.end
    if change.end < stop:
        return stop
    if not dialect.is_flat:
        stop = tasks.places[place + 1] if place + 1 < len(tasks) else len(before.text)
        headings = scan(before.text[start:stop]).headings
        stop = start + headings[0].span.start if headings else stop
    return stop if change.end <= stop and not dialect.is_flat else None


def _shape(dialect: Dialect, source: str) -> tuple[_Shape, int] | None:
    """The shape of a task at the start of a text, and where it ends; None where that holds what could be more."""
    if any(mark in source for mark in _BLOCKS):
        return None
    blocks = scan(source)
    items = list_items(blocks)
    if blocks.headings or not items or items[0].line or not items[0].has_box:
        return None
    first, *nested = items
    if any(item.above < 0 or _is_named(dialect, source, item) for item in nested):
        return None
    name = dialect.name.match(source, first.start, first.end)
    line = first_line(dialect, source, first.start, first.end, name)
    task_id = (name["id"] if name is not None else None) or ""
    words = "" if task_id else source[first.start : first.end]
    behind = (source[blocks.starts[at] : blocks.ends[at]] for at in range(first.last, len(blocks.starts)))
    shape = _Shape(
        indent=first.indent,
        id=task_id,
        words=words,
        is_marked=line.mark_start >= 0,
        is_group=task_id.isdecimal() and is_bare(blocks, first),
        below=tuple(filter(None, behind)),
    )
    return shape, blocks.line_start(first.last)


def _is_named(dialect: Dialect, source: str, item: ListItem) -> bool:
    return item.has_box and dialect.name.match(source, item.start, item.end) is not None


def _is_title(plan: Plan, start: int, end: int) -> bool:
    """Whether the title of a phase stands there."""
    return any(start <= phase.title_span.start < end and phase.title for phase in plan.phases)


def _stands_elsewhere(dialect: Dialect, text: str, task_id: str, here: Span) -> bool:
    """Whether another item has the id: what each of them is called depends on the others."""
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
