"""The plan as a value: what every reader produces and everything else consumes.

Spans are offsets in code points into `Plan.text`. A value that the author did not write has no token, so it is `None`
or empty; defaults belong to the analysis, not to the model.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from agent_server.plan.moving import Movable, Placed
from agent_server.plan.text import Span

if TYPE_CHECKING:
    from agent_server.plan.readings import Sections


OWN_FORMAT = "agent-plan"
"""The name of our own format."""


class Status(StrEnum):
    """Where a task stands, as its author says. Tasks that are done or skipped take no part in hazards or waves."""

    TODO = "todo"
    DONE = "done"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Item(Movable):
    """One value: a path, an id, a name, a number. `span` covers `text` without its backticks.

    Where a text only implies a value, such as `T002` in `T001-T003`, `span` covers what implies it.
    """

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

    Other formats than ours have no fields. There `heading` is the first line of what stands for the section, such as a
    list item, or what holds the title in JSON and in front matter. And more may be said of a task: `phase` is its place
    in `Plan.phases`; `parallel` is the mark by which its author claims that it may run beside all others of its phase
    that have one; `optional` tasks may be left out. `status_span` is what is changed when the task is done: the
    character in a box, a word.
    """

    FIXED = ("id", "title", "instructions", "minutes", "wave", "status", "phase", "optional")

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
    phase: int | None = None
    parallel: Span | None = None
    optional: bool = False
    status_span: Span | None = None

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
class Phase:
    """A group of tasks that the author has made, such as a section. Whether groups are done in their order, waves tell.

    `title_span` is where its title stands, `span` the whole of it.
    """

    title: str
    title_span: Span
    span: Span


class FileText(NamedTuple):
    """One file, and what it says."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a plan that is a folder: its path, and where in `Plan.text` its text stands."""

    path: str
    span: Span


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan. `tasks` stand in the order of the text; ids may repeat there (`duplicate-id` says so).

    `context` is the prose that every agent gets. `front_matter` covers the block with both its fences; it is empty, at
    offset 0, where there is none, or where each part has its own. `title_span` is empty when the plan has no title.
    `sections` and `readings` are for the reader, when it reads the next version of the text; so is `is_sound`, which
    says that it could take all of the text, so that what is typed in one task is that task's alone. `parts` are the
    files of a plan that is a folder, in the order of `text`, which is all of them.

    `writer` writes changes back into a format that is not ours; what can be changed there `holds` tells.
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
    phases: tuple[Phase, ...] = ()
    parts: tuple[Part, ...] = ()
    readings: Mapping[Hashable, Task] = field(default_factory=dict, compare=False, repr=False)
    writer: "Writer | None" = field(default=None, compare=False, repr=False)
    is_sound: bool = field(default=True, compare=False, repr=False)

    def holds(self, *names: str) -> bool:
        """Whether the plan's format can hold all of these: fields, or one of the other `WRITABLE` names."""
        return self.writer is None or self.writer.holds.issuperset(names)

    @property
    def has_fields(self) -> bool:
        """Whether the plan is of our own format, in which fields say all that there is to say of a task."""
        return self.format == OWN_FORMAT

    @property
    def mark(self) -> str:
        """What claims in the plan's format that a task may run beside others: `[P]`; empty where nothing does."""
        return self.writer.mark if self.writer is not None else ""

    def part_at(self, offset: int) -> Part | None:
        """The file that holds `offset`, in a plan that is a folder."""
        at = bisect_right(self.parts, offset, key=lambda part: part.span.start) - 1
        return self.parts[at] if at >= 0 else None

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
        return map(self.tasks.__getitem__, self.places_in(span))

    def places_in(self, span: Span) -> Iterator[int]:
        """The places in `tasks` of those that `tasks_in` gives."""
        places, homes = self.tasks.places, self.tasks.homes
        first = max(0, bisect_right(places, span.start) - 1)
        for number in range(first, bisect_right(places, span.end)):
            start, section = places[number], homes[number].span
            if Span(start + section.start, start + section.end).overlaps(span):
                yield number


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


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems in the order of the text."""
    return tuple(sorted(problems, key=lambda problem: problem.span))


Reading: TypeAlias = tuple[Plan, tuple[Problem, ...]]
"""A plan, and what in its text could not be taken as it stands."""


WRITABLE = ("status", "needs", "writes", "parallel", "phase", "wave", "task")
"""What writers of other formats than ours may hold: some fields, and more.

`parallel` is the mark of a task that may run beside others, `phase` the group that a task stands in, `task` a new task.
"""


class Writer(Protocol):
    """Writes changes back into one format. What it does not hold it is never asked for (see `plan.edits`)."""

    @property
    def holds(self) -> frozenset[str]:
        """The names of `WRITABLE` that it can change."""

    @property
    def mark(self) -> str:
        """What claims that a task may run beside others (`Plan.mark`), as people write it; empty where nothing does."""

    def set_field(self, plan: Plan, task: Task, name: str, items: Sequence[str]) -> "tuple[Edit, ...]":
        """Make these the items of a field, of which the task may have some; a mark is set by any item.

        There is no edit where this one task cannot have it.
        """

    def append_task(self, plan: Plan, title: str, fields: Mapping[str, Sequence[str]]) -> "tuple[Edit, ...]":
        """Add a task behind the last one; its id is the format's own."""


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
