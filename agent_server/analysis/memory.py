"""Results of earlier work, kept for as long as what they rest on is the same.

A result rests on its basis, the values that it is made from, and on what was looked at while it was made (see
`inputs`). Work is a function of these and of nothing else, so a result that is kept is the one that doing the work
again would give. That is the whole invariant; the property test of `incremental` holds every kind of work to it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeAlias, TypeVar

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
    unanswered: tuple[Question, ...]
    asked: int
    """The last analysis that asked for it."""


@dataclass(slots=True)
class _Family:
    """The results of one kind of work for all tasks.

    Most of them stay what they are at an edit. So that the rest can be told at the speed of comparing dictionaries,
    bases and values stand in dictionaries of their own.
    """

    bases: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    looks: dict[str, Looks] = field(default_factory=dict)
    """Only of work that has looked at something."""
    unanswered: dict[str, tuple[Question, ...]] = field(default_factory=dict)
    """Only of work that has asked in vain."""

    def put(self, key: str, result: _Result) -> None:
        self.values[key] = result.value
        self.looks.pop(key, None)
        self.unanswered.pop(key, None)
        if result.looks:
            self.looks[key] = result.looks
        if result.unanswered:
            self.unanswered[key] = result.unanswered

    def keep_only(self, keys: Iterable[str]) -> None:
        """Forget what is not among the keys, and keep the rest in their order."""
        self.values = {key: self.values[key] for key in keys}
        self.looks = {key: looks for key, looks in self.looks.items() if key in self.values}
        self.unanswered = {key: asked for key, asked in self.unanswered.items() if key in self.values}


class Memory:
    """The results of one analysis, for the next."""

    def __init__(self) -> None:
        self._results: dict[Hashable, _Result] = {}
        self._families: dict[str, _Family] = {}
        self._seen: dict[Look, object] = {}
        """What the kept results have seen, all of them the same: what has seen something else is dropped."""
        self._looking: list[_Result] = []
        self._inputs: Inputs | None = None
        self._analysis = 0

    def begin(self, inputs: Inputs, *, anew: bool = False) -> None:
        """The next analysis begins, of these inputs. `anew`: nothing that is kept is good for it."""
        before, self._inputs = self._inputs, inputs
        self._analysis += 1
        self._looking = []
        changed = set() if anew else inputs.changed_since(before, self._seen)
        if anew:
            self._results, self._families, self._seen = {}, {}, {}
        elif changed or self._analysis % LONGEST_KEPT == 0:
            self._drop(changed)

    def recall(self, key: Hashable, work: Callable[..., T], *basis: object) -> T:
        """What `work` makes of the basis: what is kept under `key`, or else done again. A key stands for one work."""
        result = self._results.get(key)
        if result is None or result.basis != basis:
            result = self._results[key] = self._do(work, basis)
        result.asked = self._analysis
        self._note(result)
        value: T = result.value
        return value

    def recall_each(self, family: str, work: Callable[..., T], bases: Mapping[str, tuple[object, ...]]) -> dict[str, T]:
        """What `work` makes of each of the bases, which are many. What is not among them any more is forgotten.

        Not within other work: that would not be told of the looks. The caller leaves the answer as it is.
        """
        kept = self._families.setdefault(family, _Family())
        before, known = kept.bases, kept.values
        # Bases that are equal are mostly the same objects, and those that are given now are so at the next edit, too.
        changed = [key for key, basis in bases.items() if key not in known or before[key] != basis]
        kept.bases = bases
        if changed:
            kept.values = dict(known)  # What was given out stays as it was.
        for key in changed:
            kept.put(key, self._do(work, bases[key]))
        if list(kept.values) != list(bases):
            kept.keep_only(bases)
        return kept.values

    def same(self, key: Hashable, value: T, told: object) -> T:
        """The value that is kept under `key`, if it was told by the same: then all that rests on it is seen to be good.

        `told` is what two values that are alike for all others have in common.
        """
        return self.recall(key, lambda _told: value, told)

    def unanswered(self) -> Iterator[Question]:
        """What the work of this analysis has asked in vain, the work included that was not done again."""
        of_many = (asked for family in self._families.values() for asked in family.unanswered.values())
        return chain.from_iterable(chain((result.unanswered for result in self._looking), of_many))

    def _do(self, work: Callable[..., object], basis: tuple[object, ...]) -> _Result:
        assert self._inputs is not None, "an analysis begins first"  # noqa: S101
        value, looks = self._inputs.notes.of(work, *basis)
        self._seen.update(looks)
        return _Result(basis, value, looks, tuple(unanswered(looks)), self._analysis)

    def _note(self, result: _Result) -> None:
        """Whoever asks for a result has looked where it did."""
        if result.looks and self._inputs is not None:
            if result.unanswered:
                self._looking.append(result)
            self._inputs.notes.add(result.looks)

    def _drop(self, changed: set[Look]) -> None:
        """Forget what has seen something that is different now, and what nobody has asked for in a long time."""
        oldest = self._analysis - LONGEST_KEPT
        self._results = {
            key: each for key, each in self._results.items() if each.asked >= oldest and changed.isdisjoint(each.looks)
        }
        for family in self._families.values():
            stale = {key for key, looks in family.looks.items() if not changed.isdisjoint(looks)}
            if stale:
                family.keep_only([key for key in family.values if key not in stale])
        of_many = (looks for family in self._families.values() for looks in family.looks.values())
        kept = chain((each.looks for each in self._results.values()), of_many)
        self._seen = {look: seen for looks in kept for look, seen in looks.items()}
