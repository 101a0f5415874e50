"""The plan as a value: what every reader produces and everything else consumes.

Spans are offsets in code points into `Plan.text`. A value that the author did not write has no token, so it is `None`
or empty; defaults belong to the analysis, not to the model.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from agent_server.plan.moving import Movable, Placed
from agent_server.plan.text import Span

if TYPE_CHECKING:
    from agent_server.plan.readings import Sections


class Status(StrEnum):
    """Where a task stands, as its author says. Tasks that are done or skipped take no part in hazards or waves."""

    TODO = "todo"
    DONE = "done"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Item(Movable):
    """One written value: a path, an id, a name, a number. `span` covers `text` without its backticks."""

    FIXED = ("text",)

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Field(Movable):
    """One `- name: value` bullet. `span` covers the bullet from its `-` to its last character, nested lists included.

    `value_span` is where the value stands on the bullet's first line; it is empty, just after the colon, when there
    is none.
    """

    FIXED = ("name",)

    name: str
    name_span: Span
    items: tuple[Item, ...]
    value_span: Span
    span: Span


@dataclass(frozen=True, slots=True)
class Task(Movable):
    """One unit of work for one agent.

    `span` is the whole section, `heading` the heading line, `id_span` the written id (or the title that the id was
    made from). `fields` keeps every bullet as written, unknown ones too; the typed attributes below are read from
    them. `field_lines` are the lines from the heading to the instructions.
    """

    FIXED = ("id", "title", "instructions", "minutes", "wave", "status")

    id: str
    id_span: Span
    title: str
    title_span: Span
    heading: Span
    span: Span
    fields: tuple[Field, ...]
    field_lines: Span
    instructions: str
    instructions_span: Span
    writes: tuple[Item, ...] = ()
    reads: tuple[Item, ...] = ()
    imports: tuple[Item, ...] = ()
    exports: tuple[Item, ...] = ()
    mirrors: tuple[Item, ...] = ()
    needs: tuple[Item, ...] = ()
    locks: tuple[Item, ...] = ()
    model: Item | None = None
    agent: Item | None = None
    verify: Item | None = None
    minutes: float | None = None
    wave: int | None = None
    status: Status = Status.TODO

    @property
    def fields_end(self) -> int:
        """The offset at which a new field bullet may be inserted: the start of a line."""
        return self.field_lines.end

    @property
    def words(self) -> tuple[tuple[str, int], ...]:
        """What the task says in words: its title and its instructions, each with the offset at which it starts."""
        return (self.title, self.title_span.start), (self.instructions, self.instructions_span.start)

    @property
    def is_open(self) -> bool:
        """Whether the task still has to run."""
        return self.status is Status.TODO

    def field(self, name: str) -> Field | None:
        """The first field of that name."""
        return next((found for found in self.fields if found.name == name), None)


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a wave may use; `None` is no limit."""

    usd: float | None = None
    tokens: int | None = None
    minutes: float | None = None


class Landing(StrEnum):
    """How a verified wave lands: into the working tree, or as one commit a task on a branch."""

    TREE = "tree"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """The plan's own settings, from its front matter."""

    verify: Item | None = None
    agents: int | None = None
    model: Item | None = None
    agent: Item | None = None
    budget: Budget = Budget()
    land: Landing = Landing.TREE
    spans: Mapping[str, Span] = field(default_factory=dict)
    """The span of each front-matter key that was read, so that a diagnostic can point at it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. `tasks` stand in the order of the text; ids may repeat there (`duplicate-id` says so).

    `context` is the prose that every agent gets. `front_matter` covers the block with both its fences; it is empty,
    at offset 0, where there is none. `title_span` is empty when the plan has no title. `sections` is for the reader,
    when it reads the next version of the text.
    """

    text: str
    format: str
    title: str
    title_span: Span
    context: str
    settings: PlanSettings
    front_matter: Span
    tasks: Placed[Task]
    sections: "Sections | None" = field(default=None, compare=False, repr=False)

    def task(self, task_id: str) -> Task | None:
        """The first task of that id."""
        return next((task for task in self.tasks if task.id == task_id), None)

    def task_at(self, offset: int) -> Task | None:
        """The task whose section holds `offset`; at the end of the text, the task that the text ends with."""
        place = self.place_at(offset)
        return None if place is None else self.tasks[place]

    def place_at(self, offset: int) -> int | None:
        """The place in `tasks` of the task that `task_at` gives."""
        at, tasks = min(offset, len(self.text) - 1), self.tasks
        place = bisect_right(tasks.places, at) - 1
        return place if place >= 0 and at < tasks.places[place] + tasks.homes[place].span.end else None

    def tasks_in(self, span: Span) -> Iterator[Task]:
        """The tasks whose sections `span` touches, in the order of the text. No other task is looked at."""
        places = self.tasks.places
        first = max(0, bisect_right(places, span.start) - 1)
        for number in range(first, bisect_right(places, span.end)):
            if self.tasks[number].span.overlaps(span):
                yield self.tasks[number]


@dataclass(frozen=True, slots=True)
class Problem(Movable):
    """Something in the text that the reader could not take as it stands.

    `code` is the rule's (`unknown-field`, ...). `suggestion` is the text that would mend `span`, where one is likely.
    `related` names another place that belongs to the problem, such as the first of two equal ids.
    """

    code: str
    message: str
    span: Span
    suggestion: str | None = None
    related: Span | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `span` of the plan's text by `new_text`. An empty span inserts."""

    span: Span
    new_text: str


def apply_edits(text: str, edits: tuple[Edit, ...]) -> str:
    """The text after all edits, which must not overlap; equal insertion points keep their order."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        parts += (text[at : edit.span.start], edit.new_text)
        at = edit.span.end
    return "".join((*parts, text[at:]))
