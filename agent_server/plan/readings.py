"""What the sections of a plan say, each as if it stood at the very start of a text.

An edit leaves nearly all sections of a plan as they were. What a section says depends on its text and on what the
headings above make of it (its `Standing`), and on nothing else; so the reading of an unchanged section is kept, and
moved to where the section stands now. The few readings that are `bound` to what stands outside of their section (an id
that counts the tasks, a `wave` that contradicts a heading) are made anew for every text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.plan.ids import is_met
from agent_server.plan.model import Problem, Task
from agent_server.plan.moving import Placed, moved
from agent_server.plan.sections import Headings
from agent_server.plan.text import Span, common_prefix, common_suffix


@dataclass(frozen=True, slots=True)
class Standing:
    """What the headings make of a section: `level` is the one of tasks' headings, `wave` the one that is fixed."""

    is_task: bool
    level: int
    wave: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One section: a task, or prose that every agent gets.

    `title` is where the plan's title would be, `sets` what the section's heading sets for the sections below it; None
    where that leaves all as it is.
    """

    standing: Standing
    task: Task | None
    context: str
    title: Span | None
    sets: Headings | None
    problems: tuple[Problem, ...]
    is_bound: bool

    @property
    def is_aside(self) -> bool:
        """Whether it says anything of the plan beside its task."""
        return bool(self.context or self.problems) or self.title is not None


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of one text in order: where each starts, and how it reads; and the tasks among them.

    What all of them together come to is kept with them, so that the next version need not look at each section. `aside`
    are the numbers of those that say anything beside their task, `unmet` of the tasks that need one which is not there.
    """

    starts: Sequence[int]
    readings: Sequence[Reading]
    tasks: Placed[Task]
    ids: frozenset[str]
    aside: Sequence[int]
    unmet: Sequence[int]
    is_bound: bool

    @classmethod
    def of(cls, starts: Sequence[int], readings: Sequence[Reading]) -> "Sections":
        """The sections that start there and read so."""
        found = [(reading.task, start) for start, reading in zip(starts, readings, strict=True) if reading.task]
        homes = [task for task, _ in found]
        ids = frozenset([task.id for task in homes])
        return cls(
            starts,
            readings,
            Placed(homes, [start for _, start in found]),
            ids,
            aside=[at for at, reading in enumerate(readings) if reading.is_aside],
            unmet=[at for at, task in enumerate(homes) if task.needs and not is_met(task, ids)],
            is_bound=any(reading.is_bound for reading in readings),
        )

    def spliced(self, first: int, last: int, by: int, inner: "Sections") -> "Sections":
        """Those of a text with `inner` in place of `first` to `last`, exclusive; what is behind has moved by `by`."""
        tasks, places = self.tasks.homes, self.tasks.places
        head, tail = self.tasks_before(first), self.tasks_before(last)
        homes = [*tasks[:head], *inner.tasks.homes, *tasks[tail:]]
        starts = [*self.starts[:first], *inner.starts, *[start + by for start in self.starts[last:]]]
        readings = [*self.readings[:first], *inner.readings, *self.readings[last:]]
        if [task.id for task in tasks[head:tail]] != [task.id for task in inner.tasks.homes]:
            return Sections.of(starts, readings)
        added = first + len(inner.readings) - last
        unmet = [head + at for at, task in enumerate(inner.tasks.homes) if not is_met(task, self.ids)]
        return Sections(
            starts,
            readings,
            Placed(homes, [*places[:head], *inner.tasks.places, *[place + by for place in places[tail:]]]),
            self.ids,
            aside=[*_below(self.aside, first), *[first + at for at in inner.aside], *_from(self.aside, last, added)],
            unmet=[*_below(self.unmet, head), *unmet, *_from(self.unmet, tail, 0)],
            is_bound=self.is_bound or inner.is_bound,
        )

    def tasks_before(self, number: int) -> int:
        """How many tasks stand before a section."""
        return bisect_left(self.tasks.places, self.starts[number]) if number < len(self.starts) else len(self.tasks)

    def asides(self) -> Iterator[tuple[int, Reading]]:
        """The sections that say anything beside their task, each with where it starts."""
        return ((self.starts[at], self.readings[at]) for at in self.aside)

    def above(self, number: int) -> Headings:
        """What the headings above a section make of it."""
        for at in range(number - 1, -1, -1):
            sets = self.readings[at].sets
            if sets is not None:
                return moved(sets, self.starts[at])
        return Headings()

    def span_at(self, offset: int, end: int) -> Span:
        """The section that holds `offset`, which lies behind the front matter. `end` is the text's."""
        here = max(0, bisect_right(self.starts, offset) - 1)
        return Span(self.starts[here], self.starts[here + 1] if here + 1 < len(self.starts) else end)

    def group_at(self, offset: int, end: int) -> Span | None:
        """The section of a heading `Wave 2` that holds `offset`, with the tasks below it. `end` is the text's."""
        here = bisect_right(self.starts, offset) - 1
        first = next((at for at in range(here, -1, -1) if self.readings[at].sets is not None), None)
        if first is None or not self._is_group(first):
            return None
        behind = range(first + 1, len(self.starts))
        return Span(self.starts[first], next((self.starts[at] for at in behind if self.readings[at].sets), end))

    def _is_group(self, number: int) -> bool:
        sets = self.readings[number].sets
        return sets is not None and sets.level > Headings().level

    def by_source(self, text: str) -> Mapping[tuple[str, Standing], Reading]:
        """The readings that are bound to nothing, by their sections' text."""
        ends = (*self.starts[1:], len(text))
        sections = zip(self.starts, ends, self.readings, strict=True)
        return {
            (text[start:end], reading.standing): reading for start, end, reading in sections if not reading.is_bound
        }


@dataclass(frozen=True, slots=True)
class Window:
    """What of an edited text has to be read again: from section `first` to the start of section `last`, exclusive.

    `start` is where it starts in the new text. `by` is how far the sections from `last` on have moved.
    """

    first: int
    last: int
    start: int
    by: int


def edited(before: str, sections: Sections, text: str) -> Window | None:
    """The window that the difference between two texts makes; None where a section outside of it could change too.

    A section ends where the next heading stands, so an edit of a heading touches the section above it as well.
    """
    if sections.is_bound:
        return None
    prefix = common_prefix(before, text)
    suffix = common_suffix(before, text, min(len(before), len(text)) - prefix)
    first = max(0, bisect_right(sections.starts, prefix) - 2)
    last = max(1, bisect_right(sections.starts, len(before) - suffix))
    return Window(first, last, sections.starts[first], len(text) - len(before))


def _below(numbers: Sequence[int], end: int) -> Sequence[int]:
    """The first of the sorted numbers, up to one that is not less than `end`."""
    return numbers[: bisect_left(numbers, end)]


def _from(numbers: Sequence[int], start: int, by: int) -> Sequence[int]:
    """The last of the sorted numbers, from `start` on, with `by` added."""
    return [number + by for number in numbers[bisect_left(numbers, start) :]]
