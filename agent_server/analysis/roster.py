"""Which tasks a plan has, and where each of them starts."""

from bisect import bisect_right
from dataclasses import dataclass, replace

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
    def of(cls, tasks: Placed[Task]) -> "Roster":
        """The roster of these tasks, and of no others before."""
        numbers: dict[str, int] = {}
        for number, task in enumerate(tasks.homes):
            numbers.setdefault(task.id, number)
        if len(numbers) == len(tasks):
            homes = Column[Task](numbers, tasks.homes)
            return cls(tasks, homes, _works(homes), numbers, frozenset(numbers))
        several = enumerate(zip(tasks.places, tasks.homes, strict=True))
        repeated = [(at, place, task) for at, (place, task) in several if numbers[task.id] != at]
        rows = {name: row for row, name in enumerate(numbers)}
        homes = Column(rows, [tasks.homes[at] for at in numbers.values()])
        return cls(tasks, homes, _works(homes), numbers, frozenset(numbers), tuple(repeated))

    def followed_by(self, tasks: Placed[Task]) -> "Roster":
        """The roster of the next version: as long as no id is different, its columns are made from these."""
        if tasks is self.tasks:
            return self
        homes = tasks.homes
        changed = [*unlike(homes, self.tasks.homes)] if len(tasks) == len(self.tasks) and not self.repeated else None
        if changed is None or any(homes[at].id != self.tasks.homes[at].id for at in changed):
            new = Roster.of(tasks)
            return replace(new, works=new.works.kept(self.works))
        rows = {at: homes[at] for at in changed}
        works = self.works.replaced({at: _work(home) for at, home in rows.items()})
        return replace(self, tasks=tasks, homes=self.homes.replaced(rows), works=works)

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


def _works(homes: Column[Task]) -> Column[Task]:
    return Column(homes.rows, [*map(_work, homes.cells)])


def _work(home: Task) -> Task:
    return home if home.wave is None and home.phase is None else replace(home, wave=None, phase=None)
