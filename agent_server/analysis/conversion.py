"""A plan of another format, written in our own: the same tasks in the same order, and the author's words.

What the format says by its form becomes fields: boxes a `status`, groups a `## Wave`, references `needs`, and the files
that a task declares, or names beyond doubt, `writes`. What stands between the tasks becomes notes for all agents.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from agent_server.analysis.model import Access, Analysis, TaskAnalysis
from agent_server.plan.fields import FIELDS
from agent_server.plan.ids import FreshIds, own_id
from agent_server.plan.markdown.blocks import scan
from agent_server.plan.model import OWN_FORMAT, Item, Plan, Status, Task
from agent_server.plan.text import Span
from agent_server.plan.writing import inline, one_line_each

SURE = 0.8
"""From this confidence on, a path that the words name is written down as one that the task writes."""

_APART = re.compile(r"[\W_]+")
_BULLET = re.compile(r"[ \t]*[-*+](?:[ \t]|\Z)")
_LIKE_A_FIELD = re.compile(
    rf"^[ \t]*[-*+][ \t]+(?:[a-z][a-z-]*:|[a-z-]*[ \t]*$|[*_`]*(?:{'|'.join(FIELDS)})[*_`]*:)",
    re.MULTILINE | re.IGNORECASE,
)
_LEAD_IN = "What to do:"
_MARKS = re.compile(r"[ \t]*(?:#{1,6}|[-*+])[ \t]+(?:\[[ xX]\][ \t]+)?")
_PARAGRAPHS = re.compile(r"\n{2,}")
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t].*)?$\n?", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?")
_SETTINGS = ("verify", "agents", "model", "agent")


@dataclass(frozen=True, slots=True)
class Converted:
    """A plan in our format. `lost` are sentences on what our format cannot say; `ids` are the new ids by the old."""

    text: str
    ids: Mapping[str, str]
    lost: tuple[str, ...] = ()


def converted(analysis: Analysis) -> Converted:
    """The plan in our format, as it stands where it is in that already."""
    plan = analysis.plan
    if plan.format == OWN_FORMAT:
        return Converted(plan.text, {task.id: task.id for task in plan.tasks.homes})
    tasks = list(plan.tasks)
    names = _names(tasks)
    ids = {task.id: name for task, name in reversed(list(zip(tasks, names, strict=True)))}
    sections = _Sections(analysis, ids)
    parts = [_head(plan), *sections.of(tasks, names)]
    if _has_conflict(plan.text):
        sections.lost.append("Git has left a conflict in the plan: what is in it was taken from both sides.")
    if notes := _notes(plan):
        parts.append(f"## Notes\n\n{notes}")
    return Converted("\n\n".join(filter(None, parts)) + "\n", ids, tuple(sections.lost))


def _names(tasks: Iterable[Task]) -> list[str]:
    """An id for each task that our format takes and no other task has, as close to its own as can be."""
    fresh = FreshIds()
    return [fresh.unlike(own_id(_APART.sub("-", task.id))) for task in tasks]


def _head(plan: Plan) -> str:
    """Front matter, where something was set, the title, and what all agents are told."""
    settings = plan.settings
    found = ((name, getattr(settings, name)) for name in _SETTINGS)
    given = [f"{name}: {_yaml(value)}" for name, value in found if value is not None]
    title = _one_line(plan.title)
    parts = [f"# {title}" if title else "", _below(_without_titles(plan.context, [plan.title]), 3)]
    front_matter = ["\n".join(["---", *given, "---"])] if given else []
    return "\n".join([*front_matter, "\n\n".join(filter(None, parts))])


def _yaml(value: Item | int) -> str:
    """A value that YAML reads back: in quotes, unless it is a number."""
    return str(value) if isinstance(value, int) else json.dumps(value.text, ensure_ascii=False)


class _Sections:
    """The sections of tasks. `lost` grows with what they cannot say; `ids` are the new ids by the old."""

    def __init__(self, analysis: Analysis, ids: Mapping[str, str]) -> None:
        self.lost: list[str] = []
        self._analysis = analysis
        self._ids = ids

    def of(self, tasks: Iterable[Task], names: Iterable[str]) -> Iterator[str]:
        """The tasks, each run of one wave below a heading that says so."""
        before: tuple[int | None, int | None] = (None, None)
        for task, name in zip(tasks, names, strict=True):
            here = (task.wave, task.phase)
            if task.wave is not None and here != before:
                title = self._analysis.plan.phases[task.phase].title if task.phase is not None else ""
                yield f"## Wave {task.wave}: {_one_line(title)}".rstrip(": ")
            before = here
            yield self._section(task, name, 2 if task.wave is None else 3)

    def _section(self, task: Task, name: str, level: int) -> str:
        title = _one_line(task.title)
        heading = f"{'#' * level} {name}: {title if title != task.id else ''}".rstrip()
        fields = [f"- {field}: {inline(field, items)}" for field, items in self._fields(task, name) if items]
        if task.optional:
            self.lost.append(f"`{name}` may be left out: our format has no word for that.")
        body = _below(task.instructions, level + 1)
        if body and _begins_like_fields(body):
            body = f"{_LEAD_IN}\n\n{body}"
        return "\n\n".join(filter(None, ["\n".join([heading, *fields]), body]))

    def _fields(self, task: Task, name: str) -> Iterator[tuple[str, list[str]]]:
        """The fields in the order of our format, with what each says."""
        yield "writes", one_line_each(_writes(task, self._analysis.tasks[task.id]))
        for field in ("reads", "imports", "exports", "mirrors"):
            yield field, one_line_each(item.text for item in getattr(task, field))
        yield "needs", one_line_each(self._needs(task, name))
        yield "locks", one_line_each(item.text for item in task.locks)
        for field in ("model", "agent", "verify"):
            item = getattr(task, field)
            yield field, [item.text] if item is not None else []
        yield "minutes", [f"{task.minutes:g}"] if task.minutes is not None else []
        yield "status", [task.status.value] if task.status is not Status.TODO else []

    def _needs(self, task: Task, name: str) -> Iterator[str]:
        for item in task.needs:
            need = self._ids.get(item.text)
            if need is None:
                self.lost.append(f"`{name}` needs `{item.text}`, which is no task of the plan.")
            elif need != name:
                yield need


def _writes(task: Task, found: TaskAnalysis) -> Iterable[str]:
    """What the task declares; else what its words name, if all of that is beyond doubt.

    A part of it would be less than the whole: what a task declares is all that its agent may write.
    """
    if task.writes:
        return [item.text for item in task.writes]
    if found.writes.unknown or not all(map(_is_sure, found.writes.entries)):
        return []
    return [glob.text for glob in found.writes.paths.include]


def _is_sure(entry: Access) -> bool:
    """Whether a path is surely what is written.

    A bare name that does not exist may mean a file in some folder. A folder in words may mean just that, where one that
    is declared means all that is below it.
    """
    return entry.confidence >= SURE and (entry.exists or "/" in entry.path) and not entry.path.endswith("/")


# The author's words, so that nothing in them is read as a part of the plan


def _below(text: str, level: int) -> str:
    """A text with its headings moved down to `level` and below, and with all that it opens closed."""
    text = _without_conflicts(_LINE_END.sub("\n", text)).strip("\n")
    blocks = scan(text)
    by = level - min((heading.level for heading in blocks.headings), default=level)
    parts: list[str] = []
    at = 0
    for heading in blocks.headings if by > 0 else ():
        start = text.index("#", heading.span.start)
        parts += (text[at:start], "#" * min(6, heading.level + by))
        at = start + heading.level
    closed = "".join((*parts, text[at:]))
    return "\n".join([closed, *(each.closing for each in blocks.unclosed)]).rstrip()


def _has_conflict(text: str) -> bool:
    return "<<<<<<<" in text and _CONFLICT.search(text) is not None


def _without_conflicts(text: str) -> str:
    """The text without the lines by which Git tells the sides of a conflict apart."""
    return _CONFLICT.sub("", text) if _has_conflict(text) else text


def _begins_like_fields(body: str) -> bool:
    """Whether instructions begin with a list in which something could be taken for a field."""
    return _BULLET.match(body) is not None and _LIKE_A_FIELD.search(body) is not None


def _notes(plan: Plan) -> str:
    """What the text says between and behind the tasks, but for headings of phases, which the waves have."""
    if _without_conflicts(plan.text).lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        return ""  # that is JSON, and no words
    known = _one_line(plan.context)
    titles = [phase.title for phase in plan.phases]
    notes = (_without_titles(span.of(plan.text), titles) for span in _between(plan))
    paragraphs = (paragraph for note in notes for paragraph in _PARAGRAPHS.split(note))
    return _below("\n\n".join(each for each in paragraphs if _one_line(each) not in known), 3)


def _between(plan: Plan) -> Iterator[Span]:
    """Where the text holds no front matter, no title and no task."""
    at = max(plan.front_matter.end, plan.title_span.end)
    for task in plan.tasks:
        if task.span.start > at:
            yield Span(at, task.span.start)
        at = max(at, task.span.end)
    yield Span(at, len(plan.text))


def _without_titles(text: str, titles: Iterable[str]) -> str:
    """The text without headings, and items of lists, that say no more than one of the titles."""
    known = {_one_line(title) for title in titles if title.strip()}
    lines = _LINE_END.sub("\n", text).split("\n")
    return "\n".join(line for line in lines if _one_line(_MARKS.sub("", line, count=1)) not in known).strip("\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
