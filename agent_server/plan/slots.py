"""Where something is being typed, and what it replaces: a field's name, one of its items, a setting, its value.

Half-typed text is the normal case: `- `, `- wri`, `- writes: `, `- needs: a, ` and an item whose backtick is not closed
yet are slots like any other. What stands in instructions and in headings is none.
"""

import re
from dataclasses import dataclass
from enum import Enum

from agent_server.plan.fields import FIELDS, SETTINGS, Shape
from agent_server.plan.items import item_around
from agent_server.plan.markdown.blocks import indent_of
from agent_server.plan.model import Field, Plan, Task
from agent_server.plan.text import Span, trimmed
from agent_server.plan.writing import is_quoted, line_start, line_stop, next_line, written

_BULLET = re.compile(r"([ \t]*)[-*+](?:[ \t]+|\Z)")
_FIELD = re.compile(r"([ \t]*)[-*+][ \t]+([a-z][a-z-]*):[ \t]*")
_NAME = re.compile(r"[a-z-]*")
_SETTING = re.compile(r"([A-Za-z_-]*)(:[ \t]*)?")
_FENCE = re.compile(r"\ufeff?---[ \t]*(?=[\r\n]|\Z)")
_DEPENDS = re.compile(
    r"\b(?:depends? on|dependent on|dependenc(?:y|ies):|blocked by|waits for|after:?)[*_:]*[ \t]+"
    r"(?:[\w.-]+(?:[ \t]*,[ \t]*|[ \t]+(?:and|&)[ \t]+))*+([\w.-]*)\Z",
    re.IGNORECASE,
)
_ID_PART = re.compile(r"[\w-]*")
_LONGEST_WORDS = 400
"""Characters before the cursor that are looked at."""

_NESTED_INDENT = 2


class SlotKind(Enum):
    """What belongs into a slot."""

    FIELD = "field"
    ITEM = "item"
    SETTING = "setting"
    VALUE = "value"
    """The value of a setting."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where something is being typed.

    `name` is the field or the setting whose item or value it is, empty for names. `span` is what a whole word there
    would replace, and `typed` what of it stands before the cursor. `at` is the task's place in `Plan.tasks`, None in
    the front matter. `ticks` are the backticks that have been opened, `closed` says that they end behind the span,
    and `quoted` that the field's other items stand in backticks. `ends_name`: behind a name there is its colon already.
    `needs_blank`: what is put there would follow right behind a bullet or a colon.
    """

    kind: SlotKind
    name: str
    span: Span
    typed: str
    at: int | None = None
    ticks: str = ""
    closed: bool = False
    quoted: bool = False
    ends_name: bool = False
    needs_blank: bool = False

    def fitted(self, word: str, *, whole: bool = True) -> str:
        """The word as it has to be written here. One that is not `whole` will be gone on with."""
        blank = " " if self.needs_blank else ""
        if self.kind in {SlotKind.FIELD, SlotKind.SETTING}:
            return blank + (word if self.ends_name else f"{word}: ")
        if self.kind is SlotKind.VALUE or not whole:
            return blank + word
        if self.ticks:
            return word if self.closed else word + self.ticks
        return blank + written(word, quoted=self.quoted)


def slot_at(plan: Plan, offset: int) -> Slot | None:
    """The slot at an offset; None where nothing but free text, or nothing at all, belongs."""
    if not plan.has_fields:
        return _slot_in_words(plan, offset)
    settings = _settings(plan)
    if settings is not None and settings.contains(offset):
        return _setting_slot(plan.text, offset)
    at = plan.place_at(offset)
    if at is None:
        return None
    task, start = plan.tasks[at], line_start(plan.text, offset)
    if not task.field_lines.start <= start < task.field_lines.end:
        return None
    return _task_slot(plan.text, task, at, offset)


def _slot_in_words(plan: Plan, offset: int) -> Slot | None:
    """In a plan without fields, where the words of a task name others that it depends on."""
    at = plan.place_at(offset)
    start = line_start(plan.text, offset)
    words = None if at is None else _DEPENDS.search(plan.text, max(start, offset - _LONGEST_WORDS), offset)
    if at is None or words is None:
        return None
    end = _ID_PART.match(plan.text, offset, line_stop(plan.text, offset))
    span = Span(words.start(1), end.end() if end else offset)
    return Slot(SlotKind.ITEM, "needs", span, typed=words[1], at=at)


def _task_slot(text: str, task: Task, at: int, offset: int) -> Slot | None:
    start, end = line_start(text, offset), line_stop(text, offset)
    bullet = _BULLET.match(text, start, end)
    above = _field_above(text, task, start)
    if above is not None:
        first = start if bullet is None else bullet.end()
        return _item_slot(text, task, above.name, first, at, offset) if offset >= first else None
    field = _FIELD.match(text, start, end)
    if field is not None and offset > field.end(2):
        return _item_slot(text, task, field[2], field.end(), at, offset)
    name = _NAME.match(text, bullet.end(), end) if bullet else None
    if name is None or not name.start() <= offset <= name.end():
        return None
    span = Span(*name.span())
    return Slot(
        SlotKind.FIELD,
        "",
        span,
        text[span.start : offset],
        at,
        ends_name=text[span.end : span.end + 1] == ":",
        needs_blank=text[span.start - 1] not in {" ", "\t"},
    )


def _field_above(text: str, task: Task, start: int) -> Field | None:
    """The field to whose value the line that starts there belongs: a nested bullet, or a value that was wrapped."""
    if text[start : start + 1] not in {" ", "\t"}:
        return None
    above = [field for field in task.fields if line_start(text, field.span.start) < start]
    if not above:
        return None
    end, upper = line_stop(text, start), line_start(text, above[-1].span.start)
    deeper = indent_of(text[start:end]) - indent_of(text[upper:start])
    is_bullet = _BULLET.match(text, start, end) is not None
    belongs = deeper >= _NESTED_INDENT if is_bullet else start <= above[-1].span.end
    return above[-1] if belongs else None


def _item_slot(text: str, task: Task, name: str, start: int, at: int, offset: int) -> Slot | None:  # noqa: PLR0913, PLR0917
    """The slot in a field's value, whose text on this line starts at `start`."""
    kind, end = FIELDS.get(name), line_stop(text, offset)
    if kind is None or kind.shape is Shape.COMMAND:
        return None
    start = min(start, offset)
    span = item_around(text, start, end, offset)
    before, behind = text[start : span.start], text[span.end : end].lstrip(" \t")
    ticks = before[len(before.rstrip(" \t").rstrip("`")) :].rstrip(" \t")
    items = (item for field in task.fields if field.name == name for item in field.items)
    return Slot(
        SlotKind.ITEM,
        name,
        span,
        typed=text[span.start : offset],
        at=at,
        ticks=ticks,
        closed=bool(ticks) and behind.startswith(ticks),
        quoted=any(is_quoted(text, item) for item in items if not item.span.overlaps(span)),
        needs_blank=text[span.start - 1] == ":",
    )


def _settings(plan: Plan) -> Span | None:
    """The lines between the fences of the front matter; where it is not closed yet, up to the first heading."""
    opening = _FENCE.match(plan.text)
    if opening is None:
        return None
    start = next_line(plan.text, opening.end())
    if start == opening.end():
        return None
    if plan.front_matter.end:
        return Span(start, line_start(plan.text, plan.front_matter.end) - 1)
    heading = re.compile(r"^#", re.MULTILINE).search(plan.text, start)
    return Span(start, heading.start() - 1 if heading else len(plan.text))


def _setting_slot(text: str, offset: int) -> Slot | None:
    start, end = line_start(text, offset), line_stop(text, offset)
    setting = _SETTING.match(text, start, end)
    if setting is None:
        return None
    if offset <= setting.end(1):
        span = Span(*setting.span(1))
        return Slot(SlotKind.SETTING, "", span, text[span.start : offset], ends_name=setting[2] is not None)
    if setting[2] is None or setting[1] not in SETTINGS:
        return None
    value = trimmed(text, setting.end(), end)
    first, last = min(value.start, offset), max(value.end, offset)
    while first < offset and text[first] in "\"'":
        first += 1
    while last > offset and text[last - 1] in "\"'":
        last -= 1
    return Slot(SlotKind.VALUE, setting[1], Span(first, last), text[first:offset], needs_blank=text[first - 1] == ":")
