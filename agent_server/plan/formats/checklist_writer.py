"""Writes changes back into checklists: what stands in a box, and the mark of tasks that may run beside others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent_server.plan.model import Edit, Plan, Status, Task
from agent_server.plan.text import Span


@dataclass(frozen=True)
class ChecklistWriter:
    """What checklists can hold. `mark` is what claims that a task may run beside others, where the format has one."""

    mark: str = ""

    @property
    def holds(self) -> frozenset[str]:
        """The names of `WRITABLE` that it can change."""
        return frozenset({"status"} | ({"parallel"} if self.mark else set()))

    def set_field(self, plan: Plan, task: Task, name: str, items: Sequence[str]) -> tuple[Edit, ...]:
        """Tick a box, or take a mark away."""
        if name == "status" and task.status_span is not None:
            return (Edit(task.status_span, "x" if list(items) == [Status.DONE] else " "),)
        if name == "parallel" and not items and task.parallel is not None:
            end = task.parallel.end
            return (Edit(Span(task.parallel.start, end + plan.text.startswith(" ", end)), ""),)
        return ()

    def append_task(self, _plan: Plan, _title: str, _fields: Mapping[str, Sequence[str]]) -> tuple[Edit, ...]:
        """No task is added to a checklist yet."""
        return ()
