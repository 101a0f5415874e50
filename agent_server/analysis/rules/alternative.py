"""What the waves would be if some tasks did not want the same files: the price of a file, in waves and minutes."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agent_server.analysis.model import Analysis, Conflict, Contention, HazardKind
from agent_server.analysis.scheduling.schedule import Job, schedule

MOST_TASKS = 200
"""Plans with more open tasks are not scheduled again: an edit has to answer within a frame."""


@dataclass(frozen=True, slots=True)
class Price:
    """The waves and minutes of a plan as it is, and without the conflicts of one contention."""

    waves: int
    minutes: float
    waves_without: int
    minutes_without: float

    @property
    def more_waves(self) -> int:
        """How many waves the contention costs."""
        return self.waves - self.waves_without

    @property
    def more_minutes(self) -> float:
        """How many minutes the contention costs."""
        return self.minutes - self.minutes_without


class Length(NamedTuple):
    """How many waves a plan takes, and how many minutes."""

    waves: int
    minutes: float


def price(analysis: Analysis, contention: Contention) -> Price | None:
    """What it costs that these tasks want the same files; None for a plan that is too large to try.

    Conflicts at other files stay. The tasks keep their minutes: somebody still has to do that work.
    """
    found = schedule_without(analysis, contention)
    if found is None:
        return None
    now = analysis.schedule
    return Price(len(now.waves), now.parallel_minutes, found.waves, found.minutes)


def schedule_without(analysis: Analysis, contention: Contention) -> Length | None:
    """What the plan would take without these conflicts; None for one that is too large to try."""
    if len(analysis.schedule.unscheduled) + sum(map(len, analysis.schedule.waves)) > MOST_TASKS:
        return None
    open_tasks = [found for found in analysis.tasks.values() if found.task.is_open]
    jobs = tuple(Job(found.task.id, found.minutes, found.task.wave, found.writes.unknown) for found in open_tasks)
    before = tuple(dict.fromkeys((each.on, each.task) for each in analysis.dependencies))
    apart = tuple((each.first, each.second) for each in analysis.conflicts if not _is_of(each, contention))
    return _scheduled(jobs, before, apart, analysis.plan.settings.agents or analysis.settings.agents)


def _is_of(conflict: Conflict, contention: Contention) -> bool:
    """Whether a conflict is about nothing but what is contended."""
    return (
        conflict.kind is HazardKind.WRITE_CONFLICT
        and {conflict.first, conflict.second} <= set(contention.tasks)
        and set(conflict.paths) <= set(contention.paths)
    )


@lru_cache(maxsize=64)
def _scheduled(
    jobs: tuple[Job, ...], before: tuple[tuple[str, str], ...], apart: Collection[tuple[str, str]], width: int
) -> Length:
    found = schedule(jobs, before, apart, width)
    return Length(len(found.waves), found.parallel_minutes)
