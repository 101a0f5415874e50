"""A plan's tasks by wave or phase, in the order of the text: the outline that an editor shows beside it."""

from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
class PhaseGroup:
    """The tasks of one of the author's phases. `heading` is where its title stands, `words` tell how it stands."""

    title: str
    heading: Span
    tasks: tuple[Task, ...]
    span: Span
    words: str


def phases(analysis: Analysis) -> tuple[PhaseGroup, ...]:
    """The author's phases that hold tasks, in the order of the text; none where one is in several parts.

    Their spans reach from the title to the end of the last task, and never overlap.
    """
    plan = analysis.plan
    runs = [(phase, tuple(run)) for phase, run in groupby(plan.tasks, key=lambda task: task.phase)]
    if not plan.phases or len(runs) > len({phase for phase, _ in runs}) or any(phase is None for phase, _ in runs):
        return ()
    groups: list[PhaseGroup] = []
    for phase, tasks in runs:
        found, end = plan.phases[phase or 0], groups[-1].span.end if groups else 0
        is_above = end <= found.title_span.start <= tasks[0].span.start and bool(found.title.strip())
        start = found.title_span.start if is_above else tasks[0].span.start
        heading = found.title_span if is_above else tasks[0].heading
        span = Span(start, tasks[-1].span.end)
        groups.append(PhaseGroup(found.title.strip(), heading, tasks, span, _phase_words(analysis, tasks)))
    return tuple(groups)


def _phase_words(analysis: Analysis, tasks: Sequence[Task]) -> str:
    """`12 tasks, 3 done · waves 2 to 9`."""
    done = sum(not task.is_open for task in tasks)
    waves = [wave for task in tasks if (wave := analysis.at_home[task.id].wave) is not None]
    told = count(len(tasks), "task")
    if done == len(tasks):
        return f"{told} · done"
    told += f", {done} done" if done else ""
    if not waves:
        return told
    first, last = min(waves), max(waves)
    return f"{told} · wave {first}" if first == last else f"{told} · waves {first} to {last}"


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
