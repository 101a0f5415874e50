"""The normal form of a plan: how its fields and the space between its parts are written. Prose and code stay.

A field is `- name: value` at the start of its line. Its items are written as our own edits write them: paths and names
in backticks, ids and single words bare. The fields of a task stand in the order of the format. No blank line stands
between a heading and its fields, one between all other parts, and the text ends with a line end.

What is broken, half typed, commented or unusual is left as its author wrote it. A plan means the same afterwards: its
text is read again, and what would read differently, or would not stay as it is when it is formatted again, is left out.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from agent_server.plan.fields import FIELDS, place_of
from agent_server.plan.markdown.blocks import COMMENT, TEXT, Blocks, scan
from agent_server.plan.model import Edit, Field, Plan, Task, apply_edits
from agent_server.plan.moving import moved
from agent_server.plan.native import parse
from agent_server.plan.readings import Reading, Sections
from agent_server.plan.text import Span, common_prefix, common_suffix
from agent_server.plan.writing import bullet_at, inline, is_regular, line_end_of, line_start, line_stop

_MOST_ROUNDS = 4
"""How often what does not fit is left out and the rest tried again. One round is enough for all plans but odd ones."""


def normal_form(plan: Plan, within: Span | None = None) -> tuple[Edit, ...]:
    """The edits that give the plan its normal form, each as small as can be; of the lines of `within`, where given.

    Applied together they leave the plan as it is, but for the places and the order of its fields.
    """
    if plan.sections is None:
        return ()
    if within is not None:
        within = Span(line_start(plan.text, within.start), line_stop(plan.text, within.end))
    edits = _edits(plan, plan.sections, within or Span(0, len(plan.text)))
    for _ in range(_MOST_ROUNDS):
        bad = _spoiled(plan, plan.sections, edits, whole=within is None) if edits else ()
        if not bad:
            return tuple([edit for found in edits.values() for edit in found])
        edits = {number: found for number, found in edits.items() if number not in bad}
    return ()


def _spoiled(plan: Plan, before: Sections, edits: Mapping[int, Sequence[Edit]], *, whole: bool) -> Collection[int]:
    """The sections that the edits would give another meaning or, of a `whole` plan, would not leave in normal form."""
    every = tuple([edit for found in edits.values() for edit in found])
    after, _ = parse(apply_edits(plan.text, every), plan)
    now = after.sections
    if now is None or len(before.starts) != len(now.starts) or plan.settings != after.settings:
        return edits.keys()
    pairs = zip(before.readings, now.readings, strict=True)
    bad = {number for number, (one, other) in enumerate(pairs) if one is not other and _says(one) != _says(other)}
    if whole:
        bad.update(number for number in edits if _section_edits(after, now, number))
    has_spread = not bad <= edits.keys()  # into sections that were not edited
    return edits.keys() if has_spread else bad


def _says(reading: Reading) -> tuple[Any, ...]:
    """What a section says, without the places and the order of its fields."""
    problems = sorted((each.code, each.message, each.suggestion or "") for each in reading.problems)
    task = reading.task
    if task is None:
        return reading.standing, reading.context, problems
    fields = [(field.name, [item.text for item in field.items]) for field in _in_order(task.fields)]
    typed = (task.model and task.model.text, task.agent and task.agent.text, task.minutes, task.wave, task.status)
    return reading.standing, problems, task.id, task.title, task.instructions, fields, typed


def _edits(plan: Plan, sections: Sections, within: Span) -> dict[int, Sequence[Edit]]:
    """All edits towards the normal form that lie in `within`, in order, by their sections. None is tried yet."""
    first = max(0, bisect_right(sections.starts, within.start) - 1)
    found: dict[int, Sequence[Edit]] = {}
    for number in range(first, bisect_right(sections.starts, within.end)):
        edits = [each for each in _section_edits(plan, sections, number) if _holds(within, each.span)]
        if edits:
            found[number] = edits
    return found


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _section_edits(plan: Plan, sections: Sections, number: int) -> list[Edit]:
    """The edits of one section, in order. Its task and its lines are taken as if they were all there is."""
    start, is_last = sections.starts[number], number + 1 == len(sections.starts)
    source = plan.text[start : None if is_last else sections.starts[number + 1]]
    lines = _Lines(source, scan(source), line_end_of(plan.text))
    task = sections.readings[number].task
    edits: list[Edit] = []
    if task is not None:
        edits += _task_edits(lines, task)
    elif number > 0:  # The first section is the text above the first heading.
        edits += lines.gap_below_heading()
    edits += lines.end_of_text() if is_last else lines.gap_at_end()
    shrunk = sorted(filter(None, (_shrunk(source, edit) for edit in edits)), key=lambda edit: edit.span)
    return [Edit(moved(edit.span, start), edit.new_text) for edit in shrunk]


def _task_edits(lines: "_Lines", task: Task) -> Iterator[Edit]:
    text, fields = lines.text, task.fields
    if not fields:
        if task.field_lines.start == task.field_lines.end:
            yield from lines.gap_below_heading()
        return
    yield from lines.gap(task.heading.end, fields[0].span.start, wanted=0)
    if _is_out_of_order(text, fields):
        block = Span(line_start(text, fields[0].span.start), line_stop(text, fields[-1].span.end))
        yield Edit(block, lines.eol.join([_field(text, field, lines.eol) for field in _in_order(fields)]))
    else:
        yield from (Edit(_lines_of(text, field), _field(text, field, lines.eol)) for field in fields)
        for field, behind in pairwise(fields):
            yield from lines.gap(field.span.end, behind.span.start, wanted=0)
    if task.instructions:
        yield from lines.gap(fields[-1].span.end, task.instructions_span.start, wanted=1)


def _is_out_of_order(text: str, fields: Sequence[Field]) -> bool:
    """Whether the fields stand in another order, and may be moved: each known, once, with nothing between them."""
    names = [field.name for field in fields]
    return (
        names != sorted(names, key=place_of)
        and len({*names}) == len(names)
        and all(name in FIELDS for name in names)
        and not any(text[one.span.end : line_start(text, two.span.start)].strip() for one, two in pairwise(fields))
    )


def _in_order(fields: Sequence[Field]) -> list[Field]:
    return sorted(fields, key=lambda field: place_of(field.name))


def _lines_of(text: str, field: Field) -> Span:
    return Span(line_start(text, field.span.start), line_stop(text, field.span.end))


def _field(text: str, field: Field, eol: str) -> str:
    """The lines of a field in normal form; a value that cannot be written anew for certain stays."""
    span = _lines_of(text, field)
    if field.name not in FIELDS:
        return span.of(text)
    head = f"- {field.name}:"
    if field.items and "<!--" not in span.of(text) and is_regular(text, field):
        rows = [line_start(text, item.span.start) for item in field.items]
        if set(rows) == {span.start}:
            return f"{head} {inline(field.name, (item.text for item in field.items))}"
        has_own_rows = len({*rows, span.start}) == len(rows) + 1
        if has_own_rows and all(bullet_at(text, item.span.start) for item in field.items):
            return eol.join([head, *(f"  - {inline(field.name, (item.text,))}" for item in field.items)])
    first = Span(text.index(":", field.name_span.end) + 1, line_stop(text, field.span.start))
    value = first.of(text).strip(" \t")
    return f"{head}{value and f' {value}'}{text[first.end : span.end]}"


def _shrunk(text: str, edit: Edit) -> Edit | None:
    """The edit without what it would replace by itself; None where nothing is left. No line end is cut in two."""
    old = edit.span.of(text)
    if old == edit.new_text:
        return None
    prefix = common_prefix(old, edit.new_text)
    if prefix and old[prefix - 1] == "\r" and "\n" in (old[prefix : prefix + 1], edit.new_text[prefix : prefix + 1]):
        prefix -= 1
    suffix = common_suffix(old, edit.new_text, min(len(old), len(edit.new_text)) - prefix)
    start, end = edit.span.start + prefix, edit.span.end - suffix
    if text[end - 1 : end] == "\r" and text[end : end + 1] == "\n":
        end, suffix = end + 1, suffix - 1
    return Edit(Span(start, end), edit.new_text[prefix : len(edit.new_text) - suffix])


class _Lines:
    """The lines of one section, and how many blank ones stand where."""

    def __init__(self, text: str, blocks: Blocks, eol: str) -> None:
        self.text = text
        self.eol = eol
        self._blocks = blocks
        self._count = len(blocks.starts)

    def gap_below_heading(self) -> Iterator[Edit]:
        """One blank line below the heading, where prose follows. A comment may stand close to it."""
        behind = 1
        while behind < self._count and self._is_empty(behind):
            behind += 1
        if behind < self._count and self._blocks.kinds[behind] != COMMENT:
            yield self._blank(1, behind, 1)

    def gap(self, end: int, start: int, *, wanted: int) -> Iterator[Edit]:
        """So many blank lines between what ends at `end` and what starts at `start`, if there is nothing else."""
        first, last = self._line(end) + 1, self._line(start)
        if all(self._is_empty(line) for line in range(first, last)):
            yield self._blank(first, last, wanted)

    def gap_at_end(self) -> Iterator[Edit]:
        """One blank line above the next heading. A comment may stand close to that, and so may the front matter."""
        last = self._count - 1  # What stands behind the last line end is the next section.
        first = self._before_blanks(last)
        is_close = first == last and (first == 0 or self._blocks.kinds[first - 1] == COMMENT)
        if not is_close:
            yield self._blank(first, last, 1)

    def end_of_text(self) -> Iterator[Edit]:
        """One line end at the end of the text, but for code or a comment that is never closed."""
        last = self._before_blanks(self._count)
        is_ended = last == self._count and not self._blocks.starts[last - 1] < len(self.text)
        if last > 0 and not is_ended and not self._blocks.unclosed:
            end = line_stop(self.text, self._blocks.starts[last - 1])
            yield Edit(Span(end, len(self.text)), self.eol)

    def _before_blanks(self, line: int) -> int:
        """The first of the blank lines that end above `line`; `line` where there are none."""
        while line > 0 and self._is_empty(line - 1):
            line -= 1
        return line

    def _blank(self, first: int, last: int, wanted: int) -> Edit:
        return Edit(Span(self._blocks.line_start(first), self._blocks.line_start(last)), self.eol * wanted)

    def _is_empty(self, line: int) -> bool:
        """Whether the line holds white space alone, and is no line of code or of a comment."""
        start, end = self._blocks.line_start(line), self._blocks.line_start(line + 1)
        return self._blocks.kinds[line] == TEXT and not self.text[start:end].strip()

    def _line(self, offset: int) -> int:
        return bisect_right(self._blocks.starts, offset) - 1
