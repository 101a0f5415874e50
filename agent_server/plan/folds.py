"""What of a plan's text folds away: sections, lists of fields, code, comments and the front matter, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.plan.front_matter import body_start
from agent_server.plan.markdown.blocks import COMMENT, Blocks, scan
from agent_server.plan.model import Plan
from agent_server.plan.text import LineIndex


@dataclass(frozen=True, slots=True)
class Fold:
    """The lines from `first` to `last`, both zero-based and inclusive; `first` stays to be seen."""

    first: int
    last: int
    is_comment: bool = False


def folds(plan: Plan, lines: LineIndex) -> tuple[Fold, ...]:
    """Everything of more than one line that folds, in the order of the text, outer folds first.

    Of several that start on the same line there is only the longest: an editor has one mark a line. `lines` are those
    of the plan's text.
    """
    longest: dict[int, Fold] = {}
    for fold in _found(plan, lines):
        known = longest.get(fold.first)
        if fold.last > fold.first and (known is None or known.last < fold.last):
            longest[fold.first] = fold
    return tuple(longest[first] for first in sorted(longest))


def _found(plan: Plan, lines: LineIndex) -> Iterator[Fold]:
    if plan.text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["} and not plan.has_fields:
        return  # JSON, whose folds every editor knows
    if plan.front_matter.end:
        yield Fold(lines.line_at(plan.front_matter.start), lines.line_at(plan.front_matter.end))
    start = body_start(plan.text, plan.front_matter)
    above, blocks = lines.line_at(start), scan(plan.text, start)
    for first, last in _sections(blocks):
        yield Fold(above + first, above + last)
    for first, end in blocks.runs:
        yield Fold(above + first, above + _last_seen(blocks, first, end), blocks.kinds[first] == COMMENT)
    yield from _fields(plan, lines)


def _sections(blocks: Blocks) -> Iterator[tuple[int, int]]:
    """Each heading's line and the last line before the next heading that is no deeper."""
    open_ones: list[tuple[int, int]] = []
    for heading in blocks.headings:
        while open_ones and open_ones[-1][0] >= heading.level:
            first = open_ones.pop()[1]
            yield first, _last_seen(blocks, first, heading.line)
        open_ones.append((heading.level, heading.line))
    for _, first in open_ones:
        yield first, _last_seen(blocks, first, len(blocks.starts))


def _last_seen(blocks: Blocks, first: int, end: int) -> int:
    """The last line before `end` that is not empty, so that the space between two sections stays."""
    last = end - 1
    while last > first and blocks.starts[last] == blocks.ends[last]:
        last -= 1
    return last


def _fields(plan: Plan, lines: LineIndex) -> Iterator[Fold]:
    """The list of fields of each task, and in it each field that goes on below its line; what stands below an item."""
    tasks = plan.tasks
    for home, place in zip(tasks.homes, tasks.places, strict=True):
        if not plan.has_fields and home.instructions:
            yield Fold(lines.line_at(home.heading.start + place), lines.line_at(home.instructions_span.end + place))
        if home.fields:
            start, end = home.fields[0].span.start, home.fields[-1].span.end
            yield Fold(lines.line_at(start + place), lines.line_at(end + place))
        for field in home.fields:
            if field.items and field.items[-1].span.start > field.value_span.end:
                yield Fold(lines.line_at(field.span.start + place), lines.line_at(field.span.end + place))


def outermost(found: tuple[Fold, ...], most: int) -> tuple[Fold, ...]:
    """At most `most` of the folds, those at the top first: what holds others is worth more than what they hold."""
    ends: list[int] = []
    depths: list[int] = []
    for fold in found:
        while ends and ends[-1] < fold.last:
            ends.pop()
        depths.append(len(ends))
        ends.append(fold.last)
    kept = sorted(range(len(found)), key=lambda number: depths[number])[: max(most, 0)]
    return tuple(found[number] for number in sorted(kept))
