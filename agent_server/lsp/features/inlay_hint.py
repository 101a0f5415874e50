"""Inlay hints: behind each heading the task's wave, model and minutes, and the files that it would likely change too.

Nothing is said twice: a client that shows code lenses too has the wave there.

Tooltips go along at once: all that they say is known by then, so asking again for each would cost more.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from lsprotocol import types

from agent_server.analysis.model import Access, Source, TaskAnalysis
from agent_server.analysis.outline import wave_words
from agent_server.analysis.picture import minutes
from agent_server.analysis.rules.wording import sentence
from agent_server.analysis.scheduling.waiting import waited_for
from agent_server.lsp import convert
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.model import Plan, Task
from agent_server.plan.text import Span
from agent_server.plan.visible import visible
from agent_server.plan.writing import outer

_MOST_FILES = 3
_MOST_WAITS = 5
_WIDEST_PATH = 60

_GUESSED = frozenset({Source.IMPLIED, Source.PREDICTED})


@plan_request(types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintOptions(resolve_provider=False))
def inlay_hint(plan: PlanSnapshot, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Answer `textDocument/inlayHint` for the tasks of the range. Done and skipped tasks have none."""
    asked = plan.span(params.range)
    analysis = plan.analysis
    tasks = [task for task in analysis.plan.tasks_in(asked) if _is_shown(plan, task)]
    waiting = waited_for(analysis, {task.id for task in tasks})
    hints: list[types.InlayHint] = []
    for task in tasks:
        if asked.contains(task.heading.end):
            hints.append(_schedule_hint(plan, task, waiting.get(task.id, ())))
        known = analysis.tasks[task.id]
        implied = [access for access in known.writes.entries if access.source in _GUESSED]
        at = _end_of_writes(plan, task)
        if (implied or known.writes.beyond) and asked.contains(at):
            hints.append(_files_hint(plan, at, implied, known.writes.beyond))
    return hints


def _is_shown(plan: PlanSnapshot, task: Task) -> bool:
    """Whether the task is open, in this document, and the first of its id: the one that is analysed."""
    return task.is_open and plan.is_here(task.span) and plan.analysis.tasks[task.id].task.span == task.span


def _schedule_hint(plan: PlanSnapshot, task: Task, waiting: Collection[str]) -> types.InlayHint:
    known = plan.analysis.at_home[task.id]
    label = f"{known.model.tier} · {minutes(known.minutes)}"
    if not plan.client.shows_lenses:
        label = f"{wave_words(plan.analysis, task.id)} · {label}"
    return types.InlayHint(
        _position(plan, task.heading.end),
        label,
        tooltip="\n".join(_reasons(plan.analysis.plan, known, waiting)),
        padding_left=True,
    )


def _reasons(plan: Plan, known: TaskAnalysis, waiting: Collection[str]) -> Iterator[str]:
    if waiting:
        more = f" and {len(waiting) - _MOST_WAITS} more" if len(waiting) > _MOST_WAITS else ""
        yield f"Waits for {', '.join(islice(waiting, _MOST_WAITS))}{more}."
    elif known.wave == 1:
        yield "Waits for no other task."
    elif plan.has_fields and known.wave is not None and known.wave == known.task.wave:
        yield f"The plan fixes wave {known.wave} for it."
    yield f"Model {visible(known.model.id)}, because {visible(known.model.because)}."
    yield f"{minutes(known.minutes)}, {visible(known.minutes_because)}."


def _end_of_writes(plan: PlanSnapshot, task: Task) -> int:
    """Behind the last value that the author wrote into `writes`; behind the heading where there is none."""
    return outer(plan.analysis.plan.text, task.writes[-1]).end if task.writes else task.heading.end


def _files_hint(plan: PlanSnapshot, at: int, implied: Sequence[Access], beyond: Sequence[Access]) -> types.InlayHint:
    """The files that the plan does not name: those that the task may write, then those that nothing allows it to."""
    advice = "\nAdd it to `writes` to allow it." if plan.analysis.plan.has_fields else "\nName it to allow it."
    found = [*((each, "") for each in implied), *((each, advice) for each in beyond)]
    parts = [types.InlayHintLabelPart("likely: ")]
    for number, (access, advice) in enumerate(found[:_MOST_FILES]):
        parts += [types.InlayHintLabelPart(", ")] if number else []
        parts.append(_file_part(plan, access, advice))
    if len(found) > _MOST_FILES:
        rest = "\n".join(visible(access.path) for access, _ in found[_MOST_FILES:])
        parts.append(types.InlayHintLabelPart(f" and {len(found) - _MOST_FILES} more", rest))
    return types.InlayHint(_position(plan, at), parts, padding_left=True)


def _file_part(plan: PlanSnapshot, access: Access, advice: str) -> types.InlayHintLabelPart:
    """A file that is there can be opened from the hint."""
    start = types.Position(0, 0)
    location = types.Location(convert.to_uri(plan.root / access.path), types.Range(start, start))
    shown = visible(access.path, _WIDEST_PATH)
    why = sentence(visible(access.because)) + advice
    return types.InlayHintLabelPart(shown, why, location if access.exists else None)


def _position(plan: PlanSnapshot, offset: int) -> types.Position:
    return plan.range(Span(offset, offset)).start
