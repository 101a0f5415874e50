"""The reader of Agent Server's own format: Markdown with one section a task (`*.plan.md`)."""

import re
from collections.abc import Iterator, Mapping, Sequence

from agent_server.plan.bullets import read_fields
from agent_server.plan.front_matter import body_start, read_front_matter
from agent_server.plan.ids import check_ids, check_needs, slug_of
from agent_server.plan.markdown.blocks import Blocks, Heading, scan
from agent_server.plan.markdown.conflicts import conflicts
from agent_server.plan.markdown.unclosed import never_closed
from agent_server.plan.model import OWN_FORMAT, Plan, Problem, Task, in_order
from agent_server.plan.moving import moved
from agent_server.plan.readings import Reading, Sections, Standing, Window, edited
from agent_server.plan.sections import Section, cut
from agent_server.plan.text import Span, trimmed
from agent_server.plan.typed import read_typed

_ID = re.compile(r"([a-z][a-z0-9-]*):(?![^ \t])[ \t]*")
_LINE_END = re.compile(r"[\r\n]|\Z")


def parse(text: str, before: Plan | None = None) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan that `text` holds, and what in it could not be taken as it stands. Never raises, whatever the text.

    `before` is an earlier version of the plan. The answer is the same without it, but takes as long as the whole text
    and not as long as what was edited.
    """
    settings, front_matter, found = read_front_matter(text)
    sections = _read_sections(text, body_start(text, front_matter), before)
    title = _title(sections)
    problems = [*found, *_problems(sections)]
    check_ids(sections.tasks, sections.ids, problems)
    check_needs(sections.tasks, sections.ids, sections.unmet, problems)
    plan = Plan(
        text=text,
        format=OWN_FORMAT,
        title=title.of(text),
        title_span=title,
        context="\n\n".join([reading.context for _, reading in sections.asides() if reading.context]),
        settings=settings,
        front_matter=front_matter,
        tasks=sections.tasks,
        sections=sections,
    )
    return plan, in_order(problems)


def _title(sections: Sections) -> Span:
    titles = (moved(reading.title, start) for start, reading in sections.asides() if reading.title)
    return next(titles, Span(0, 0))


def _problems(sections: Sections) -> Iterator[Problem]:
    for start, reading in sections.asides():
        yield from moved(reading.problems, start)


def _read_sections(text: str, start: int, before: Plan | None) -> Sections:
    if before is None or before.sections is None:
        return _read_all(text, start, {})
    if before.sections.starts[0] == start and (window := edited(before.text, before.sections, text)):
        found = _read_window(text, window, before.sections)
        if found is not None:
            return found
    return _read_all(text, start, before.sections.by_source(before.text))


def _read_all(text: str, start: int, known: Mapping[tuple[str, Standing], Reading]) -> Sections:
    blocks = scan(text, start)
    return Sections.of(*_readings(text, blocks, list(cut(blocks)), 1, known))


def _read_window(text: str, window: Window, before: Sections) -> Sections | None:
    """The sections of a text of which only a window has changed; None where the change reaches beyond the window.

    The heading behind the window is read with it. If it is what it was before, nothing below it can be different.
    """
    first, last, by = window.first, window.last, window.by
    above = before.above(first)
    inner = text[window.start : _end_of_line(text, before.starts[last] + by) if last < len(before.starts) else None]
    blocks = scan(inner)
    sections = list(cut(blocks, moved(above, -window.start)))[min(first, 1) :]
    if last < len(before.starts):
        behind = sections.pop()
        at = window.start + blocks.line_start(behind.first)
        if at != before.starts[last] + by or _standing(behind) != before.readings[last].standing:
            return None
    ordinal = 1 + before.tasks_before(first)
    starts, readings = _readings(inner, blocks, sections, ordinal, {})
    read = Sections.of([window.start + start for start in starts], readings)
    return before.spliced(first, last, by, read)


def _end_of_line(text: str, at: int) -> int:
    end = _LINE_END.search(text, at)
    return end.start() if end else len(text)


def _readings(
    text: str,
    blocks: Blocks,
    sections: Sequence[Section],
    ordinal: int,
    known: Mapping[tuple[str, Standing], Reading],
) -> tuple[list[int], list[Reading]]:
    """Where each section starts, and how it reads. `ordinal` is the number that its first task has in the plan."""
    starts = [blocks.line_start(section.first) for section in sections]
    readings: list[Reading] = []
    for start, section in zip(starts, sections, strict=True):
        source = text[start : blocks.line_start(section.last)]
        readings.append(known.get((source, _standing(section))) or _read(source, start, blocks, section, ordinal))
        ordinal += section.is_task
    return starts, readings


def _standing(section: Section) -> Standing:
    wave = section.above.wave
    return Standing(section.is_task, section.above.level, wave.number if wave else None)


def _read(source: str, start: int, blocks: Blocks, section: Section, ordinal: int) -> Reading:
    """The reading of the section that stands at `start` of the text of `blocks`."""
    section, part = moved(section, -start), blocks.part(section.first, section.last)
    heading, above = section.heading, section.above
    problems = [section.problem] if section.problem else []
    if section.last == len(blocks.starts):
        problems += [never_closed(moved(each, -start)) for each in blocks.unclosed]
    problems += conflicts(part)
    task = _read_task(source, part, section, ordinal, problems) if section.is_task else None
    related = (problem.related for problem in problems if problem.related)
    return Reading(
        standing=_standing(section),
        task=task,
        context="" if task else _shared_context(source, part, heading),
        title=heading.content if heading and heading.level == 1 else None,
        sets=above if heading and heading.level <= 2 else None,
        problems=tuple(problems),
        is_bound=any(not 0 <= place.start < len(source) for place in related)
        or (task is not None and task.id_span == task.title_span and not slug_of(task.title)),
    )


def _shared_context(text: str, blocks: Blocks, heading: Heading | None) -> str:
    """The section's prose below its heading, which stays with it unless it is the plan's title."""
    prose = trimmed(text, 0 if heading is None else blocks.line_start(1), len(text)).of(text)
    if not prose or heading is None or heading.level == 1:
        return prose
    return f"{heading.span.of(text).strip()}\n\n{prose}"


def _read_task(text: str, blocks: Blocks, section: Section, ordinal: int, problems: list[Problem]) -> Task:
    heading = section.heading
    assert heading is not None  # noqa: S101  # a section without a heading is never a task
    task_id, id_span, title_span = _read_heading(blocks.text, heading, ordinal)
    fields, end_line = read_fields(blocks, 1, len(blocks.starts), problems)
    field_lines = Span(blocks.line_start(1), blocks.line_start(end_line))
    instructions = trimmed(text, field_lines.end, len(text))
    return Task(
        id=task_id,
        id_span=id_span,
        title=title_span.of(text),
        title_span=title_span,
        heading=heading.span,
        span=Span(0, len(text)),
        fields=fields,
        field_lines=field_lines,
        instructions=instructions.of(text),
        instructions_span=instructions,
        **read_typed(fields, section.above.wave, problems),
    )


def _read_heading(text: str, heading: Heading, ordinal: int) -> tuple[str, Span, Span]:
    """The id, where it is written, and where the title is. A task without an id is named by its title's slug."""
    content = heading.content.of(text)
    match = _ID.match(content)
    if not match:
        return slug_of(content) or f"task-{ordinal}", heading.content, heading.content
    start = heading.content.start
    id_span = Span(start, start + match.end(1))
    if match.end() == len(content):
        return match[1], id_span, id_span
    return match[1], id_span, Span(start + match.end(), heading.content.end)
