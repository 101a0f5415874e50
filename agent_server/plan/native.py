"""The reader of Agent Server's own format: Markdown with one section a task (`*.plan.md`)."""

import re

from agent_server.plan.bullets import read_fields
from agent_server.plan.front_matter import body_start, read_front_matter
from agent_server.plan.ids import check_ids, check_needs, slug_of
from agent_server.plan.items import trimmed
from agent_server.plan.markdown import Blocks, Heading, Unclosed, scan
from agent_server.plan.model import Plan, Problem, Task
from agent_server.plan.reuse import recall, remember
from agent_server.plan.sections import Section, cut
from agent_server.plan.text import Span
from agent_server.plan.typed import read_typed

FORMAT = "agent-plan"

_ID = re.compile(r"([a-z][a-z0-9-]*):(?![^ \t])[ \t]*")


def parse(text: str) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan that `text` holds, and what in it could not be taken as it stands. Never raises, whatever the text."""
    settings, front_matter, found = read_front_matter(text)
    problems = list(found)
    blocks = scan(text, body_start(text, front_matter))
    title = next((heading.content for heading in blocks.headings if heading.level == 1), Span(0, 0))
    tasks: list[Task] = []
    context: list[str] = []
    for section in cut(blocks, problems):
        if section.is_task:
            tasks.append(_task_of(text, blocks, section, len(tasks) + 1, problems))
        elif shared := _shared_context(text, blocks, section):
            context.append(shared)
    problems += map(_never_closed, blocks.unclosed)
    check_ids(tasks, problems)
    check_needs(tasks, problems)
    plan = Plan(
        text=text,
        format=FORMAT,
        title=title.of(text),
        title_span=title,
        context="\n\n".join(context),
        settings=settings,
        front_matter=front_matter,
        tasks=tuple(tasks),
    )
    return plan, tuple(sorted(problems, key=lambda problem: problem.span))


def _shared_context(text: str, blocks: Blocks, section: Section) -> str:
    """The section's prose below its heading, which stays with it unless it is the plan's title."""
    first = section.first if section.heading is None else section.first + 1
    prose = trimmed(text, blocks.line_start(first), blocks.line_start(section.last)).of(text)
    if not prose or section.heading is None or section.heading.level == 1:
        return prose
    return f"{section.heading.span.of(text).strip()}\n\n{prose}"


def _task_of(text: str, blocks: Blocks, section: Section, ordinal: int, problems: list[Problem]) -> Task:
    """The section's task, remembered from an earlier text where the section is the same."""
    start = blocks.starts[section.first]
    source = text[start : blocks.line_start(section.last)]
    wave = section.wave.number if section.wave else None
    known = recall(source, start, wave)
    if known is not None:
        return known
    found: list[Problem] = []
    task = _read_task(text, blocks, section, ordinal, found)
    problems += found
    # An id that counts the tasks depends on those before it.
    if not found and task.id != f"task-{ordinal}":
        remember(source, wave, task)
    return task


def _read_task(text: str, blocks: Blocks, section: Section, ordinal: int, problems: list[Problem]) -> Task:
    heading = section.heading
    assert heading is not None  # noqa: S101  # a section without a heading is never a task
    task_id, id_span, title_span = _read_heading(blocks.text, heading, ordinal)
    fields, end_line = read_fields(blocks, section.first + 1, section.last, problems)
    end = blocks.line_start(section.last)
    fields_end = blocks.line_start(end_line)
    instructions = trimmed(text, fields_end, end)
    return Task(
        id=task_id,
        id_span=id_span,
        title=title_span.of(text),
        title_span=title_span,
        heading=heading.span,
        span=Span(blocks.starts[section.first], end),
        fields=fields,
        fields_end=fields_end,
        instructions=instructions.of(text),
        instructions_span=instructions,
        **read_typed(fields, section.wave, problems),
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


def _never_closed(opening: Unclosed) -> Problem:
    what = "comment" if opening.closing == "-->" else "code block"
    message = f"This {what} is never closed, so all that follows belongs to it. End it with a line `{opening.closing}`."
    return Problem("unclosed-block", message, opening.span)
