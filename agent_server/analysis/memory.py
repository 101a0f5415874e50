"""Results of earlier work, kept for as long as what they rest on is the same.

A result rests on its basis, the values that it is made from, and on what was looked at while it was made (see
`inputs`). Work is a function of these and of nothing else, so a result that is kept is the one that doing the work
again would give. That is the whole invariant; the property test of `incremental` holds every kind of work to it.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from agent_server.analysis.inputs import Inputs, Look, Looks, unanswered
from agent_server.analysis.questions import Question

T = TypeVar("T")


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
        self._looking: list[Looks] = []
        self._seen: dict[Look, object] = {}
        self._analysis = 0

    def begin(self, inputs: Inputs, *, anew: bool = False) -> None:
        """The next analysis begins, of these inputs. `anew`: nothing that is kept is good for it."""
        self._inputs = inputs
        self._analysis += 1
        self._looking, self._seen = [], {}
        if anew:
            self._results = {}
        elif self._analysis % LONGEST_KEPT == 0:
            oldest = self._analysis - LONGEST_KEPT
            self._results = {key: result for key, result in self._results.items() if result.asked >= oldest}

    def recall(self, key: Hashable, work: Callable[..., T], *basis: object) -> T:
        """What `work` makes of the basis: what is kept under `key`, or else done again. A key stands for one work."""
        result = self._results.get(key)
        if result is None or result.basis != basis or (result.looks and self._have_changed(result.looks)):
            value, looks = self._inputs.notes.of(work, *basis)
            result = self._results[key] = _Result(basis, value, looks, self._analysis)
        result.asked = self._analysis
        if result.looks:
            self._looking.append(result.looks)
            self._inputs.notes.looks.update(result.looks)
        return cast(T, result.value)

    def unanswered(self) -> Iterator[Question]:
        """What the work of this analysis has asked in vain, the work included that was not done again."""
        return (question for looks in self._looking for question in unanswered(looks))

    def _have_changed(self, looks: Looks) -> bool:
        return any(seen is not (now := self._see(look)) and seen != now for look, seen in looks.items())

    def _see(self, look: Look) -> object:
        """What is to be seen there in this analysis."""
        if look not in self._seen:
            self._seen[look], _ = self._inputs.notes.of(self._inputs.see, look)
        return self._seen[look]
