"""What the sections of a plan say, each as if it stood at the very start of a text.

An edit leaves nearly all sections of a plan as they were. What a section says depends on its text and on what the
headings above make of it (its `Standing`), and on nothing else; so the reading of an unchanged section is kept, and
moved to where the section stands now. The few readings that are `bound` to what stands outside of their section (an id
that counts the tasks, a `wave` that contradicts a heading) are made anew for every text.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Sections:
    """The sections of one text in order: where each starts, and how it reads."""

    starts: Sequence[int]
    readings: Sequence[Reading]

    @property
    def tasks(self) -> Placed[Task]:
        """The tasks among them."""
        found = [
            (task, start)
            for reading, start in zip(self.readings, self.starts, strict=True)
            if (task := reading.task) is not None
        ]
        return Placed([task for task, _ in found], [start for _, start in found])

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
    if any(reading.is_bound for reading in sections.readings):
        return None
    prefix = common_prefix(before, text)
    suffix = common_suffix(before, text, min(len(before), len(text)) - prefix)
    first = max(0, bisect_right(sections.starts, prefix) - 2)
    last = max(1, bisect_right(sections.starts, len(before) - suffix))
    return Window(first, last, sections.starts[first], len(text) - len(before))
