"""What each task has to wait for where there are no waves: it may begin as soon as these tasks are done."""

from collections.abc import Collection, Mapping

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
    fixed = {task: number for task in wave_of if (number := analysis.tasks[task].task.wave) is not None}
    for task, number in fixed.items():
        waiting.setdefault(task, set()).update(other for other, earlier in fixed.items() if earlier < number)
    earlier = {
        task: [other for other in wave_of if other in waiting.get(task, ()) and wave_of[other] < wave_of[task]]
        for task in wave_of
    }
    return _reduced(earlier)


def _reduced(waits_for: Mapping[str, Collection[str]]) -> Mapping[str, tuple[str, ...]]:
    order = Precedence(waits_for)
    return {
        task: tuple(each for each in others if not any(order.follows(other, each) for other in others))
        for task, others in waits_for.items()
    }
