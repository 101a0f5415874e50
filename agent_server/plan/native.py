"""The reader of Agent Server's own format: Markdown with one section a task (`*.plan.md`)."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.plan.bullets import read_fields
from agent_server.plan.fields import FIELDS, MODEL_TIERS, Shape, did_you_mean
from agent_server.plan.front_matter import read_front_matter
from agent_server.plan.markdown import Blocks, Heading, scan
from agent_server.plan.model import Field, Item, Plan, Problem, Status, Task
from agent_server.plan.text import Span

FORMAT = "agent-plan"

_SHARED_CONTEXT = frozenset({"context", "background", "goal", "goals", "notes"})
_WAVE = re.compile(r"wave[ \t]+([0-9]+)(?![^ \t:.(\u2013\u2014-])[ \t]*(?=[:.(\u2013\u2014-]|\Z)", re.IGNORECASE)
_ID = re.compile(r"([a-z][a-z0-9-]*):(?![^ \t])[ \t]*")
_POSITIVE = re.compile(r"(?=.*[1-9])[0-9]{1,6}(?:\.[0-9]{1,6})?")
_WHOLE = re.compile(r"[1-9][0-9]{0,5}")


def parse(text: str) -> tuple[Plan, tuple[Problem, ...]]:
    """The plan that `text` holds, and what in it could not be taken as it stands. Never raises, whatever the text."""
    start = 1 if text.startswith("\ufeff") else 0
    settings, front_matter, found = read_front_matter(text, start)
    problems = list(found)
    blocks = scan(text, _after_line_end(text, front_matter.end) if front_matter.end else start)
    title = next((heading.content for heading in blocks.headings if heading.level == 1), Span(0, 0))
    tasks: list[Task] = []
    context: list[str] = []
    for section in _sections(blocks, problems):
        if section.is_task:
            tasks.append(_read_task(blocks, section, len(tasks) + 1, problems))
        elif shared := _shared_context(blocks, section):
            context.append(shared)
    _check_ids(tasks, problems)
    _check_needs(tasks, problems)
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


@dataclass(frozen=True, slots=True)
class _Section:
    """The lines from `first` (the heading's, where there is one) to `last`, exclusive."""

    heading: Heading | None
    first: int
    last: int
    is_task: bool
    wave: int | None = None
    wave_span: Span | None = None


def _sections(blocks: Blocks, problems: list[Problem]) -> Iterator[_Section]:
    """The text cut into tasks and shared context, in order."""
    text = blocks.text
    heading: Heading | None = None
    first = 0
    grouped = False
    is_task = False
    wave: int | None = None
    wave_span: Span | None = None
    for found in blocks.headings:
        if found.level > (3 if grouped else 2):
            continue
        yield _Section(heading, first, found.line, is_task, wave, wave_span)
        heading, first = found, found.line
        content = found.content.of(text)
        if found.level <= 2:
            match = _WAVE.match(content) if found.level == 2 else None
            grouped = match is not None
            wave, wave_span = None, None
            if match:
                wave_span = Span(found.content.start + match.start(1), found.content.start + match.end(1))
                wave = _fixed_wave(match[1], wave_span, problems)
        is_task = (found.level == 3 or (found.level == 2 and not grouped)) and not _is_shared(content)
    yield _Section(heading, first, len(blocks.lines), is_task, wave, wave_span)


def _is_shared(content: str) -> bool:
    return content.rstrip(": \t").lower() in _SHARED_CONTEXT


def _fixed_wave(written: str, span: Span, problems: list[Problem]) -> int | None:
    if _WHOLE.fullmatch(written):
        return int(written)
    problems.append(Problem("bad-value", f"Waves count from 1, so there is no wave {written[:20]}.", span))
    return None


def _shared_context(blocks: Blocks, section: _Section) -> str:
    """The section's prose, below its heading; the title is not repeated."""
    first = section.first if section.heading is None else section.first + 1
    prose = blocks.text[blocks.line_start(first) : blocks.line_start(section.last)].strip()
    if not prose or section.heading is None or section.heading.level == 1:
        return prose
    return f"{section.heading.span.of(blocks.text).strip()}\n\n{prose}"


def _read_task(blocks: Blocks, section: _Section, ordinal: int, problems: list[Problem]) -> Task:
    heading = section.heading
    assert heading is not None  # noqa: S101  # a section without a heading is never a task
    task_id, id_span, title_span = _read_heading(blocks.text, heading, ordinal)
    fields, end_line = read_fields(blocks, section.first + 1, section.last, problems)
    fields_end = blocks.line_start(end_line)
    end = blocks.line_start(section.last)
    instructions = _strip(blocks.text, fields_end, end)
    typed = _Typed(fields, problems)
    wave = _read_wave(typed, section, problems)
    return Task(
        id=task_id,
        id_span=id_span,
        title=title_span.of(blocks.text),
        title_span=title_span,
        heading=heading.span,
        span=Span(blocks.line_start(section.first), end),
        fields=fields,
        fields_end=fields_end,
        instructions=instructions.of(blocks.text),
        instructions_span=instructions,
        writes=typed.items("writes"),
        reads=typed.items("reads"),
        imports=typed.items("imports"),
        exports=typed.items("exports"),
        mirrors=typed.items("mirrors"),
        needs=typed.items("needs"),
        locks=typed.items("locks"),
        model=_read_model(typed, problems),
        agent=_read_agent(typed, problems),
        verify=typed.single("verify"),
        minutes=_read_minutes(typed, problems),
        wave=wave,
        status=_read_status(typed, problems),
    )


def _read_heading(text: str, heading: Heading, ordinal: int) -> tuple[str, Span, Span]:
    """The id, where it is written, and where the title is. A task without an id is named by its title's slug."""
    content = heading.content.of(text)
    match = _ID.match(content)
    if not match:
        return _slug(content) or f"task-{ordinal}", heading.content, heading.content
    start = heading.content.start
    id_span = Span(start, start + match.end(1))
    if match.end() == len(content):
        return match[1], id_span, id_span
    return match[1], id_span, Span(start + match.end(), heading.content.end)


def _slug(title: str) -> str:
    """As GitHub makes an anchor of a heading, in `[a-z0-9-]` alone: accents are dropped, other letters are left out."""
    if not title.isascii():
        title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[\s_-]+", "-", re.sub(r"[^a-z0-9\s_-]", "", title.lower())).strip("-")


def _strip(text: str, start: int, end: int) -> Span:
    """The span without the white space at its ends; empty, at `start`, where there is nothing else."""
    raw = text[start:end]
    bare = raw.strip()
    if not bare:
        return Span(start, start)
    first = start + len(raw) - len(raw.lstrip())
    return Span(first, first + len(bare))


class _Typed:
    """A task's fields by name. Lists that are written twice add up; of other fields the first counts."""

    def __init__(self, fields: tuple[Field, ...], problems: list[Problem]) -> None:
        self._fields: dict[str, list[Field]] = {}
        self._problems = problems
        for field in fields:
            kind = FIELDS.get(field.name)
            if kind is None:
                continue
            same = self._fields.setdefault(field.name, [])
            if same:
                rest = "Both count; join them." if kind.shape is Shape.LIST else "The first one counts."
                message = f"`{field.name}` is written twice. {rest}"
                problems.append(Problem("duplicate-field", message, field.name_span, related=same[0].name_span))
            if not field.items:
                problems.append(Problem("bad-value", f"`{field.name}` has no value yet.", field.name_span))
            same.append(field)

    def items(self, name: str) -> tuple[Item, ...]:
        found = self._fields.get(name)
        if not found:
            return ()
        return found[0].items if len(found) == 1 else tuple(item for field in found for item in field.items)

    def single(self, name: str) -> Item | None:
        found = self._fields.get(name)
        if not found or not found[0].items:
            return None
        items = found[0].items
        if len(items) == 1:
            return items[0]
        message = f"`{name}` takes one value."
        self._problems.append(Problem("bad-value", message, Span(items[1].span.start, items[-1].span.end)))
        return None


def _read_model(typed: _Typed, problems: list[Problem]) -> Item | None:
    item = typed.single("model")
    if item is None or item.text in MODEL_TIERS:
        return item
    near = did_you_mean(item.text, MODEL_TIERS, cutoff=0.8) if item.text.isalpha() else None
    if near is None and not re.search(r"\s", item.text):
        return item
    message = f"`{item.text}` is not a model. Write `fast`, `default`, `capable`, `auto`, or a model's id."
    problems.append(Problem("bad-value", message, item.span, near))
    return None


def _read_agent(typed: _Typed, problems: list[Problem]) -> Item | None:
    item = typed.single("agent")
    if item is None or not re.search(r"\s", item.text):
        return item
    message = f"`{item.text}` is not an agent. Write the name of a configured agent, without spaces."
    problems.append(Problem("bad-value", message, item.span))
    return None


def _read_minutes(typed: _Typed, problems: list[Problem]) -> float | None:
    item = typed.single("minutes")
    if item is None:
        return None
    if _POSITIVE.fullmatch(item.text):
        return float(item.text)
    number = re.match(r"[0-9]+(?:\.[0-9]+)?(?=\s*m)", item.text)
    message = f"`{item.text}` is not a number of minutes. Write a number above 0, such as `10` or `2.5`."
    problems.append(Problem("bad-value", message, item.span, number[0] if number else None))
    return None


def _read_wave(typed: _Typed, section: _Section, problems: list[Problem]) -> int | None:
    item = typed.single("wave")
    if item is None:
        return section.wave
    if not _WHOLE.fullmatch(item.text):
        message = f"`{item.text}` is not a wave. Write a whole number from 1 on."
        problems.append(Problem("bad-value", message, item.span))
        return section.wave
    wave = int(item.text)
    if section.wave is not None and wave != section.wave:
        message = f"The task stands below the heading of wave {section.wave}, which counts. Remove `wave` here."
        problems.append(Problem("bad-value", message, item.span, str(section.wave), section.wave_span))
        return section.wave
    return wave


def _read_status(typed: _Typed, problems: list[Problem]) -> Status:
    item = typed.single("status")
    if item is None:
        return Status.TODO
    if item.text in tuple(Status):
        return Status(item.text)
    message = f"`{item.text}` is not a status. Write `todo`, `done` or `skip`."
    problems.append(Problem("bad-value", message, item.span, did_you_mean(item.text, tuple(Status))))
    return Status.TODO


def _check_ids(tasks: list[Task], problems: list[Problem]) -> None:
    first: dict[str, Task] = {}
    ids = {task.id for task in tasks}
    for task in tasks:
        other = first.setdefault(task.id, task)
        if other is task:
            continue
        number = next(number for number in range(2, len(tasks) + 3) if f"{task.id}-{number}" not in ids)
        fresh = f"{task.id}-{number}"
        suggestion = fresh if task.id_span != task.title_span else f"{fresh}: {task.title}"
        message = f"Two tasks are called `{task.id}`. Give this one an id of its own, such as `{fresh}: {task.title}`."
        problems.append(Problem("duplicate-id", message, task.id_span, suggestion, other.id_span))


def _check_needs(tasks: list[Task], problems: list[Problem]) -> None:
    ids = {task.id for task in tasks}
    for task in tasks:
        for need in task.needs:
            if need.text in ids:
                continue
            suggestion = _task_meant(need.text, task, tasks)
            meant = f" Did you mean `{suggestion}`?" if suggestion else ""
            message = f"`{need.text}` names no task of this plan.{meant}"
            problems.append(Problem("unknown-task", message, need.span, suggestion))


def _task_meant(written: str, asking: Task, tasks: list[Task]) -> str | None:
    others = [task.id for task in tasks if task.id != asking.id]
    slug = _slug(written)
    by_title = next((task.id for task in tasks if task is not asking and slug and _slug(task.title) == slug), None)
    return by_title or did_you_mean(written, others)


def _after_line_end(text: str, offset: int) -> int:
    if text.startswith("\r\n", offset):
        return offset + 2
    return offset + 1 if offset < len(text) else offset
