"""What each task has to wait for where there are no waves: it may begin as soon as these tasks are done."""

from collections.abc import Collection, Mapping
from itertools import pairwise

from agent_server.analysis.model import Analysis
from agent_server.analysis.scheduling.precedence import Precedence
from agent_server.analysis.scheduling.waiting import waited_for


def predecessors(analysis: Analysis) -> Mapping[str, tuple[str, ...]]:
    """For each scheduled task, in the order of the waves, those that it directly waits for, in the same order.

    Tasks wait for what they depend on, for those at the same files or locks that the waves put before them, and for
    the author's earlier waves. What follows from the other waits is left out. There are no cycles: each task waits for
    tasks of earlier waves alone.
    """
    wave_of = {task: number for number, wave in enumerate(analysis.schedule.waves) for task in wave}
    waiting = {task: set(others) for task, others in waited_for(analysis, wave_of.keys()).items()}
    fixed: dict[int, list[str]] = {}
    for task in wave_of:
        if (number := analysis.at_home[task].task.wave) is not None:
            fixed.setdefault(number, []).append(task)
    # Whoever waits for one of a fixed wave waits for all that this one waits for, which is mostly all before that wave.
    behind: list[str] = []
    first = {number: min(wave_of[task] for task in tasks) for number, tasks in fixed.items()}
    for before, after in pairwise(sorted(fixed)):
        covered = first[before] if first[before] < first[after] else 0
        behind = [*(task for task in behind if wave_of[task] >= covered), *fixed[before]]
        for task in fixed[after]:
            waiting.setdefault(task, set()).update(behind)
    places = {task: place for place, task in enumerate(wave_of)}
    earlier = {
        task: sorted(
            (other for other in waiting.get(task, ()) if _runs_before(wave_of, other, task)), key=places.__getitem__
        )
        for task in wave_of
    }
    return _reduced(earlier)


def _runs_before(wave_of: Mapping[str, int], task: str, other: str) -> bool:
    return wave_of.get(task, wave_of[other]) < wave_of[other]


def _reduced(waits_for: Mapping[str, Collection[str]]) -> Mapping[str, tuple[str, ...]]:
    order = Precedence(waits_for)
    return {task: tuple(order.last_of(others)) for task, others in waits_for.items()}
