"""What earlier runs of a workspace took and wrote, as a value: the executor reads it off their records.

Estimates rest on it, and so do guesses of what a task that ran before would write.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median

from agent_server.analysis.estimates.prices import Tokens

MOST_OWN = 3
"""How many runs of the same task count, newest first."""

MOST_LIKE = 10
"""How many finished tasks of the same kind count, newest first."""

MOST_OBSERVED = 5
"""How many runs of the same task tell what it writes, newest first."""

FEWEST_LIKE = 3
"""One or two tasks say little about a third."""

FEW_FILES = 2
MANY_FILES = 8
"""Up to so many files a task is small, and beyond so many it is large."""

_NONE = Tokens()


@dataclass(frozen=True, slots=True)
class PastTask:
    """A task that an agent finished. `files` is how many it changed, `tokens` is empty where nobody counted.

    `wrote` are the paths that its agent changed, or wanted to, whether it was allowed to or not.
    """

    plan: str
    task: str
    model: str
    files: int
    minutes: float
    tokens: Tokens = _NONE
    wrote: tuple[str, ...] = ()
    usd: float | None = None
    """What its agent reported that it cost; None where that was nothing, or not all."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A path that earlier runs of a task wrote, or wanted to: `times` of the last `runs`."""

    path: str
    times: int
    runs: int

    @property
    def probability(self) -> float:
        """How likely the next run writes it, by the rule of succession: one run alone says little."""
        return (self.times + 1) / (self.runs + 2)

    @property
    def because(self) -> str:
        """Where this is known from, as a clause."""
        when = "in an earlier run" if self.runs == 1 else f"in {self.times} of its last {self.runs} runs"
        return f"its agent wrote it, or wanted to, {when}"


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

    @property
    def usd(self) -> float | None:
        """What such a task costs, where the agents of all of them reported it."""
        reported = [each.usd for each in self.tasks if each.usd is not None]
        return median(reported) if len(reported) == len(self.tasks) else None


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


def observed(history: History, task: str) -> Iterator[Observed]:
    """What the last runs of `task` in this plan wrote, the likeliest first."""
    runs = [each for each in history.tasks if (each.plan, each.task) == (history.plan, task)][:MOST_OBSERVED]
    times = Counter(path for run in runs for path in dict.fromkeys(run.wrote))
    for path, count in sorted(times.items(), key=lambda each: (-each[1], each[0])):
        yield Observed(path, count, len(runs))


def _like(tasks: list[PastTask], fits: Callable[[PastTask], bool], what: str) -> Sample | None:
    found = [each for each in tasks if fits(each)][:MOST_LIKE]
    return Sample(tuple(found), f"the last {len(found)} tasks for {what}") if len(found) >= FEWEST_LIKE else None


def _size(files: int) -> int:
    return (files > FEW_FILES) + (files > MANY_FILES)
