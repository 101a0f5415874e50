"""A suggestion, and how many of them are handed out at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from agent_server.plan.model import Task
from agent_server.plan.slots import Slot

MOST = 300
"""How many suggestions an editor is sent at most. Where there are more, it asks again for what is typed further on."""

_MOST_LOOKED_AT = 20_000


class What(Enum):
    """What a suggestion is."""

    TASK = "task"
    FIELD = "field"
    SETTING = "setting"
    FILE = "file"
    FOLDER = "folder"
    MODULE = "module"
    NAME = "name"
    LOCK = "lock"
    MODEL = "model"
    AGENT = "agent"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` may be written. `detail` says in a few words what it is, `says` more of it, in Markdown of ours.

    `label` is what a list shows where that is shorter than the text. One that is not `whole` is gone on with: a folder.
    """

    text: str
    what: What
    detail: str = ""
    says: str = ""
    label: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Suggestions, the likeliest first. They are not `complete` where more would fit, or others once more is typed."""

    items: tuple[Suggestion, ...]
    complete: bool = True


def narrowed(found: Iterable[Suggestion], typed: str) -> Suggestions:
    """All of the suggestions or, where they are too many, the first that hold what is typed."""
    several = tuple(islice(found, _MOST_LOOKED_AT))
    if len(several) <= MOST:
        return Suggestions(several)
    wanted = typed.lower()
    fitting = [each for each in several if wanted in each.text.lower()]
    fitting.sort(key=lambda each: not each.text.lower().startswith(wanted))
    return Suggestions(tuple(fitting[:MOST]), complete=False)


def others(task: Task, slot: Slot) -> frozenset[str]:
    """What the slot's field says already, but for what is being typed. `task` stands where it stands in the plan."""
    items = (item for field in task.fields if field.name == slot.name for item in field.items)
    return frozenset(item.text for item in items if not item.span.overlaps(slot.span))
