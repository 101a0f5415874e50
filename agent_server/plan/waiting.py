"""Who waits for whom, also by way of others."""

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Waiting = TypeVar("Waiting", bound=Hashable)


def waits_for(waits: Mapping[Waiting, Iterable[Waiting]], one: Waiting, other: Waiting) -> bool:
    """Whether one is the other, or waits for it, directly or through others. `waits` tells whom each waits for."""
    seen = {one}
    pending = [one]
    while pending:
        waiting = pending.pop()
        if waiting == other:
            return True
        fresh = [each for each in waits.get(waiting, ()) if each not in seen]
        seen.update(fresh)
        pending += fresh
    return False
