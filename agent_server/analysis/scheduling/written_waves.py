"""The schedule, written into the plan: each open task names the wave that it has anyway, so that it keeps it."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis
from agent_server.plan.edits import set_field
from agent_server.plan.model import Edit, Task


def wave_edits(analysis: Analysis) -> tuple[Edit, ...]:
    """The edits that give each scheduled task a field `wave` with the number of its wave."""
    plan = analysis.plan
    return tuple(
        edit
        for task_id, wave in _changed(analysis)
        for edit in set_field(plan, analysis.tasks[task_id].task, "wave", str(wave))
    )


def why_not_written(analysis: Analysis) -> str:
    """What keeps the waves from being written, for the user; empty where they can be."""
    if not analysis.plan.holds("wave"):
        return "Plans of this format hold no waves."
    if analysis.schedule.unscheduled:
        return "Some tasks wait for each other, so they have no wave. Break the cycle first."
    changed = [task_id for task_id, _ in _changed(analysis)]
    if not changed:
        return "Every open task names its wave already." if analysis.schedule.waves else "No task is left to run."
    if any(_stands_below_heading(analysis.at_home[task_id].task) for task_id in changed):
        return "Headings fix other waves for some tasks. Move those tasks below the headings of their waves."
    return ""


def _changed(analysis: Analysis) -> Iterator[tuple[str, int]]:
    """The scheduled tasks whose wave the plan does not say, or says otherwise, with the wave that they have."""
    for task_id, home in analysis.at_home.items():
        if home.wave is not None and home.task.wave != home.wave:
            yield task_id, home.wave


def _stands_below_heading(task: Task) -> bool:
    """Whether a heading fixes the task's wave: then its own field, if it has one, does not count."""
    field = task.field("wave")
    return task.wave is not None and (field is None or [item.text for item in field.items] != [str(task.wave)])
