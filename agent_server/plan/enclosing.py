"""What stands round a place in a plan, from the inside out: what an editor selects when its selection is widened."""

import re
from collections.abc import Iterator

from agent_server.plan.model import Plan, Task
from agent_server.plan.text import Span
from agent_server.plan.writing import line_start, line_stop, outer

_WORD = re.compile(r"\w+(?:[-'\u2019]\w+)*")
_BLANK_LINE = re.compile(r"(?:\A|(?<=\n)|(?<=\r)(?!\n))[ \t]*(?=[\r\n]|\Z)")


def enclosing(plan: Plan, offset: int) -> tuple[Span, ...]:
    """The spans that hold `offset`, each inside the next: the word or item, ..., the task, its wave, the plan.

    There is always one: the whole text. Each covers more than the one before it.
    """
    spans: list[Span] = []
    for span in _around(plan, max(0, min(offset, len(plan.text)))):
        if span.contains(offset) and span.start < span.end and _covers(span, spans[-1] if spans else None):
            spans.append(span)
    whole = Span(0, len(plan.text))
    if not spans or spans[-1] != whole:
        spans.append(whole)
    return tuple(spans)


def _covers(span: Span, inner: Span | None) -> bool:
    """Whether `span` holds all of `inner` and more."""
    return inner is None or (span != inner and span.start <= inner.start and inner.end <= span.end)


def _around(plan: Plan, offset: int) -> Iterator[Span]:
    """Candidates from the inside out; some may not hold the offset, or equal the one before."""
    text = plan.text
    task = plan.task_at(offset)
    if task is not None:
        yield from _in_task(text, task, offset)
        yield task.span
    elif plan.front_matter.end and plan.front_matter.contains(offset):
        yield from _in_prose(text, offset, plan.front_matter)
        yield plan.front_matter
    elif plan.sections is not None:
        section = plan.sections.span_at(offset, len(text))
        yield from _in_prose(text, offset, section)
        yield section
    phases = [phase.span for phase in plan.phases if phase.span.contains(offset)]
    yield from sorted(phases, key=lambda span: span.end - span.start)
    if plan.sections is not None:
        group = plan.sections.group_at(offset, len(text))
        if group is not None:
            yield group


def _in_task(text: str, task: Task, offset: int) -> Iterator[Span]:
    if task.heading.contains(offset):
        yield from _words(text, task.heading, offset)
        yield task.id_span
        yield task.title_span
        yield Span(min(task.id_span.start, task.title_span.start), task.title_span.end)
        yield task.heading
        return
    field = next((field for field in task.fields if field.span.contains(offset)), None)
    if field is not None:
        yield field.name_span
        for item in field.items:
            if outer(text, item).contains(offset):
                yield item.span
                yield outer(text, item)
        yield field.value_span
        if field.items:
            yield Span(field.value_span.start, field.span.end)
        yield field.span
    if task.fields:
        yield Span(task.fields[0].span.start, task.fields[-1].span.end)
    if task.instructions_span.contains(offset):
        yield from _in_prose(text, offset, task.instructions_span)
        yield task.instructions_span


def _in_prose(text: str, offset: int, within: Span) -> Iterator[Span]:
    """The word, the line and the paragraph at `offset`."""
    line = Span(max(line_start(text, offset), within.start), min(line_stop(text, offset), within.end))
    yield from _words(text, line, offset)
    shown = line.of(text)
    indent = len(shown) - len(shown.lstrip())
    yield Span(line.start + indent, line.start + max(indent, len(shown.rstrip())))
    blanks = [match.span() for match in _BLANK_LINE.finditer(text, within.start, within.end)]
    start = max((end for _, end in blanks if end < line.start), default=within.start)
    end = min((start for start, _ in blanks if start > line.end), default=within.end)
    paragraph = Span(start, end).of(text)
    yield Span(end - len(paragraph.lstrip()), start + len(paragraph.rstrip()))


def _words(text: str, line: Span, offset: int) -> Iterator[Span]:
    yield from (Span(*match.span()) for match in _WORD.finditer(text, line.start, line.end) if _holds(match, offset))


def _holds(match: re.Match[str], offset: int) -> bool:
    return match.start() <= offset <= match.end()
