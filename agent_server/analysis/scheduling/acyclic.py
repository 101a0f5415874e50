"""Guesses at what tasks wait for, without those that would make tasks wait for one another.

A cycle is an error, and nobody can be told of an error that rests on a guess. So a guess gives way to what is known,
and an unsure one to a surer one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from agent_server.analysis.scheduling.schedule import cycles
from agent_server.plan.waiting import waits_for


class Wait(Protocol):
    """`task` comes after `on`; `confidence` is how surely."""

    @property
    def task(self) -> str:
        """The task that waits."""

    @property
    def on(self) -> str:
        """The one that it waits for."""

    @property
    def confidence(self) -> float:
        """How far to trust that (0 to 1)."""


Guess = TypeVar("Guess", bound=Wait)


def without_cycles(
    guesses: Iterable[Guess], certain: Iterable[tuple[str, str]], places: Mapping[str, int]
) -> Iterator[Guess]:
    """The guesses that close no cycle, each pair once, the surest first; of two alike, the one in the plan's order.

    Of each pair of `certain` the first waits for the second, whatever is guessed. `places` tells of each task where it
    stands in the plan.
    """
    known = set(certain)
    ordered = sorted(guesses, key=lambda each: (-each.confidence, places[each.on] > places[each.task]))
    knot_of = _knots([*known, *((each.task, each.on) for each in ordered)], places)
    waiting: dict[str, list[str]] = {}
    for task, on in known:
        if _is_in_one(knot_of, task, on):
            waiting.setdefault(task, []).append(on)
    for guess in ordered:
        task, on = guess.task, guess.on
        if (task, on) in known:
            continue
        if _is_in_one(knot_of, task, on):
            if waits_for(waiting, on, task):
                continue
            waiting.setdefault(task, []).append(on)
        known.add((task, on))
        yield guess


def _knots(waits: Sequence[tuple[str, str]], places: Mapping[str, int]) -> Mapping[str, int]:
    """Which tasks would wait for one another: none do as long as each waits for those before it in the plan."""
    if all(places[on] < places[task] for task, on in waits):
        return {}
    knots: Collection[Sequence[str]] = cycles(tuple(places), {(on, task) for task, on in waits})
    return {task: number for number, knot in enumerate(knots) for task in knot}


def _is_in_one(knot_of: Mapping[str, int], task: str, on: str) -> bool:
    return task in knot_of and knot_of[task] == knot_of.get(on)
