"""What may be written in a slot of a plan, the likeliest first: one file for each sort of thing."""

from collections.abc import Mapping

from agent_server.analysis.model import Analysis
from agent_server.analysis.suggestions.modules import modules
from agent_server.analysis.suggestions.needs import needs
from agent_server.analysis.suggestions.paths import paths
from agent_server.analysis.suggestions.suggestion import MOST, Suggestion, Suggestions, What, narrowed
from agent_server.analysis.suggestions.words import exports, field_names, locks, setting_names, setting_values, values
from agent_server.plan.fields import PATH_FIELDS
from agent_server.plan.slots import Slot, SlotKind

__all__ = ["MOST", "Suggestion", "Suggestions", "What", "suggestions"]

_LISTS = {"needs": needs, "locks": locks, "exports": exports}


def suggestions(analysis: Analysis, slot: Slot, agents: Mapping[str, str]) -> Suggestions:
    """What may be written in a slot. `agents` are all that there are, by their names, each in a few words."""
    if slot.at is None:
        is_name = slot.kind is SlotKind.SETTING
        found = setting_names(analysis.plan, slot) if is_name else setting_values(analysis, slot.name, agents)
        return narrowed(found, slot.typed)
    task = analysis.plan.tasks[slot.at]
    if slot.kind is SlotKind.FIELD:
        return narrowed(field_names(task, slot), slot.typed)
    if slot.name in PATH_FIELDS:
        return paths(analysis, task, slot)
    if slot.name == "imports":
        return modules(analysis, task, slot)
    if slot.name in _LISTS:
        return narrowed(_LISTS[slot.name](analysis, task, slot), slot.typed)
    return narrowed(values(analysis, task, slot.name, agents), slot.typed)
