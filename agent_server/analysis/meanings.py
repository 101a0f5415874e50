"""What each piece of a plan means: which of its words are ids, names of fields, paths, models, numbers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from agent_server.analysis.globs.syntax import WILDCARDS
from agent_server.analysis.model import Analysis
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.path_shapes import is_path
from agent_server.analysis.words.task_references import TaskNames, references
from agent_server.plan.fields import FIELDS, PATH_FIELDS
from agent_server.plan.model import Field, Item, Plan, Task
from agent_server.plan.moving import moved
from agent_server.plan.text import Span

_WAVE = "wave"


class Meaning(Enum):
    """What a piece of a plan is."""

    TASK_NAME = auto()
    """The id in a task's heading, or the title that the id is made from."""
    TASK = auto()
    """Another task, by its id or in words."""
    FIELD = auto()
    """The name of a field, or of a setting in the front matter."""
    PATH = auto()
    GLOB = auto()
    EXCEPTION = auto()
    """The `!` before what a field excepts."""
    MODULE = auto()
    EXPORT = auto()
    LOCK = auto()
    MODEL = auto()
    AGENT = auto()
    COMMAND = auto()
    NUMBER = auto()
    KEYWORD = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the plan on one line. `is_closed`: it belongs to a task that is done or skipped."""

    span: Span
    meaning: Meaning
    is_closed: bool = False


def pieces(analysis: Analysis, within: Span | None = None) -> list[Piece]:
    """The pieces in the order of the text, none over another; only those that touch `within`, where given."""
    plan = analysis.plan
    asked = within or Span(0, len(plan.text))
    found = [*_front_matter(plan), *_wave_headings(plan)]
    ids = {home.id for home in plan.tasks.homes}
    names = TaskNames(plan.tasks.homes)
    for number in plan.places_in(asked):
        home, place = plan.tasks.homes[number], plan.tasks.places[number]
        there = (*_in_task(home, ids, analysis.tree, has_fields=plan.has_fields), *_in_words(home, names))
        found += [Piece(moved(each.span, place), each.meaning, each.is_closed) for each in there]
    return list(_one_over_the_other(plan.text, found, asked))


def _front_matter(plan: Plan) -> Iterator[Piece]:
    settings = plan.settings
    yield from (Piece(span, Meaning.FIELD) for span in settings.spans.values())
    values = ((settings.verify, Meaning.COMMAND), (settings.model, Meaning.MODEL), (settings.agent, Meaning.AGENT))
    for item, meaning in values:
        # A value in YAML's other dresses, such as a block of several lines, has marks in it that are not its own.
        if item is not None and item.text == item.span.of(plan.text):
            yield Piece(item.span, meaning)


def _wave_headings(plan: Plan) -> Iterator[Piece]:
    """`Wave` and its number, in the headings that fix waves."""
    if plan.sections is None:
        return
    for start, reading in zip(plan.sections.starts, plan.sections.readings, strict=True):
        if reading.sets is not None and reading.sets.wave is not None:
            number = moved(reading.sets.wave.span, start)
            end = start + len(plan.text[start : number.start].rstrip(" \t"))
            yield Piece(Span(end - len(_WAVE), end), Meaning.KEYWORD)
            yield Piece(number, Meaning.NUMBER)


def _in_task(task: Task, ids: set[str], tree: Tree, *, has_fields: bool) -> Iterator[Piece]:
    closed = not task.is_open
    # A line of a checklist that names no id is prose.
    if has_fields or task.id_span != task.title_span:
        yield Piece(task.id_span, Meaning.TASK_NAME, closed)
    if task.parallel is not None:
        yield Piece(task.parallel, Meaning.KEYWORD, closed)
    if not has_fields:
        yield from (Piece(need.span, Meaning.TASK, closed) for need in task.needs if need.text in ids)
    for field in task.fields:
        if field.name in FIELDS:
            yield Piece(field.name_span, Meaning.FIELD, closed)
            for span, meaning in _values(field, ids, tree):
                yield Piece(span, meaning, closed)


def _values(field: Field, ids: set[str], tree: Tree) -> Iterator[tuple[Span, Meaning]]:
    for item in field.items:
        if field.name in PATH_FIELDS:
            yield from _path(item, tree)
        elif field.name == "imports":
            yield item.span, Meaning.PATH if is_path(item.text) else Meaning.MODULE
        elif field.name != "needs":
            yield item.span, _PLAIN[field.name]
        elif item.text in ids:
            yield item.span, Meaning.TASK


_PLAIN = {
    "exports": Meaning.EXPORT,
    "locks": Meaning.LOCK,
    "model": Meaning.MODEL,
    "agent": Meaning.AGENT,
    "verify": Meaning.COMMAND,
    "minutes": Meaning.NUMBER,
    "wave": Meaning.NUMBER,
    "status": Meaning.KEYWORD,
}
"""What the values of the other fields are."""


def _path(item: Item, tree: Tree) -> Iterator[tuple[Span, Meaning]]:
    start = item.span.start
    if item.text.startswith("!"):
        yield Span(start, start + 1), Meaning.EXCEPTION
        start += 1
    path = item.text.removeprefix("!")
    is_glob = not WILDCARDS.isdisjoint(path) and path not in tree
    yield Span(start, item.span.end), Meaning.GLOB if is_glob else Meaning.PATH


def _in_words(task: Task, names: TaskNames) -> Iterator[Piece]:
    """Where the words of a task name another one that it relies on."""
    for text, start in task.words:
        for reference in references(text):
            if names.meant(reference, task) not in {None, task.id}:
                yield Piece(moved(reference.span, start), Meaning.TASK, not task.is_open)


def _one_over_the_other(text: str, found: list[Piece], asked: Span) -> Iterator[Piece]:
    """The pieces in order and line by line, without empty ones and without those that begin inside another."""
    end = 0
    for piece in sorted(found, key=lambda piece: piece.span):
        if piece.span.start < end or not piece.span.overlaps(asked):
            continue
        end = piece.span.end
        if "\n" not in piece.span.of(text) and "\r" not in piece.span.of(text):
            if piece.span.start < end:
                yield piece
            continue
        for line in re.finditer(r"[^\s](?:[^\r\n]*[^\s])?", piece.span.of(text)):
            start = piece.span.start
            yield Piece(Span(start + line.start(), start + line.end()), piece.meaning, piece.is_closed)
