"""What the author of a plan claims may run at the same time.

- Our own format fixes waves: the tasks of one are claimed to run side by side. All else is in no order that anybody
  decided, so the analysis decides it, and says what that costs.
- In other formats a mark claims it, such as `[P]`: such a task may run beside all others of its phase that have one,
  also where unmarked ones stand between. Where waves are the author's own, and not what readers make of phases, these
  claim it, too. All else is in the author's order, the order of the text: nobody has to be told that two such tasks
  write one file.
"""

from dataclasses import dataclass
from typing import TypeAlias

from agent_server.plan.model import Plan, Task

Group: TypeAlias = tuple[str, int]
"""Tasks that may run side by side, so the author claims: those of a fixed wave, or the marked ones of a phase."""

MARKED = "phase"
"""The kind of a group whose tasks are marked."""

_NO_PHASE = -1


@dataclass(frozen=True, slots=True)
class Claims:
    """How a plan's format claims it. `waves`: by waves of the author's own. `in_order`: all else is in text order."""

    waves: bool = True
    in_order: bool = False

    @classmethod
    def of(cls, plan: Plan) -> "Claims":
        """How the format of `plan` claims it."""
        if plan.has_fields:
            return DEFAULT_CLAIMS
        return cls(waves=plan.holds("wave") or (not plan.mark and _has_waves_of_its_own(plan)), in_order=True)

    def group(self, task: Task) -> Group | None:
        """The group of tasks beside which the author claims that this one may run."""
        if task.parallel is not None:
            return MARKED, _NO_PHASE if task.phase is None else task.phase
        return ("wave", task.wave) if self.waves and task.wave is not None else None

    def together(self, task: Task, other: Task) -> bool:
        """Whether the author claims that the two may run at the same time."""
        group = self.group(task)
        return group is not None and group == self.group(other)


def _has_waves_of_its_own(plan: Plan) -> bool:
    """Whether the waves are others than the phases, so that somebody has written them down."""
    pairs = {(home.wave, home.phase) for home in plan.tasks.homes if home.wave is not None}
    return len({wave for wave, _ in pairs}) < len(pairs) or len({phase for _, phase in pairs}) < len(pairs)


DEFAULT_CLAIMS = Claims()
"""Those of our own format."""
