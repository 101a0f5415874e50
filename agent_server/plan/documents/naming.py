"""Ids for tasks whose authors gave them none, or one that another task has: short slugs of their titles."""

from itertools import count

from agent_server.plan.ids import slug_of

_LONGEST = 48


class Names:
    """The ids that the tasks of a plan have. They depend on the tasks before alone, so an edit changes few of them."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._numbers: dict[str, count[int]] = {}

    def of(self, written: str | None, title: str) -> str:
        """The id of the next task: what is written, where it is free, else a slug of the title."""
        fresh = written if written and written not in self._taken else self._free(title)
        self._taken.add(fresh)
        return fresh

    def _free(self, title: str) -> str:
        slug = slug_of(title)
        if len(slug) > _LONGEST:
            slug = slug[:_LONGEST].rpartition("-")[0] or slug[:_LONGEST]
        if not any(character.isalpha() for character in slug):
            slug = f"task-{len(self._taken) + 1}"
        if slug not in self._taken:
            return slug
        numbers = self._numbers.setdefault(slug, count(2))
        return next(fresh for number in numbers if (fresh := f"{slug}-{number}") not in self._taken)
