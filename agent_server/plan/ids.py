"""Task ids: made from titles, unique within a plan, and named by `needs`."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import count

from agent_server.plan.fields import did_you_mean
from agent_server.plan.model import Problem, Task
from agent_server.plan.moving import Placed
from agent_server.plan.values import shortened

_SEPARATORS = re.compile(r"[\s_-]+")
_REST = re.compile(r"[^a-z0-9\s_-]")

CODE = r"[A-Z]{1,5}-?\d{1,4}(?:\.\d{1,3}|-[A-Z]{0,2}\d{1,3}){0,4}[a-z]?"
"""A code by which authors name tasks: `T12`, `T1.1`, `P1-02`, `R-001` or `M0-T1`."""

# Guessing compares with every task. Where so many ids are unknown, the plan is being pasted or renamed.
_MOST_GUESSES = 20

_LONGEST = 48


def slug_of(title: str) -> str:
    """The id of a title, much as GitHub makes an anchor of a heading, but in `[a-z0-9-]` alone.

    Accents are dropped, white space and underscores become hyphens, anything else is left out. So it may be empty.
    """
    if not title.isascii():
        title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return _SEPARATORS.sub("-", _REST.sub("", title.lower())).strip("-")


def free_id(tasks: Sequence[Task], title: str) -> str:
    """An id for a new task of that title which none of `tasks` has."""
    return FreshIds([task.id for task in tasks]).unlike(own_id(title))


def own_id(words: str) -> str:
    """An id that our own format takes, which begins with a letter, of a title or of another format's id."""
    slug = slug_of(words)
    return slug if slug[:1].isalpha() else f"task-{slug}".rstrip("-")


class FreshIds:
    """Ids for tasks whose authors gave them none: short slugs of their titles, each unlike those that are taken.

    They depend on the tasks before alone, so an edit changes few of them.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._numbers: dict[str, count[int]] = {}

    def of(self, written: str | None, title: str) -> str:
        """The id of the next task: what is written, where no task has it yet, else one of its title."""
        if not written or written in self._taken:
            return self.made(title, len(self._taken) + 1)
        self._taken.add(written)
        return written

    def made(self, title: str, ordinal: int) -> str:
        """An id of a title; of the task's number, where the title has no letter that an id can have."""
        slug = slug_of(title)
        if len(slug) > _LONGEST:
            slug = slug[:_LONGEST].rpartition("-")[0] or slug[:_LONGEST]
        return self.unlike(slug if any(character.isalpha() for character in slug) else f"task-{ordinal}")

    def unlike(self, wanted: str) -> str:
        """That id, or the first with a number behind it that no task has; it is taken from now on."""
        fresh = wanted
        if wanted in self._taken:
            numbers = self._numbers.setdefault(wanted, count(2))
            fresh = next(name for number in numbers if (name := f"{wanted}-{number}") not in self._taken)
        self._taken.add(fresh)
        return fresh


def check_ids(tasks: Placed[Task], taken: Collection[str], problems: list[Problem]) -> None:
    """Report every task whose id an earlier task has; the suggestion is an id that is not `taken` yet."""
    if len(taken) == len(tasks):
        return
    first: dict[str, Task] = {}
    ids = FreshIds(taken)
    for task in tasks:
        other = first.setdefault(task.id, task)
        if other is task:
            continue
        fresh = ids.unlike(task.id)
        # Where the id comes from the title there is no id to replace, so the suggestion writes one in front of it.
        suggestion = f"{fresh}: {task.title}" if task.id_span == task.title_span else fresh
        message = f"Another task is called `{task.id}`, too. Give this one an id of its own, such as `{fresh}`."
        problems.append(Problem("duplicate-id", message, task.id_span, suggestion, other.id_span))


def check_renamed(text: str, tasks: Placed[Task], problems: list[Problem]) -> None:
    """Report every task that names an id, but has it with a number behind it, because an earlier task is called so."""
    renamed: list[Task] = []
    for at, task in enumerate(tasks.homes):
        if "-" in task.id and task.id_span != task.title_span:
            is_told = text.startswith(task.id, tasks.places[at] + task.id_span.start)
            renamed += () if is_told else (tasks[at],)
    numbers = {task.id: at for at, task in enumerate(tasks.homes)} if renamed else {}
    for task in renamed:
        named = task.id_span.of(text)
        message = f"Another task is called `{named}`, too. Until you give this one an id of its own, it is `{task.id}`."
        problems.append(Problem("duplicate-id", message, task.id_span, task.id, tasks[numbers[named]].id_span))


def check_needs(tasks: Placed[Task], ids: Collection[str], unmet: Iterable[int], problems: list[Problem]) -> None:
    """Report every item of `needs` that is none of the ids, for the tasks of the numbers `unmet`."""
    unknown = [(tasks[at], need) for at in unmet for need in tasks[at].needs if need.text not in ids]
    if not unknown:
        return
    names = tuple((task.id, task.title) for task in tasks.homes)
    by_title = _by_title(names)
    for place, (task, need) in enumerate(unknown):
        meant = by_title.get(slug_of(need.text))
        if meant in (None, task.id):
            meant = _guessed(need.text, task.id, names) if place < _MOST_GUESSES else None
        rest = f" Did you mean `{meant}`?" if meant else ""
        message = f"`{shortened(need.text)}` is no task of this plan.{rest}"
        problems.append(Problem("unknown-task", message, need.span, meant))


def is_met(task: Task, ids: Collection[str]) -> bool:
    """Whether all that a task needs is there."""
    return all(need.text in ids for need in task.needs)


def unmet(tasks: Placed[Task], ids: Collection[str]) -> list[int]:
    """The numbers of the tasks that need something which is not there."""
    return [at for at, task in enumerate(tasks.homes) if task.needs and not is_met(task, ids)]


@lru_cache(maxsize=4 * _MOST_GUESSES)
def _guessed(need: str, task_id: str, names: tuple[tuple[str, str], ...]) -> str | None:
    """The task whose id is much like what a need says.

    Remembered, since it compares with every task, and an unknown need stays there while other things are edited.
    """
    return did_you_mean(need, [other for other, _ in names if other != task_id])


@lru_cache(maxsize=4)
def _by_title(names: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """The ids of the tasks by the slugs of their titles: a need may say the title instead."""
    return {slug: task_id for task_id, title in names if (slug := slug_of(title))}
