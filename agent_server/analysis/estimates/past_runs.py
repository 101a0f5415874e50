"""What earlier runs of a workspace took, as a value: the executor reads it off their records, estimates rest on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from agent_server.analysis.estimates.prices import Tokens

MOST_OWN = 3
"""How many runs of the same task count, newest first."""

MOST_LIKE = 10
"""How many finished tasks of the same kind count, newest first."""

FEWEST_LIKE = 3
"""One or two tasks say little about a third."""

FEW_FILES = 2
MANY_FILES = 8
"""Up to so many files a task is small, and beyond so many it is large."""

_NONE = Tokens()


@dataclass(frozen=True, slots=True)
class PastTask:
    """A task that an agent finished. `files` is how many it changed, `tokens` is empty where nobody counted."""

    plan: str
    task: str
    model: str
    files: int
    minutes: float
    tokens: Tokens = _NONE


@dataclass(frozen=True, slots=True)
class History:
    """The finished tasks of a workspace, newest first. `plan` is the one that is asked about, by its path."""

    plan: str = ""
    tasks: tuple[PastTask, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """Past tasks that a new one is likely to resemble. `like` says in words why: `the last 6 tasks for this model`."""

    tasks: tuple[PastTask, ...]
    like: str

    @property
    def minutes(self) -> float:
        """How long such a task takes: the median, which one agent that got stuck does not move."""
        return median(each.minutes for each in self.tasks)

    @property
    def tokens(self) -> Tokens | None:
        """What such a task uses, where it was counted."""
        counted = [each.tokens for each in self.tasks if each.tokens.total]
        if not counted:
            return None
        return Tokens(*(round(median(getattr(each, name) for each in counted)) for name in Tokens.__slots__))


NO_HISTORY = History()


def sample(history: History, task: str, model: str, files: int) -> Sample | None:
    """The past tasks to go by for `task`, done by `model` and writing `files` files: itself, else those like it."""
    if not history.tasks:
        return None
    same_model = [each for each in history.tasks if each.model == model]
    own = [each for each in same_model if (each.plan, each.task) == (history.plan, task)][:MOST_OWN]
    if own:
        return Sample(tuple(own), "its last run" if len(own) == 1 else f"its last {len(own)} runs")
    return _like(same_model, lambda each: _size(each.files) == _size(files), "this model and size") or _like(
        same_model, lambda _: True, "this model"
    )


def _like(tasks: list[PastTask], fits: Callable[[PastTask], bool], what: str) -> Sample | None:
    found = [each for each in tasks if fits(each)][:MOST_LIKE]
    return Sample(tuple(found), f"the last {len(found)} tasks for {what}") if len(found) >= FEWEST_LIKE else None


def _size(files: int) -> int:
    return (files > FEW_FILES) + (files > MANY_FILES)
