"""The tasks that a task may need: not itself, and none that waits for it."""

from collections.abc import Iterator

from agent_server.analysis.model import Analysis, HazardKind
from agent_server.analysis.scheduling.precedence import Precedence
from agent_server.analysis.suggestions.suggestion import Suggestion, What, others
from agent_server.plan.model import Task
from agent_server.plan.slots import Slot
from agent_server.plan.visible import visible

_MOST_FILES = 5


def needs(analysis: Analysis, task: Task, slot: Slot) -> Iterator[Suggestion]:
    """The tasks: those first whose results it seems to use, then those above it, the nearest first, then the rest."""
    homes = analysis.plan.tasks.homes
    at = slot.at or 0
    taken, waits = others(task, slot), _waits(analysis)
    used = [each.on for each in analysis.dependencies if each.task == task.id and each.kind is not HazardKind.NEEDS]
    places = {home.id: place for place, home in reversed([*enumerate(homes)])}
    order = (*(places[on] for on in used), *range(at - 1, -1, -1), *range(at + 1, len(homes)))
    for place in dict.fromkeys(order):
        other = homes[place]
        if places[other.id] != place or other.id == task.id or other.id in taken:
            continue
        is_later = task.wave is not None and other.wave is not None and other.wave > task.wave
        if not is_later and not waits.follows(other.id, task.id):
            yield Suggestion(other.id, What.TASK, other.title, _writes(analysis, other.id))


def _writes(analysis: Analysis, task_id: str) -> str:
    """What a task writes, as a list in Markdown; empty where that is nothing, or not known."""
    paths = [entry.path for entry in analysis.at_home[task_id].writes.entries if "`" not in entry.path]
    more = len(paths) - _MOST_FILES
    lines = [f"- `{visible(path)}`" for path in paths[:_MOST_FILES]]
    return "\n".join(["Writes", *lines, *([f"- and {more} more"] if more > 0 else [])]) if lines else ""


def _waits(analysis: Analysis) -> Precedence:
    """What surely waits for what: a guess gives way to what the author says, and so does the order of the plan."""
    waits: dict[str, list[str]] = {}
    for home in analysis.plan.tasks.homes:
        waits.setdefault(home.id, [need.text for need in home.needs])
    for each in analysis.dependencies:
        if each.path and not each.name and each.path not in analysis.tree:
            waits[each.task].append(each.on)
    return Precedence({task: [on for on in several if on in waits] for task, several in waits.items()})
