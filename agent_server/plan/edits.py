"""Edits to a plan's text that leave every other byte as it is.

Every function answers edits, not text: for an editor to show and apply, or for `model.apply_edits`. After applying
them, reading the text again gives the plan that was meant. New text takes over the style of what stands beside it:
the bullet, the indent, the backticks, the line end.

In a plan of another format its `writer` answers; there is no edit for what that format does not hold (`Plan.holds`).
"""

from collections.abc import Mapping, Sequence

from agent_server.plan.fields import FIELDS, place_of
from agent_server.plan.front_matter import body_start
from agent_server.plan.markdown.blocks import scan, split_lines
from agent_server.plan.model import Edit, Field, Item, Plan, Task
from agent_server.plan.text import Span
from agent_server.plan.writing import (
    bullet_at,
    inline,
    is_quoted,
    is_regular,
    line_end_of,
    line_start,
    line_stop,
    next_line,
    one_line_each,
    outer,
    written,
)


def set_field(plan: Plan, task: Task, name: str, value: str | Sequence[str]) -> tuple[Edit, ...]:
    """Give a field this value, a string for one item; the field is added where it is missing.

    Without items the field goes. Where a list is written twice, its second bullet goes too.
    """
    items = one_line_each([value] if isinstance(value, str) else value)
    if plan.writer is not None:
        return plan.writer.set_field(plan, task, name, items) if plan.holds(name) else ()
    same = [field for field in task.fields if field.name == name]
    if not items:
        return tuple(_without_field(plan.text, field) for field in same)
    if not same:
        return (_new_field(plan, task, name, items),)
    first, *others = same
    return (_new_value(plan, first, items), *(_without_field(plan.text, field) for field in others))


def add_items(plan: Plan, task: Task, name: str, items: Sequence[str]) -> tuple[Edit, ...]:
    """Append to a field the items that it does not have, in its own style; the field is added where it is missing."""
    if plan.writer is not None:
        had = [item.text for item in getattr(task, name, ())]
        wanted = [item for item in one_line_each(items) if item not in had]
        return plan.writer.set_field(plan, task, name, [*had, *wanted]) if wanted and plan.holds(name) else ()
    same = [field for field in task.fields if field.name == name]
    present = [item.text for field in same for item in field.items]
    wanted = [item for item in one_line_each(items) if item not in present]
    if not wanted:
        return ()
    if not same:
        return (_new_field(plan, task, name, wanted),)
    field = same[-1]
    if not field.items:
        return (_new_value(plan, field, wanted),)
    if not is_regular(plan.text, field):
        return (_new_value(plan, field, [*(item.text for item in field.items), *wanted]),)
    return (_appended(plan.text, field, wanted),)


def remove_item(plan: Plan, task: Task, name: str, item: str) -> tuple[Edit, ...]:
    """Take an item out of a field, with its comma, wherever it is written; the bullet goes with its last item.

    A field above that is still without a value may then take in a list that stood below the bullet.
    """
    if plan.writer is not None:
        left = [found.text for found in getattr(task, name, ()) if found.text != item]
        return plan.writer.set_field(plan, task, name, left) if plan.holds(name) else ()
    same = [field for field in task.fields if field.name == name]
    return tuple(_without(plan, field, item) for field in same if any(found.text == item for found in field.items))


def replace_item(plan: Plan, item: Item, text: str) -> Edit | None:
    """Put `text` in an item's place, in backticks where the item stands in some; None for what no item can hold."""
    if one_line_each([text]) != [text]:
        return None
    if not is_quoted(plan.text, item):
        return Edit(item.span, written(text, quoted=False))
    return Edit(outer(plan.text, item), written(text, quoted=True)) if "`" in text else Edit(item.span, text)


def append_task(
    plan: Plan,
    task_id: str,
    title: str,
    fields: Mapping[str, str | Sequence[str]],
    instructions: str,
) -> tuple[Edit, ...]:
    """Add a task behind the last one, in front of the sections of shared context that end many plans.

    `task_id` must be free (`ids.free_id`). `instructions` hold no headings of the first three levels.
    """
    if plan.writer is not None:
        listed = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
        return plan.writer.append_task(plan, title, listed) if plan.holds("task", *fields) else ()
    eol = line_end_of(plan.text)
    at, before = _end_of_tasks(plan)
    lines = [f"## {task_id}: {' '.join(title.split())}".rstrip()]
    for name in sorted(fields, key=place_of):
        value = fields[name]
        items = one_line_each([value] if isinstance(value, str) else value)
        if items:
            lines.append(f"- {name}: {inline(name, items)}")
    if instructions.strip():
        lines += ("", *split_lines(instructions.strip())[0])
    after = eol if at == len(plan.text) else eol * 2
    return (Edit(Span(at, at), before + eol.join(lines) + after),)


def _new_field(plan: Plan, task: Task, name: str, items: Sequence[str]) -> Edit:
    """Insert a bullet in the canonical order: behind the last field that precedes it there, else before the next."""
    text, eol = plan.text, line_end_of(plan.text)
    known = [field for field in task.fields if field.name in FIELDS]
    before = [field for field in known if place_of(field.name) < place_of(name)]
    if before:
        at, bullet = next_line(text, before[-1].span.end), bullet_at(text, before[-1].span.start)
    elif known:
        at, bullet = line_start(text, known[0].span.start), bullet_at(text, known[0].span.start)
    else:
        at, bullet = task.fields_end, _new_bullet(text, task)
    line = f"{bullet}{name}: {inline(name, items)}"
    if at == len(text) and not text.endswith(("\n", "\r")):
        return Edit(Span(at, at), eol + line)
    # Prose on the very next line would become part of the bullet's paragraph.
    touches = not known and task.instructions and line_start(text, task.instructions_span.start) == at
    return Edit(Span(at, at), line + eol * (2 if touches else 1))


def _new_value(plan: Plan, field: Field, items: Sequence[str]) -> Edit:
    """Replace a field's whole value; a nested list stays one."""
    text, value = plan.text, field.value_span
    first = field.items[0].span.start if field.items else value.start
    if value.start == value.end and (bullet := bullet_at(text, first)) and line_start(text, first) > value.start:
        lines = [bullet + written(item, quoted=is_quoted(text, field.items[0])) for item in items]
        return Edit(Span(line_start(text, first), field.span.end), line_end_of(text).join(lines))
    has_more = field.span.end > line_stop(text, value.end)
    space = " " if value.start == value.end else ""
    return Edit(Span(value.start, field.span.end if has_more else value.end), space + inline(field.name, items))


def _appended(text: str, field: Field, items: Sequence[str]) -> Edit:
    last = field.items[-1]
    new = [written(item, quoted=is_quoted(text, last)) for item in items]
    bullet = bullet_at(text, last.span.start)
    if bullet and line_start(text, last.span.start) > field.span.start:
        at = line_stop(text, last.span.end)
        return Edit(Span(at, at), "".join(f"{line_end_of(text)}{bullet}{item}" for item in new))
    at = outer(text, last).end
    return Edit(Span(at, at), "".join(f", {item}" for item in new))


def _without(plan: Plan, field: Field, item: str) -> Edit:
    rest = [found.text for found in field.items if found.text != item]
    if not rest:
        return _without_field(plan.text, field)
    places = [place for place, found in enumerate(field.items) if found.text == item]
    edit = _cut_out(plan.text, field, places[0]) if len(places) == 1 and is_regular(plan.text, field) else None
    return edit or _new_value(plan, field, rest)


def _cut_out(text: str, field: Field, place: int) -> Edit | None:
    """Take out one of several items, with the comma behind it or, where it is the last, the one before it.

    None where what is left would be read differently, so that the value must be written anew.
    """
    item = field.items[place]
    line = line_start(text, item.span.start)
    before = field.items[place - 1] if place else None
    after = field.items[place + 1] if place + 1 < len(field.items) else None
    if after and line_start(text, after.span.start) == line:
        return Edit(Span(outer(text, item).start, outer(text, after).start), "")
    if before and (line_start(text, before.span.start) == line or not bullet_at(text, item.span.start)):
        return Edit(Span(outer(text, before).end, outer(text, item).end), "")
    if line <= field.span.start:
        return Edit(Span(field.name_span.end + 1, field.value_span.end), "")
    # The last case is a line of a nested list. What is wrapped onto the lines below would miss it.
    if not bullet_at(text, item.span.start) or text[:line].rstrip().endswith(","):
        return None
    if after and not bullet_at(text, after.span.start):
        return None
    return _without_lines(text, item.span)


def _end_of_tasks(plan: Plan) -> tuple[int, str]:
    """Where a new task may be inserted, and what must stand before it: blank lines, or the end of open code."""
    text, eol = plan.text, line_end_of(plan.text)
    blocks = scan(text, body_start(text, plan.front_matter))
    last = plan.tasks[-1].span.start if plan.tasks else len(text)
    behind = (heading.span.start for heading in blocks.headings if heading.level <= 2 and heading.span.start > last)
    at = next(behind, len(text))
    before = text[:at].removeprefix("\ufeff")
    if not before:
        return at, ""
    start = "" if before.endswith(("\n", "\r")) else eol
    if at == len(text) and blocks.unclosed:
        return at, f"{start}{blocks.unclosed[0].closing}{eol}{eol}"
    is_blank = not start and split_lines(before)[0][-2].strip() == ""
    return at, start if is_blank else start + eol


def _new_bullet(text: str, task: Task) -> str:
    """The bullet for a first field: plain, unless an indented list follows that would then become nested in it."""
    blocks = scan(text[task.fields_end : task.span.end])
    shown = (start for number, start in enumerate(blocks.starts) if not blocks.is_blank(number))
    following = bullet_at(blocks.text, next(shown, 0))
    indent = following.removesuffix(following.lstrip(" \t"))
    return f"{indent}- "


def _without_field(text: str, field: Field) -> Edit:
    """Take out a bullet. Prose that is indented below it must not seem to belong to the bullet above."""
    edit = _without_lines(text, field.span)
    is_indented = text[edit.span.end : edit.span.end + 1] in (" ", "\t")
    return Edit(edit.span, line_end_of(text)) if is_indented else edit


def _without_lines(text: str, span: Span) -> Edit:
    return Edit(Span(line_start(text, span.start), next_line(text, span.end)), "")
