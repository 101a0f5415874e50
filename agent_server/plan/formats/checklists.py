"""Plans that are checklists in Markdown: tasks are list items with boxes, or headings, below headings that are phases.

Formats of this kind differ in how tasks are named and marked, so each is a `Dialect`, and this file reads them all:

- Where items with a box are named by ids, these are the tasks, and other boxes are notes or steps. Where none is named,
  each box of the outermost level is a task. Where there is no box, named headings are tasks, or else named items.
- An item in which named items are nested is no task, but a group of them. What else is nested in a task is its
  instructions.
- A phase is the section of the nearest heading above that stands for one: of those that are called so (`Phase 2`)
  where any are, else of the second level, or the third where the second holds everything. A group is a phase, too.
- Tasks with a mark may run beside all marked tasks of their phase; the others run in the order of the text. So each run
  of marked tasks is a wave, and every other task is one of its own. In a dialect without marks, each phase is a wave,
  and the analysis finds out what can run side by side.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent_server.plan.formats.assembling import Cut, assembled
from agent_server.plan.formats.lists import ListItem, list_items, status_of
from agent_server.plan.formats.reader import Reading
from agent_server.plan.ids import check_ids, check_needs, is_met, slug_of
from agent_server.plan.items import trimmed
from agent_server.plan.markdown import Blocks, Heading, scan
from agent_server.plan.model import Item, Phase, Plan, PlanSettings, Problem, Status, Task, Writer
from agent_server.plan.text import Span

_FRONT_MATTER = re.compile(
    r"\ufeff?(---[ \t]*(?:\r\n|\n|\r)(?:.*(?:\r\n|\n|\r))*?(?:---|\.\.\.)[ \t]*)(?:\r\n|\n|\r|\Z)"
)
_CALLED_PHASE = re.compile(
    r"\W*(?:\d+[.)]?\s*)?(?:phase|stage|step|sprint|milestone|iteration|fase|etapa"
    r"|\u9636\u6bb5|\u968e\u6bb5|\u30d5\u30a7\u30fc\u30ba|\ub2e8\uacc4|\u7b2c.{1,3}[\u9636\u968e]\u6bb5)\b",
    re.IGNORECASE,
)
_LONGEST_SLUG = 48


@dataclass(frozen=True)
class Dialect:
    """How one format writes its checklists.

    `name` matches what names a task, at the start of an item or heading: its group `id`, and all that belongs to the
    name behind it (marks, labels, punctuation). `mark` finds in that, or at the end of the line, what claims that the
    task may run beside others: its group `mark`. `needs` finds lists of ids that a task waits for: its group `ids`, in
    which `id` finds each. `optional` tells by the whole first line that a task may be left out.
    """

    format: str
    name: re.Pattern[str]
    id: re.Pattern[str]
    mark: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None
    optional: Callable[[str], bool] = lambda _line: False
    writer: Writer | None = None


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the reading of a task depends on beside its own text."""

    dialect: str
    kind: str
    id: str | None
    phase: int | None
    wave: int | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A task that was found: where it stands, how it was found, and the id it has where it names none."""

    span: Span
    kind: str
    id: str | None
    is_marked: bool
    phase: int | None


def parse_checklist(dialect: Dialect, text: str, before: Plan | None = None) -> Reading:
    """The plan in a text. Never raises, whatever the text."""
    front_matter = _front_matter(text)
    blocks = scan(text, _body_start(text, front_matter))
    items = list_items(blocks)
    placed, phases = _found(dialect, blocks, items)
    tasks, readings = assembled(
        text, _cuts(dialect, placed), lambda source, basis: _read(dialect, source, basis), before
    )
    title = next((heading.content for heading in blocks.headings if heading.level == 1), Span(0, 0))
    problems: list[Problem] = []
    ids = frozenset([task.id for task in tasks.homes])
    check_ids(tasks, ids, problems)
    unmet = [at for at, task in enumerate(tasks.homes) if task.needs and not is_met(task, ids)]
    check_needs(tasks, ids, unmet, problems)
    first = min([phases[0].span.start, *tasks.places[:1]] if phases else [*tasks.places[:1], len(text)])
    plan = Plan(
        text=text,
        format=dialect.format,
        title=title.of(text),
        title_span=title,
        context=trimmed(text, blocks.line_start(0), first).of(text),
        settings=PlanSettings(),
        front_matter=front_matter,
        tasks=tasks,
        phases=tuple(phases),
        readings=readings,
        writer=dialect.writer,
    )
    return plan, tuple(sorted(problems, key=lambda problem: problem.span))


def needed(dialect: Dialect, text: str, start: int = 0) -> Iterator[Item]:
    """The ids that a text says a task waits for, each with its place; `start` is where the text stands."""
    for words in dialect.needs.finditer(text) if dialect.needs else ():
        for found in dialect.id.finditer(text, *words.span("ids")):
            yield Item(found["id"], Span(start + found.start("id"), start + found.end("id")))


def _front_matter(text: str) -> Span:
    found = _FRONT_MATTER.match(text)
    return Span(*found.span(1)) if found else Span(0, 0)


def _body_start(text: str, front_matter: Span) -> int:
    if not front_matter.end:
        return 1 if text.startswith("\ufeff") else 0
    end = re.compile(r"[ \t]*(?:\r\n|\n|\r)?").match(text, front_matter.end)
    return end.end() if end else front_matter.end


# Where the tasks are


def _found(dialect: Dialect, blocks: Blocks, items: Sequence[ListItem]) -> tuple[list[_Found], list[Phase]]:
    """The tasks in the order of the text, and their phases."""
    text = blocks.text
    named = [
        at for at, item in enumerate(items) if item.box is not None and dialect.name.match(text, *_of(item.content))
    ]
    kind, chosen = "item", named
    if not named:
        titled = [heading for heading in blocks.headings if dialect.name.match(text, *_of(heading.content))]
        if titled:
            return _headed(dialect, blocks, titled)
        boxed = [at for at, item in enumerate(items) if item.box is not None]
        chosen = [at for at in boxed if not _is_inside(items, at, boxed)]
        if not chosen:
            chosen = [at for at, item in enumerate(items) if dialect.name.match(text, *_of(item.content))]
    groups = {above for at in chosen for above in _above(items, at)}.intersection(chosen)
    tasks = [at for at in chosen if at not in groups]
    sections = _sections(blocks, [items[at].line for at in tasks])
    phases: list[Phase] = []
    numbers: dict[object, int] = {}
    found: list[_Found] = []
    taken: set[str] = set()
    for at in tasks:
        group = next((above for above in _above(items, at) if above in groups), None)
        where = ("group", group) if group is not None else ("section", _section_at(sections, items[at].line))
        if where not in numbers:
            numbers[where] = len(phases)
            phases.append(_phase(blocks, items, sections, where))
        span = Span(blocks.line_start(items[at].line), blocks.line_start(items[at].last))
        name = dialect.name.match(text, *_of(items[at].content)) if named or not items[at].box else None
        own = None if name else _fresh_id(items[at].content.of(text), len(found) + 1, taken)
        found.append(_Found(span, kind, own, _is_marked(dialect, text, items[at].content, name), numbers[where]))
    return found, phases


def _headed(dialect: Dialect, blocks: Blocks, titled: Sequence[Heading]) -> tuple[list[_Found], list[Phase]]:
    """Tasks that are headings. Each reaches to the next heading of its level or above, or of another task."""
    found: list[_Found] = []
    phases: list[Phase] = []
    sections = _sections(blocks, [heading.line for heading in titled], max(heading.level for heading in titled))
    numbers: dict[object, int] = {}
    lines = {heading.line for heading in titled}
    for heading in titled:
        ends = (
            other.line
            for other in blocks.headings
            if other.line > heading.line and (other.level <= heading.level or other.line in lines)
        )
        last = next(ends, len(blocks.starts))
        where = ("section", _section_at(sections, heading.line))
        if where not in numbers:
            numbers[where] = len(phases)
            phases.append(_phase(blocks, (), sections, where))
        name = dialect.name.match(blocks.text, *_of(heading.content))
        marked = _is_marked(dialect, blocks.text, heading.content, name)
        found.append(_Found(Span(heading.span.start, blocks.line_start(last)), "heading", None, marked, numbers[where]))
    return found, phases


def _of(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _above(items: Sequence[ListItem], at: int) -> Iterator[int]:
    above = items[at].above
    while above is not None:
        yield above
        above = items[above].above


def _is_inside(items: Sequence[ListItem], at: int, others: Sequence[int]) -> bool:
    return not set(_above(items, at)).isdisjoint(others)


def _is_marked(dialect: Dialect, text: str, content: Span, name: re.Match[str] | None) -> bool:
    return _mark(dialect, text, content, name) is not None


def _mark(dialect: Dialect, text: str, content: Span, name: re.Match[str] | None) -> Span | None:
    """Where the mark stands: in what names the task, or at the end of its line."""
    if dialect.mark is None:
        return None
    end = name.end() if name else content.start
    found = dialect.mark.search(text, content.start, end)
    if found is None:
        last = list(dialect.mark.finditer(text, end, content.end))
        found = last[-1] if last and not text[last[-1].end() : content.end].strip(" \t*_.#") else None
        found = found or (dialect.mark.match(text, content.start, content.end) if name is None else None)
    return Span(*found.span("mark")) if found else None


def _sections(blocks: Blocks, lines: Sequence[int], below: int = 7) -> list[Heading]:
    """The headings that stand for phases. `lines` are those of tasks, `below` the level of tasks that are headings."""
    above = [heading for heading in blocks.headings if heading.level < below and heading.line not in lines]
    called = [heading for heading in above if _CALLED_PHASE.match(heading.content.of(blocks.text))]
    holding = {_nearest(called, line) for line in lines} - {None}
    if holding and lines and min(each for each in holding if each is not None) <= lines[0]:
        level = min(heading.level for heading in called)
        # A section beside the phases, such as the notes behind them, ends the last of them.
        return [heading for heading in above if heading in called or heading.level <= level]
    for level in (2, 3, 4):
        candidates = [heading for heading in above if heading.level <= level]
        holders = {_nearest(candidates, line) for line in lines}
        if len(holders) > 1:
            return candidates
    return [heading for heading in above if heading.level <= 2]


def _nearest(headings: Sequence[Heading], line: int) -> int | None:
    before = [heading.line for heading in headings if heading.line <= line]
    return before[-1] if before else None


def _section_at(sections: Sequence[Heading], line: int) -> int | None:
    before = [at for at, heading in enumerate(sections) if heading.line <= line]
    return before[-1] if before else None


def _phase(
    blocks: Blocks, items: Sequence[ListItem], sections: Sequence[Heading], where: tuple[str, int | None]
) -> Phase:
    kind, at = where
    if at is None:
        return Phase("", Span(blocks.line_start(0), blocks.line_start(0)), Span(blocks.line_start(0), len(blocks.text)))
    if kind == "group":
        item = items[at]
        span = Span(blocks.line_start(item.line), blocks.line_start(item.last))
        return Phase(item.content.of(blocks.text), item.content, span)
    heading = sections[at]
    end = sections[at + 1].span.start if at + 1 < len(sections) else len(blocks.text)
    return Phase(heading.content.of(blocks.text), heading.content, Span(heading.span.start, end))


def _fresh_id(title: str, ordinal: int, taken: set[str]) -> str:
    """An id for a task that names none, from its title. It depends on the tasks before it alone."""
    slug = slug_of(title)
    if len(slug) > _LONGEST_SLUG:
        slug = slug[:_LONGEST_SLUG].rpartition("-")[0]
    slug = slug if any(character.isalpha() for character in slug) else f"task-{ordinal}"
    fresh, number = slug, 2
    while fresh in taken:
        fresh, number = f"{slug}-{number}", number + 1
    taken.add(fresh)
    return fresh


def _cuts(dialect: Dialect, found: Sequence[_Found]) -> Iterator[Cut]:
    wave = 0
    for earlier, task in pairwise((None, *found)):
        assert task is not None  # noqa: S101  # only the first of all is None
        same_phase = earlier is not None and earlier.phase == task.phase
        if dialect.mark is None:
            wave += not same_phase
        else:
            wave += not (same_phase and earlier is not None and earlier.is_marked and task.is_marked)
        basis = _Basis(dialect.format, task.kind, task.id, task.phase, wave)
        yield Cut(task.span.start, task.span.end, basis)


# What a task says


def _read(dialect: Dialect, source: str, basis: _Basis) -> Task:
    """The task in its own text."""
    blocks = scan(source)
    box: Span | None = None
    if basis.kind == "heading":
        heading = blocks.headings[0]
        line, content = heading.span, heading.content
    else:
        item = list_items(blocks)[0]
        line, content, box = Span(blocks.starts[0], blocks.ends[0]), item.content, item.box
    name = dialect.name.match(blocks.text, *_of(content)) if basis.id is None else None
    title = Span(min(name.end(), content.end), content.end) if name else content
    below = blocks.line_start(1)
    instructions = trimmed(source, below, len(source))
    task_id = name["id"] if name else basis.id or ""
    status = status_of(box.of(source)) if box is not None else Status.TODO
    return Task(
        id=task_id,
        id_span=Span(*name.span("id")) if name else content,
        title=title.of(source),
        title_span=title,
        heading=line,
        span=Span(0, len(source)),
        fields=(),
        field_lines=Span(below, below),
        instructions=instructions.of(source),
        instructions_span=instructions,
        needs=_needs(dialect, source, task_id),
        wave=basis.wave,
        status=status,
        phase=basis.phase,
        parallel=_mark(dialect, blocks.text, content, name),
        optional=dialect.optional(line.of(source)),
        status_span=box,
    )


def _needs(dialect: Dialect, source: str, own: str) -> tuple[Item, ...]:
    found: dict[str, Item] = {}
    for item in needed(dialect, source):
        if item.text != own:
            found.setdefault(item.text, item)
    return tuple(found.values())
