"""Results of earlier work, kept for as long as what they rest on is the same.

A result rests on its basis, the values that it is made from, and on what was looked at while it was made (see
`inputs`). Work is a function of these and of nothing else, so a result that is kept is the one that doing the work
again would give. That is the whole invariant; the property test of `incremental` holds every kind of work to it.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, cast

from agent_server.analysis.inputs import Inputs, Look, Looks, unanswered
from agent_server.analysis.questions import Question

T = TypeVar("T")

Recall: TypeAlias = Callable[..., Any]
"""`Memory.recall`, or something that remembers nothing."""


def do(_key: Hashable, work: Callable[..., T], *basis: object) -> T:
    """What `work` makes of the basis, without any memory."""
    return work(*basis)


LONGEST_KEPT = 64
"""For so many analyses a result that nobody asks for is kept: work that is a part of other work is rarely asked for."""


@dataclass(slots=True)
class _Result:
    basis: tuple[object, ...]
    value: Any
    looks: Looks
    asked: int
    """The last analysis that asked for it."""


class Memory:
    """The results of one analysis, for the next."""

    def __init__(self) -> None:
        self._results: dict[Hashable, _Result] = {}
        self._seen: dict[Look, object] = {}
        """What the kept results have seen, all of them the same: what has seen something else is dropped."""
        self._looking: list[Looks] = []
        self._analysis = 0

    def begin(self, inputs: Inputs, *, anew: bool = False) -> None:
        """The next analysis begins, of these inputs. `anew`: nothing that is kept is good for it."""
        self._inputs = inputs
        self._analysis += 1
        self._looking = []
        oldest = self._analysis - LONGEST_KEPT
        changed = {look for look, seen in self._seen.items() if not _is_same(seen, inputs.see(look))}
        if anew:
            self._results, self._seen = {}, {}
        elif changed or self._analysis % LONGEST_KEPT == 0:
            kept = {key: each for key, each in self._results.items() if each.asked >= oldest}
            self._results = {key: each for key, each in kept.items() if changed.isdisjoint(each.looks)}
            self._seen = {look: seen for each in self._results.values() for look, seen in each.looks.items()}

    def recall(self, key: Hashable, work: Callable[..., T], *basis: object) -> T:
        """What `work` makes of the basis: what is kept under `key`, or else done again. A key stands for one work."""
        result = self._results.get(key)
        if result is None or result.basis != basis:
            value, looks = self._inputs.notes.of(work, *basis)
            result = self._results[key] = _Result(basis, value, looks, self._analysis)
            self._seen.update(looks)
        result.asked = self._analysis
        if result.looks:
            self._looking.append(result.looks)
            self._inputs.notes.looks.update(result.looks)
        return cast(T, result.value)

    def same(self, key: Hashable, value: T, told: object) -> T:
        """The value that is kept under `key`, if it was told by the same: then all that rests on it is seen to be good.

        `told` is what two values that are alike for all others have in common.
        """
        return self.recall(key, lambda _told: value, told)

    def unanswered(self) -> Iterator[Question]:
        """What the work of this analysis has asked in vain, the work included that was not done again."""
        return (question for looks in self._looking for question in unanswered(looks))


def _is_same(one: object, other: object) -> bool:
    return one is other or one == other
