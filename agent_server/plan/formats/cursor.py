"""Plans of Cursor's plan mode: `todos:` in the front matter, each with an id, what to do, and how it stands.

A plan in `.cursor/plans/` may have none there: older ones have a section `To-dos` with boxes, and people write others
as they like, which are read like any document. What the body says is shared by all todos.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from agent_server.plan.assembling import Cut, assembled
from agent_server.plan.documents.reading import Shape, parse_document
from agent_server.plan.formats.reader import Reader
from agent_server.plan.front_matter import body_start, fenced
from agent_server.plan.ids import FreshIds, check_needs, unmet
from agent_server.plan.markdown.blocks import scan
from agent_server.plan.markdown.conflicts import conflicts_in
from agent_server.plan.markdown.context import context_of
from agent_server.plan.model import Plan, PlanSettings, Problem, Reading, Status, Task, in_order
from agent_server.plan.text import Span, trimmed
from agent_server.plan.todos.writer import NEEDS, TodoWriter, status_of_word
from agent_server.plan.writing import line_stop

if TYPE_CHECKING:
    from agent_server.plan.todos.reading import FrontMatter

_SHAPE = Shape("cursor")
_TODOS = re.compile(r"^todos:[ \t]*+(?=[\r\n\[#])", re.MULTILINE)
_WRITER = TodoWriter()


def _parse(text: str, before: Plan | None = None) -> Reading:
    front_matter, inside = fenced(text)
    if not _TODOS.search(text, front_matter.start, front_matter.end):
        return parse_document(_SHAPE, text, before)
    block, problems = _front_matter(inside.of(text), inside.start)
    if not block.todos:
        plan, others = parse_document(_SHAPE, text, before)
        return plan, in_order((*problems, *others))
    tasks, readings = assembled(text, _cuts(text, block), _read, before)
    ids = frozenset([task.id for task in tasks.homes])
    found = [*problems, *conflicts_in(text)]
    check_needs(tasks, ids, unmet(tasks, ids), found)
    body = body_start(text, front_matter)
    title = _title(text, block, body)
    overview = block.overview.text if block.overview else ""
    plan = Plan(
        text=text,
        format=_SHAPE.format,
        title=title.of(text),
        title_span=title,
        context="\n\n".join(filter(None, (overview, context_of(scan(text, body), len(text))))),
        settings=PlanSettings(),
        front_matter=front_matter,
        tasks=tasks,
        readings=readings,
        writer=_WRITER,
    )
    return plan, in_order(found)


def _recognises(text: str) -> bool:
    """Whether a text has todos in its front matter."""
    front_matter, _ = fenced(text)
    return _TODOS.search(text, front_matter.start, front_matter.end) is not None


@lru_cache(maxsize=64)
def _front_matter(source: str, offset: int) -> "tuple[FrontMatter, tuple[Problem, ...]]":
    """Remembered, since YAML takes longer than the rest of a plan, and most edits are of the body."""
    from agent_server.plan.todos.reading import read_front_matter  # noqa: PLC0415  # 20 ms that most plans do not need

    problems: list[Problem] = []
    return read_front_matter(source, offset, problems), tuple(problems)


def _title(text: str, block: "FrontMatter", body: int) -> Span:
    if block.name is not None and block.name.text:
        return block.name.span
    return scan(text, body).title


def _cuts(text: str, block: "FrontMatter") -> Iterator[Cut]:
    """The todos, each with the id that it has in the plan."""
    ids = FreshIds()
    for span in block.todos:
        home = _read(span.of(text), None)
        yield Cut(span.start, span.end, ids.of(home.id, home.title))


@lru_cache(maxsize=1024)
def _read(source: str, known_as: str | None) -> Task:
    """A todo in its own text."""
    from agent_server.plan.todos.reading import read_todo  # noqa: PLC0415  # see above

    todo = read_todo(source)
    named, content, status = (
        todo.first("id"),
        todo.first("content", "title", "name", "description"),
        todo.first("status"),
    )
    needs = todo.first(*NEEDS)
    words = content.words if content else Span(0, 0)
    title = trimmed(source, words.start, min(words.end, line_stop(source, words.start)))
    rest = trimmed(source, title.end, max(words.end, title.end))
    written = named.items[0] if named and named.items else None
    first = line_stop(source, 0)
    state = status.items[0] if status and status.items else None
    return Task(
        id=known_as or (written.text if written else ""),
        id_span=written.span if written else title,
        title=title.of(source),
        title_span=title,
        heading=Span(0, first),
        span=Span(0, len(source)),
        fields=(),
        field_lines=Span(rest.start, rest.start),
        instructions=rest.of(source),
        instructions_span=rest,
        needs=needs.items if needs else (),
        status=status_of_word(state.text) if state else Status.TODO,
        status_span=state.span if state else None,
    )


READER = Reader(
    name=_SHAPE.format,
    title="Cursor",
    globs=("**/.cursor/plans/**/*.md",),
    elsewhere=("**/*.plan.md",),
    parse=_parse,
    recognises=_recognises,
    word="todos:",
)
