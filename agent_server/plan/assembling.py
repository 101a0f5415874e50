"""Tasks cut out of a text: each is read as if it stood at the very start of one, and kept while nothing of it changes.

So an edit of a plan of thousands of tasks has only those read again that it touches, and all others stay the same
objects (see `plan.moving`).
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import NamedTuple

from agent_server.plan.model import Plan, Task
from agent_server.plan.moving import Placed


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
