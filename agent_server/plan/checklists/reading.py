"""Plans that are checklists in Markdown: tasks are list items with boxes, or headings, below headings that are phases.

Formats of this kind differ in how tasks are named and marked, so each is a `Dialect`, and this file reads them all:

- Where items with a box are named, these are the tasks, and other boxes are notes or steps, but in dialects that take
  all. Where none is named, named headings are tasks, or else each box of the outermost level. Where there is no box,
  named items are, or else what stands in lists of things to do.
- A task that is a heading without a box of its own is done when all boxes of its section are.
- One that is open and struck through is left out.
- An item in which named items are nested is no task, but a group of them. What else is nested in a task is its
  instructions.
- Boxes of a section of criteria (`Acceptance criteria`) are no tasks, nor are those below a line that is only called
  so. Those of a section that checks the outcome otherwise (`Review checklist`) are none where there are others.
- A task that is written down twice, word by word, is one. Of different tasks with one id, all but the first get a
  number behind it.
- Tasks with a mark may run beside all marked tasks of their phase; the others run in the order of the text. So each run
  of marked tasks is a wave, and every other task is one of its own. In a dialect without marks, each phase is a wave,
  and the analysis finds out what can run side by side. What phases are, `phases.py` tells.
- A conflict that Git has left in the text is a problem of its own, and no task of its second side is read twice.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from agent_server.plan.assembling import Cut, Parts, assembled
from agent_server.plan.checklists.dependencies import needed
from agent_server.plan.checklists.dialects import Dialect
from agent_server.plan.checklists.first_lines import first_line
from agent_server.plan.checklists.items import Found, boxes_below, found_tasks
from agent_server.plan.checklists.phases import phased
from agent_server.plan.checklists.retyping import retyped
from agent_server.plan.checklists.writer import ChecklistWriter
from agent_server.plan.front_matter import body_start, fenced
from agent_server.plan.ids import check_needs, check_renamed, unmet
from agent_server.plan.markdown.blocks import Blocks, scan
from agent_server.plan.markdown.boxes import is_struck, status_of_box
from agent_server.plan.markdown.conflicts import conflicts
from agent_server.plan.markdown.context import context_of
from agent_server.plan.markdown.lists import list_items
from agent_server.plan.markdown.unclosed import never_closed
from agent_server.plan.model import Plan, PlanSettings, Problem, Reading, Status, Task, in_order
from agent_server.plan.text import Span, trimmed

_KEY = re.compile(r"[\w\"'-]++[ \t]*+:")


class _Basis(NamedTuple):
    """What the reading of a task depends on beside its own text."""

    dialect: str
    is_heading: bool
    own: str | None
    phase: int
    wave: int


def parse_checklist(dialect: Dialect, text: str, before: Plan | None = None) -> Reading:
    """The plan in a text. Never raises, whatever the text."""
    front_matter = _front_matter(text)
    blocks = scan(text, body_start(text, front_matter))
    parts = None
    if before is not None and isinstance(before.writer, ChecklistWriter) and before.writer.dialect is dialect:
        parts = retyped(dialect, text, before, lambda source, basis: _read(dialect, source, basis))
    tasks, phases, readings = parts or _cut(dialect, blocks, text, before)
    title = blocks.title
    first = min([*tasks.places[:1], *(phase.span.start for phase in phases[:1]), len(text)])
    plan = Plan(
        text=text,
        format=dialect.format,
        title=title.of(text),
        title_span=title,
        context=context_of(blocks, first),
        settings=PlanSettings(),
        front_matter=front_matter,
        tasks=tasks,
        phases=phases,
        readings=readings,
        writer=ChecklistWriter(dialect, parse_checklist),
    )
    return plan, _problems(blocks, plan)


def _cut(dialect: Dialect, blocks: Blocks, text: str, before: Plan | None) -> Parts:
    """The tasks and phases of the whole text."""
    items = list_items(blocks)
    found = found_tasks(dialect, blocks, items)
    places, phases = phased(blocks, items, found, by_number=dialect.groups_by_number)
    waves = _waves(dialect, blocks, found.tasks, places)
    name = f"{dialect.format} {dialect.variant}"
    cuts = (
        Cut(task.start, task.end, _Basis(name, task.is_heading, task.own, place, wave))
        for task, place, wave in zip(found.tasks, places, waves, strict=True)
    )
    # A task that only stands elsewhere now, behind one that is new, need not be read again.
    known = _by_words(before)

    def read(source: str, basis: _Basis) -> Task:
        task = known.get((source, basis.dialect, basis.is_heading, basis.own))
        return replace(task, phase=basis.phase, wave=basis.wave) if task is not None else _read(dialect, source, basis)

    tasks, readings = assembled(text, cuts, read, before)
    return Parts(tasks, tuple(phases), readings)


def _by_words(before: Plan | None) -> dict[tuple[str, str, bool, str | None], Task]:
    """The tasks of an earlier version by all that they say, whatever their phases and waves."""
    if before is None:
        return {}
    keys = ((key, task) for key, task in before.readings.items() if isinstance(key, tuple) and len(key) == 2)
    return {
        (source, basis.dialect, basis.is_heading, basis.own): task
        for (source, basis), task in keys
        if isinstance(basis, _Basis)
    }


def _problems(blocks: Blocks, plan: Plan) -> tuple[Problem, ...]:
    problems = [*(never_closed(each) for each in blocks.unclosed), *conflicts(blocks)]
    homes = plan.tasks.homes
    ids = frozenset([task.id for task in homes])
    check_renamed(plan.text, plan.tasks, problems)
    if unknowing := unmet(plan.tasks, ids):
        # A group is no task, yet its number stands for all of its tasks, and they are in a phase of their own.
        ids |= {task.id.rpartition(".")[0] for task in homes}
        check_needs(plan.tasks, ids, unknowing, problems)
    return in_order(problems)


def _front_matter(text: str) -> Span:
    """The block that opens a text, where it begins with a key: many checklists stand between two rules `---`."""
    block, inside = fenced(text)
    return block if _KEY.match(text, inside.start, inside.end) else Span(0, 0)


def _read(dialect: Dialect, source: str, basis: _Basis) -> Task:
    """The task in its own text."""
    blocks = scan(source)
    box: Span | None = None
    is_starred = False
    status = Status.TODO
    if basis.is_heading:
        heading = blocks.headings[0]
        content = heading.content
        name = dialect.heading_name(blocks.text, content)
        if name is not None and name.start("box") >= 0:
            box = Span(*name.span("box"))
    else:
        item = list_items(blocks)[0]
        content, box, is_starred = item.content, item.box, item.is_starred
        name = dialect.name.match(blocks.text, content.start, content.end)
    if box is not None:
        status = status_of_box(box.of(source), dialect.skipped)
    elif basis.is_heading:
        box, status = _standing(dialect, source, boxes_below(list_items(blocks)))
    if status is Status.TODO and is_struck(source[: blocks.ends[0]]):
        status = Status.SKIP
    line = first_line(dialect, blocks.text, content.start, content.end, name)
    title = Span(line.start, line.end)
    below = blocks.line_start(1)
    instructions = trimmed(source, below, len(source))
    task_id = basis.own or (name["id"] if name is not None else "")
    heading_span = Span(blocks.starts[0], blocks.ends[0])
    return Task(
        id=task_id,
        id_span=Span(*name.span("id")) if name is not None and name["id"] else title,
        title=title.of(source),
        title_span=title,
        heading=heading_span,
        span=Span(0, len(source)),
        fields=(),
        field_lines=Span(below, below),
        instructions=instructions.of(source),
        instructions_span=instructions,
        needs=needed(dialect, source, task_id),
        wave=basis.wave,
        status=status,
        phase=basis.phase,
        parallel=Span(line.mark_start, line.mark_end) if line.mark_start >= 0 else None,
        optional=is_starred or dialect.is_optional(heading_span.of(source)),
        status_span=box,
    )


def _standing(dialect: Dialect, source: str, boxes: Sequence[Span]) -> tuple[Span | None, Status]:
    """How a task stands by the boxes of its section, and the first of them that is not ticked, or else the first."""
    stands = [status_of_box(box.of(source), dialect.skipped) for box in boxes]
    open_boxes = (box for box, status in zip(boxes, stands, strict=True) if status is not Status.DONE)
    status = stands[0] if len(set(stands)) == 1 else Status.TODO
    return next(open_boxes, next(iter(boxes), None)), status


def _waves(dialect: Dialect, blocks: Blocks, found: Sequence[Found], places: Sequence[int]) -> list[int]:
    """The wave of each task: as the text has planned it, or as its phases and marks say."""
    planned = dialect.waves(blocks) if dialect.waves is not None else {}
    if planned:
        return _planned(planned, found)
    waves: list[int] = []
    wave, place, was_marked = 0, -1, False
    for task, here in zip(found, places, strict=True):
        is_same = here == place and (dialect.mark is None or (was_marked and task.is_marked))
        wave += not is_same
        waves.append(wave)
        place, was_marked = here, task.is_marked
    return waves


def _planned(planned: Mapping[str, int], found: Sequence[Found]) -> list[int]:
    """The waves that the text has planned. A task that it leaves out comes behind all that stand above it."""
    waves: list[int] = []
    last = 0
    for task in found:
        outer, wave = task.id, planned.get(task.id)
        while wave is None and "." in outer:
            outer = outer.rpartition(".")[0]
            wave = planned.get(outer)
        waves.append(last + 1 if wave is None else wave)
        last = max(last, waves[-1])
    return waves
