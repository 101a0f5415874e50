"""Plans that are documents in Markdown: tasks are sections, boxes or the items of a list, and say in words what to do.

How the tasks are found each format says (`ways`). What is read of them is the same for all:

- The files of a list that is called so are written, or read where that is said (`file_lists`).
- `Depends on: Task 2` is what a task needs, and so is what it `Consumes:` of another.
- A task that is a box is done when it is ticked, a section when all of its boxes are, or when its title says so; one
  without boxes, when a box that is named after it is ticked elsewhere (`told_elsewhere`).
- Sections that are called phases are phases and waves, where tasks stand in them; in all other documents the analysis
  is free to find out what can run at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.plan.assembling import Cut, assembled
from agent_server.plan.documents.file_lists import file_lists
from agent_server.plan.documents.outline import Found, Outline
from agent_server.plan.documents.task_references import needed
from agent_server.plan.documents.task_status import boxes_of, is_done_word, status_in, tells_done
from agent_server.plan.documents.told_elsewhere import Key, boxes_elsewhere, key_of, order_elsewhere
from agent_server.plan.documents.ways import FREE, Way
from agent_server.plan.documents.writer import DocumentWriter
from agent_server.plan.front_matter import body_start, fenced
from agent_server.plan.ids import FreshIds, check_needs, unmet
from agent_server.plan.items import each_once
from agent_server.plan.markdown.blocks import Blocks, scan
from agent_server.plan.markdown.boxes import status_of_box
from agent_server.plan.markdown.conflicts import conflicts
from agent_server.plan.markdown.context import context_of
from agent_server.plan.markdown.lists import list_items
from agent_server.plan.markdown.unclosed import never_closed
from agent_server.plan.model import Item, Phase, Plan, PlanSettings, Reading, Status, Task, in_order
from agent_server.plan.text import Span, trimmed
from agent_server.plan.writing import line_stop

_STATUS_SECTION = re.compile(r"status|story info(?:rmation)?|metadata")
_MAY_NAME = re.compile(r"[`/\\]|\w\.\w")


@dataclass(frozen=True)
class Shape:
    """What documents of one format are like: the ways in which their tasks are found, and what can be written there.

    Where tasks are `listing`, each of them has a list of its files and a line of what it needs, or may get one. Lines
    above the tasks that `only_once` matches are for whoever carries out the whole plan, and for no task's agent.
    """

    format: str
    ways: Sequence[Way] = FREE
    listing: bool = False
    only_once: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the reading of a task depends on beside its own text; places are counted from its start."""

    format: str
    is_heading: bool
    id: str
    id_span: Span | None
    title: Span
    phase: int | None
    is_done: bool
    waits_for: tuple[str, ...]


def parse_document(shape: Shape, text: str, before: Plan | None = None) -> Reading:
    """The plan in a text. Never raises, whatever the text."""
    front_matter, _ = fenced(text)
    outline = Outline(text, body_start(text, front_matter))
    found = next((found for way in shape.ways if (found := way(outline))), [])
    groups = list(dict.fromkeys(task.group for task in found if task.group is not None))
    if len(groups) < 2:  # one phase alone orders nothing
        groups = []
    is_done = _is_done(text, outline, front_matter)
    boxes = boxes_elsewhere(outline, found)
    cuts = list(_cuts(shape, outline, found, groups, boxes, is_done=is_done))
    tasks, readings = assembled(text, cuts, _read, before)
    title = outline.blocks.title
    ids = frozenset([task.id for task in tasks.homes])
    problems = [
        never_closed(each) for each in outline.blocks.unclosed if text[line_stop(text, each.span.end) :].strip()
    ]
    problems += conflicts(outline.blocks)
    check_needs(tasks, ids, unmet(tasks, ids), problems)
    starts = [outline.blocks.line_start(outline.sections[at].line) for at in groups]
    first = min([*starts, *tasks.places[:1]], default=len(text))
    plan = Plan(
        text=text,
        format=shape.format,
        title=title.of(text),
        title_span=title,
        context=_context(shape, outline, first),
        settings=PlanSettings(),
        front_matter=front_matter,
        tasks=tasks,
        phases=tuple(_phase(outline, at) for at in groups),
        readings=readings,
        writer=_writer(shape, tasks.homes, _by_id(outline, found, cuts, boxes)),
    )
    return plan, in_order(problems)


def _context(shape: Shape, outline: Outline, end: int) -> str:
    context = context_of(outline.blocks, end)
    return shape.only_once.sub("", context).strip() if shape.only_once else context


def has_tasks(text: str, ways: Sequence[Way]) -> bool:
    """Whether any of the ways finds tasks in a text."""
    outline = Outline(text, body_start(text, fenced(text)[0]))
    return any(way(outline) for way in ways)


def _is_done(text: str, outline: Outline, front_matter: Span) -> bool:
    """Whether the whole plan is done, as its front matter, its header or a section about its status tells."""
    lines = scan(text[: front_matter.end])
    header = next((section.line for section in outline.sections if section.level > 1), len(outline.blocks.starts))
    if tells_done(lines, 0, len(lines.starts)) or tells_done(outline.blocks, 0, header):
        return True
    for section in outline.sections:
        if _STATUS_SECTION.fullmatch(section.name):
            words = outline.text[section.content.end : outline.blocks.line_start(section.last)].lstrip()
            if tells_done(outline.blocks, section.line, section.last) or is_done_word(words):
                return True
    return False


def _phase(outline: Outline, at: int) -> Phase:
    section, blocks = outline.sections[at], outline.blocks
    span = Span(blocks.line_start(section.line), blocks.line_start(section.last))
    return Phase(section.content.of(outline.text), section.content, span)


def _cuts(  # noqa: PLR0913  # all that decides how tasks are read
    shape: Shape,
    outline: Outline,
    found: Sequence[Found],
    groups: Sequence[int],
    boxes: Mapping[Key, Sequence[Span]],
    *,
    is_done: bool,
) -> Iterator[Cut]:
    ids = FreshIds()
    order = order_elsewhere(outline, found)
    numbers: dict[int | None, int] = {group: number for number, group in enumerate(groups)}
    for task in found:
        start, end = outline.blocks.line_start(task.line), outline.blocks.line_start(task.last)
        title = _title(outline.text, task)
        written = task.id.of(outline.text) if task.id else None
        key = key_of(outline.text, task)
        named_after = boxes.get(key, ()) if key else ()
        basis = _Basis(
            format=shape.format,
            is_heading=task.is_heading,
            id=ids.of(written, (task.content if task.id else title).of(outline.text)),
            id_span=Span(task.id.start - start, task.id.end - start) if task.id else None,
            title=Span(title.start - start, title.end - start),
            phase=numbers.get(task.group),
            is_done=is_done or _are_done(outline.text, named_after),
            waits_for=tuple(dict.fromkeys(order.get(key, ()) if key else ())),
        )
        yield Cut(start, end, basis)


def _are_done(text: str, boxes: Sequence[Span]) -> bool:
    return bool(boxes) and all(status_of_box(box.of(text)) is Status.DONE for box in boxes)


def _by_id(
    outline: Outline, found: Sequence[Found], cuts: Sequence[Cut], boxes: Mapping[Key, Sequence[Span]]
) -> Mapping[str, Sequence[Span]]:
    """The boxes outside of the tasks, by the ids of the tasks that they are named after."""
    keys = [key_of(outline.text, task) for task in found] if boxes else []
    named = ((cut.basis, key) for cut, key in zip(cuts, keys, strict=False) if key in boxes)
    return {basis.id: boxes[key] for basis, key in named if isinstance(basis, _Basis) and key}


def _title(text: str, task: Found) -> Span:
    """What stands behind the name, or else the name.

    Emphasis that wraps all of it is left out; so is what stands behind emphasis that the name opened, such as which
    criteria are met, unless it may name a file.
    """
    start, end = task.name.end, task.content.end
    if not text[start:end].strip():
        start = task.content.start
    for mark in ("**", "__"):
        close = text.find(mark, start + 2, end)
        if close < 0:
            continue
        if text.startswith(mark, start) and close == end - 2:
            start, end = start + 2, close
        elif text.count(mark, task.name.start, start) % 2 and not _MAY_NAME.search(text, close, end):
            end = close
    return trimmed(text, start, end)


def _read(source: str, basis: _Basis) -> Task:
    """The task in its own text."""
    blocks = scan(source)
    items = list_items(blocks)
    below = blocks.line_start(1)
    instructions = trimmed(source, below, len(source))
    boxes = boxes_of(items, is_heading=basis.is_heading)
    files = [named for each in file_lists(blocks, items) for named in each.files]
    return Task(
        id=basis.id,
        id_span=basis.id_span or basis.title,
        title=basis.title.of(source),
        title_span=basis.title,
        heading=Span(0, blocks.ends[0]),
        span=Span(0, len(source)),
        fields=(),
        field_lines=Span(below, below),
        instructions=instructions.of(source),
        instructions_span=instructions,
        writes=each_once(named.item for named in files if not named.reads),
        reads=each_once(named.item for named in files if named.reads),
        needs=each_once(need for need in _needs(blocks, basis) if need.text != basis.id),
        wave=None if basis.phase is None else basis.phase + 1,
        status=Status.DONE if basis.is_done and not boxes else status_in(blocks, boxes),
        phase=basis.phase,
        status_span=next(
            (box for box in boxes if status_of_box(box.of(source)) is not Status.DONE), next(iter(boxes), None)
        ),
    )


def _needs(blocks: Blocks, basis: _Basis) -> Iterator[Item]:
    """What the task says that it needs; and what stands elsewhere, which has no place of its own, at its name."""
    yield from needed(blocks, basis.id)
    yield from (Item(task_id, basis.id_span or basis.title) for task_id in basis.waits_for)


def _writer(shape: Shape, tasks: Sequence[Task], boxes: Mapping[str, Sequence[Span]]) -> DocumentWriter:
    """What can be written into a document, judged by what its tasks have already."""
    holds = {"status"} if boxes or any(task.status_span for task in tasks) else set()
    if shape.listing:
        holds |= {"writes", "needs"}
    elif any(task.writes for task in tasks):
        holds.add("writes")
    return DocumentWriter(frozenset(holds), listing=shape.listing, boxes=boxes)
