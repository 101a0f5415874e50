"""Which tasks a plan has, and where each of them starts."""

from bisect import bisect_right
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from agent_server.analysis.columns import Column, Rows, unlike
from agent_server.plan.model import Task
from agent_server.plan.moving import Placed
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Roster:
    """The tasks of one version of a plan by their ids; of equal ids the first counts.

    `homes` are the tasks as they were read, in the plan's order, and `numbers` their numbers there. `works` are the
    same without what their places among the others say, wave and phase: a new line shifts these for all behind it, and
    what a task writes and says stays what it is. `repeated` are the tasks whose id an earlier one has, each with its
    number and where it starts.
    """

    tasks: Placed[Task]
    homes: Column[Task]
    works: Column[Task]
    numbers: Rows
    ids: frozenset[str]
    repeated: tuple[tuple[int, int, Task], ...] = ()

    @classmethod
    def of(cls, tasks: Placed[Task], before: "Roster | None" = None) -> "Roster":
        """The roster of these tasks, whatever others there were `before`."""
        numbers: dict[str, int] = {}
        for number, task in enumerate(tasks.homes):
            numbers.setdefault(task.id, number)
        if len(numbers) == len(tasks):
            homes = Column[Task](numbers, tasks.homes)
            return cls(tasks, homes, _works(homes, before), numbers, frozenset(numbers))
        several = enumerate(zip(tasks.places, tasks.homes, strict=True))
        repeated = [(at, place, task) for at, (place, task) in several if numbers[task.id] != at]
        rows = {name: row for row, name in enumerate(numbers)}
        homes = Column(rows, [tasks.homes[at] for at in numbers.values()])
        return cls(tasks, homes, _works(homes, before), numbers, frozenset(numbers), tuple(repeated))

    def followed_by(self, tasks: Placed[Task]) -> "Roster":
        """The roster of the next version: as long as no id is different, its columns are made from these."""
        if tasks is self.tasks:
            return self
        if len(tasks) != len(self.tasks) or self.repeated:
            return Roster.of(tasks, self)
        homes = tasks.homes
        changed = [*unlike(homes, self.tasks.homes)]
        if any(homes[at].id != self.tasks.homes[at].id for at in changed):
            return Roster.of(tasks, self)
        works = self.works.replaced({at: _work(homes[at], self.works.cells[at]) for at in changed})
        return replace(self, tasks=tasks, homes=self.homes.replaced({at: homes[at] for at in changed}), works=works)

    def place_of(self, task: str | None) -> int:
        """Where a task starts in the text; 0 for None, which stands for what is outside of all tasks."""
        return 0 if task is None else self.tasks.places[self.numbers[task]]

    def task_around(self, span: Span) -> str | None:
        """The task whose section holds a span; None also for one whose id is another task's."""
        number = bisect_right(self.tasks.places, span.start) - 1
        if number < 0 or span.end > self.tasks.places[number] + self.tasks.homes[number].span.end:
            return None
        name = self.tasks.homes[number].id
        return name if self.numbers[name] == number else None


def _works(homes: Column[Task], before: Roster | None) -> Column[Task]:
    """The tasks without their places, as the objects that they were before where they say the same."""
    known = before.works.over(homes.rows, None).cells if before is not None else [None] * len(homes)
    return Column(homes.rows, [*map(_work, homes.cells, known)])


def _work(home: Task, known: Task | None) -> Task:
    if known is not None and _says(home) == _says(known):
        return known
    return home if home.wave is None and home.phase is None else replace(home, wave=None, phase=None)


_says = attrgetter(*[each.name for each in fields(Task) if each.name not in {"wave", "phase"}])
"""All that there is to a task but its place among the others."""
