"""The names of fields and settings, and the values that are words: models, agents, states, locks, exported names."""

from collections.abc import Iterator, Mapping

from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import Tier
from agent_server.analysis.suggestions.suggestion import Suggestion, What, others
from agent_server.plan.fields import FIELDS, MODEL_TIERS, SETTINGS
from agent_server.plan.model import Landing, Plan, Status, Task
from agent_server.plan.slots import Slot

_STATES: Mapping[Status, str] = {
    Status.TODO: "still to run, which is the default",
    Status.DONE: "has run: it takes no part in waves any more",
    Status.SKIP: "is left out",
}
_LANDINGS: Mapping[Landing, str] = {
    Landing.TREE: "into the working tree",
    Landing.COMMIT: "one commit a task on a branch",
}
_BUDGETS: Mapping[str, str] = {"5 USD": "money", "2M tokens": "tokens", "30 min": "time"}


def field_names(task: Task, slot: Slot) -> Iterator[Suggestion]:
    """The fields that the task does not have yet."""
    written = {field.name for field in task.fields if not field.name_span.overlaps(slot.span)}
    for name, kind in FIELDS.items():
        if name not in written:
            yield Suggestion(name, What.FIELD, says=f"{kind.says[:1].upper()}{kind.says[1:]}.")


def setting_names(plan: Plan, slot: Slot) -> Iterator[Suggestion]:
    """The settings that the front matter does not have yet."""
    for name, says in SETTINGS.items():
        span = plan.settings.spans.get(name)
        if span is None or span.overlaps(slot.span):
            yield Suggestion(name, What.SETTING, says=f"{says[:1].upper()}{says[1:]}.")


def setting_values(analysis: Analysis, name: str, agents: Mapping[str, str]) -> Iterator[Suggestion]:
    """What a setting may be."""
    if name == "model":
        yield from _models(analysis, None)
    elif name == "agent":
        yield from _agents(agents)
    elif name == "land":
        yield from (Suggestion(str(landing), What.VALUE, says) for landing, says in _LANDINGS.items())
    elif name == "budget":
        yield from (Suggestion(amount, What.VALUE, unit) for amount, unit in _BUDGETS.items())


def values(analysis: Analysis, task: Task, name: str, agents: Mapping[str, str]) -> Iterator[Suggestion]:
    """What a field of one word may be."""
    if name == "model":
        yield from _models(analysis, task)
    elif name == "agent":
        yield from _agents(agents)
    elif name == "status":
        yield from (Suggestion(str(status), What.VALUE, says) for status, says in _STATES.items())
    elif name == "wave":
        yield from _waves(analysis)


def locks(analysis: Analysis, task: Task, slot: Slot) -> Iterator[Suggestion]:
    """The locks that other tasks name, those of most tasks first."""
    taken = others(task, slot)
    holders: dict[str, list[str]] = {}
    for place, home in enumerate(analysis.plan.tasks.homes):
        for item in home.locks if place != slot.at else ():
            holders.setdefault(item.text, []).append(home.id)
    for lock, several in sorted(holders.items(), key=lambda each: -len(each[1])):
        if lock not in taken:
            more = f" and {len(several) - 1} more" if len(several) > 1 else ""
            yield Suggestion(lock, What.LOCK, f"held by {several[0]}{more}")


def exports(analysis: Analysis, task: Task, slot: Slot) -> Iterator[Suggestion]:
    """The names that other tasks will take from what this one creates."""
    taken = others(task, slot)
    wanted = [(name, each.task) for each in analysis.contracts if each.producer == task.id for name in each.names]
    wanted += [(each.name, each.task) for each in analysis.dependencies if each.on == task.id and each.name]
    wanted += [(each.name, each.task) for each in analysis.imports if each.producer == task.id and each.name]
    for name, by in {name: by for name, by in reversed(wanted) if name not in taken}.items():
        yield Suggestion(name, What.NAME, f"used by {by}")


def _models(analysis: Analysis, task: Task | None) -> Iterator[Suggestion]:
    models = analysis.settings.models
    for name in MODEL_TIERS:
        if name in tuple(Tier):
            yield Suggestion(name, What.MODEL, models.get(Tier(name), ""))
        else:
            yield Suggestion(name, What.MODEL, "the task decides" if task else "each task decides")
    for model in dict.fromkeys((*models.values(), *analysis.settings.prices)):
        yield Suggestion(model, What.MODEL, "model id")


def _agents(agents: Mapping[str, str]) -> Iterator[Suggestion]:
    return (Suggestion(name, What.AGENT, words) for name, words in agents.items())


def _waves(analysis: Analysis) -> Iterator[Suggestion]:
    counts: dict[int, int] = {}
    for home in analysis.plan.tasks.homes:
        if home.wave is not None:
            counts[home.wave] = counts.get(home.wave, 0) + 1
    for wave in (*sorted(counts), max(counts, default=0) + 1):
        yield Suggestion(str(wave), What.VALUE, f"{counts[wave]} tasks are fixed there" if wave in counts else "new")
