"""A plan's tasks by wave, in the order of the text: the outline that an editor shows beside it."""

from dataclasses import dataclass
from itertools import groupby

from agent_server.analysis.model import Analysis
from agent_server.analysis.picture import count, minutes
from agent_server.plan.model import Status, Task
from agent_server.plan.text import Span

_NOT_OPEN = {Status.DONE: "Done", Status.SKIP: "Skipped"}


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks that follow one another in the text and belong together: of one wave, or done, or in no wave.

    `span` reaches from the first task's heading to the end of the last one's section. Groups never overlap.
    """

    title: str
    tasks: tuple[Task, ...]
    span: Span


def outline(analysis: Analysis) -> tuple[Group, ...]:
    """The groups in the order of the text; none where the tasks of a wave are scattered.

    A group with all of them would have to cover the tasks of other waves that stand between: then an editor that
    follows its cursor would take it for theirs. And a wave in several parts would be a riddle to who reads it.
    """
    waves = _waves(analysis)
    runs = [tuple(run) for _, run in groupby(zip(waves, analysis.plan.tasks, strict=True), key=lambda pair: pair[0])]
    if len(runs) > len(set(waves)):
        return ()
    groups: list[Group] = []
    for run in runs:
        tasks = tuple([task for _, task in run])
        title = _title(analysis, run[0][0], len(tasks))
        groups.append(Group(title, tasks, Span(tasks[0].span.start, tasks[-1].span.end)))
    return tuple(groups)


def places(analysis: Analysis) -> list[str]:
    """For each task of the plan, in the order of the text, where it stands, as `wave_words` says it."""
    return [f"wave {wave}" if isinstance(wave, int) else wave.lower() for wave in _waves(analysis)]


def wave_words(analysis: Analysis, task_id: str) -> str:
    """Where a task stands, in a word or two: `wave 2`, `done`, `not scheduled`."""
    known = analysis.at_home[task_id]
    if known.wave is not None:
        return f"wave {known.wave}"
    return _NOT_OPEN.get(known.task.status, "Not scheduled").lower()


def _waves(analysis: Analysis) -> list[int | str]:
    """For each task of the plan its wave, else why it has none. Of equal ids only the first is scheduled."""
    found: list[int | str] = []
    seen: set[str] = set()
    for home in analysis.plan.tasks.homes:
        wave = analysis.at_home[home.id].wave if home.id not in seen else None
        found.append(wave or _NOT_OPEN.get(home.status, "Not scheduled"))
        seen.add(home.id)
    return found


def _title(analysis: Analysis, wave: int | str, tasks: int) -> str:
    if not isinstance(wave, int):
        return f"{wave} ({count(tasks, 'task')})"
    longest = max(analysis.at_home[task_id].minutes for task_id in analysis.schedule.waves[wave - 1])
    return f"Wave {wave} ({count(tasks, 'task')}, {minutes(longest)})"
