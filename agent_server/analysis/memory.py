"""Results of earlier work, kept for as long as what they rest on is the same.

A result rests on its basis, the values that it is made from, and on what was looked at while it was made (see
`inputs`). Work is a function of these and of nothing else, so a result that is kept is the one that doing the work
again would give. That is the whole invariant; the property test of `incremental` holds every kind of work to it.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from agent_server.analysis.inputs import Inputs, Look, Looks, unanswered
from agent_server.analysis.questions import Question

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Result:
    basis: tuple[object, ...]
    value: Any
    looks: Looks


class Memory:
    """The results of one analysis, for the next. What that does not ask for is forgotten."""

    def __init__(self) -> None:
        self._before: dict[Hashable, _Result] = {}
        self._results: dict[Hashable, _Result] = {}
        self._looking: list[Looks] = []
        self._changed: dict[Look, bool] = {}

    def begin(self, inputs: Inputs, *, anew: bool = False) -> None:
        """The next analysis begins, of these inputs. `anew`: nothing that is kept is good for it."""
        self._inputs = inputs
        self._before, self._results = ({} if anew else self._results), {}
        self._looking, self._changed = [], {}

    def recall(self, key: Hashable, work: Callable[..., T], *basis: object) -> T:
        """What `work` makes of the basis: what is kept under `key`, or else done again. A key stands for one work."""
        result = self._before.get(key)
        if result is None or result.basis != basis or (result.looks and self._have_changed(result.looks)):
            result = _Result(basis, *self._inputs.notes.of(work, *basis))
        self._results[key] = result
        if result.looks:
            self._looking.append(result.looks)
        value: T = result.value
        return value

    def unanswered(self) -> Iterator[Question]:
        """What the work of this analysis has asked in vain, the work included that was not done again."""
        return (question for looks in self._looking for question in unanswered(looks))

    def _have_changed(self, looks: Looks) -> bool:
        return any(self._has_changed(look, seen) for look, seen in looks.items())

    def _has_changed(self, look: Look, seen: object) -> bool:
        known = self._changed.get(look)
        if known is None:
            # Whatever is kept was good a moment ago, so all that looked there have seen the same.
            known = self._changed[look] = self._inputs.see(look) != seen
        return known
