"""Which tasks the plan already puts one after the other: by what they wait for, and by the waves that are fixed."""

from agent_server.analysis.model import Analysis
from agent_server.analysis.scheduling.precedence import Precedence


class Order:
    """The order that an analysis gives to a plan's open tasks, whatever their conflicts are."""

    __slots__ = ("_analysis", "_precedence")

    def __init__(self, analysis: Analysis) -> None:
        """Close what the tasks of `analysis` wait for."""
        waits_for: dict[str, list[str]] = {task_id: [] for task_id in analysis.tasks}
        for dependency in analysis.dependencies:
            waits_for[dependency.task].append(dependency.on)
        self._analysis = analysis
        self._precedence = Precedence(waits_for)

    def follows(self, task: str, other: str) -> bool:
        """Whether `task` can only run after `other`."""
        wave, other_wave = self._analysis.tasks[task].task.wave, self._analysis.tasks[other].task.wave
        if wave is not None and other_wave is not None and wave != other_wave:
            return wave > other_wave
        return self._precedence.follows(task, other)
