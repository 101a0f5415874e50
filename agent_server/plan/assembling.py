"""Tasks cut out of a text: each is read as if it stood at the very start of one, and kept while nothing of it changes.

So an edit of a plan of thousands of tasks has only those read again that it touches, and all others stay the same
objects (see `plan.moving`).
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from agent_server.plan.model import Phase, Plan, Task
from agent_server.plan.moving import Placed
from agent_server.plan.text import Span, common_prefix, common_suffix


class Parts(NamedTuple):
    """The tasks of a plan, its phases, and the readings of the tasks."""

    tasks: Placed[Task]
    phases: tuple[Phase, ...]
    readings: Mapping[Hashable, Task]


class Cut(NamedTuple):
    """Where a task stands, and all that its reading depends on beside its own text."""

    start: int
    end: int
    basis: Hashable


def assembled(
    text: str, cuts: Iterable[Cut], read: Callable[..., Task], before: Plan | None
) -> tuple[Placed[Task], Mapping[Hashable, Task]]:
    """The tasks, which stand in the order of the text and do not overlap; and their readings, for the next version."""
    known = before.readings if before is not None else {}
    readings: dict[Hashable, Task] = {}
    homes: list[Task] = []
    places: list[int] = []
    for cut in cuts:
        key = (text[cut.start : cut.end], cut.basis)
        task = readings.get(key) or known.get(key) or read(*key)
        readings[key] = task
        homes.append(task)
        places.append(cut.start)
    return Placed(homes, places), readings


class Change(NamedTuple):
    """Where a text differs from the one before: within `start` and `end` of that, behind the start of a task.

    `place` is the number of that task, and `by` how much longer the text is.
    """

    place: int
    start: int
    end: int
    by: int


def change_of(text: str, before: Plan) -> Change | None:
    """The change that makes `text` of a plan; None where it begins before the first task."""
    prefix = common_prefix(before.text, text)
    suffix = common_suffix(before.text, text, min(len(before.text), len(text)) - prefix)
    place = bisect_left(before.tasks.places, prefix) - 1
    if place < 0:
        return None
    return Change(place, prefix, len(before.text) - suffix, len(text) - len(before.text))


def retyped_task(before: Plan, change: Change, source: str, read: Callable[..., Task]) -> Parts | None:
    """The parts of the plan in which only that task has another text, `source`; None where that cannot be told."""
    place, by = change.place, change.by
    home, start = before.tasks.homes[place], before.tasks.places[place]
    end, grown = start + home.span.end, len(source) - home.span.end
    if grown != by and any(phase.span.end == end for phase in before.phases):
        return None  # It may end with the task, or where the next thing begins.
    key = next((key for key, task in before.readings.items() if task is home), None)
    if not isinstance(key, tuple):
        return None
    task = read(source, key[1])
    readings: dict[Hashable, Task] = {**before.readings, (source, key[1]): task}
    if (source, key[1]) != key:
        del readings[key]
    homes = [*before.tasks.homes[:place], task, *before.tasks.homes[place + 1 :]]
    places = [*before.tasks.places[: place + 1], *[at + by for at in before.tasks.places[place + 1 :]]]
    return Parts(Placed(homes, places), tuple([_shifted(phase, end, by) for phase in before.phases]), readings)


def _shifted(phase: Phase, end: int, by: int) -> Phase:
    """The phase in a text that has grown in front of `end`, or just behind it."""
    if phase.span.end < end:
        return phase
    title = phase.title_span
    title = Span(title.start + by, title.end + by) if title.start >= end else title
    start = phase.span.start + by if phase.span.start >= end else phase.span.start
    return replace(phase, title_span=title, span=Span(start, phase.span.end + by))
