"""Results of earlier work, kept for as long as what they rest on is the same.

A result rests on its basis, the values that it is made from, and on what was looked at while it was made (see
`inputs`). Work is a function of these and of nothing else, so a result that is kept is the one that doing the work
again would give. That is the whole invariant; the property test of `incremental` holds every kind of work to it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, compress, count
from operator import is_not
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

    Most of them stay what they are at an edit. So what they rest on is kept in columns, which are compared as a whole.
    """

    keys: list[str] = field(default_factory=list)
    columns: tuple[list[object], ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    looks: dict[str, Looks] = field(default_factory=dict)
    """Only of work that has looked at something."""
    unanswered: dict[str, tuple[Question, ...]] = field(default_factory=dict)
    """Only of work that has asked in vain."""
    asked: frozenset[Question] = frozenset()
    """All that was asked in vain."""

    def changed(self, keys: list[str], columns: tuple[list[object], ...]) -> Iterator[tuple[str, tuple[object, ...]]]:
        """The keys that have no result for what they rest on now, with that."""
        if keys and keys == self.keys:
            rows = [row for new, old in zip(columns, self.columns, strict=True) for row in _unlike(new, old)]
            if len(self.values) < len(keys):  # What has seen something else by now is forgotten.
                rows += [at for at, key in enumerate(keys) if key not in self.values]
            rows = sorted(set(rows))
            before = {keys[at]: tuple([column[at] for column in self.columns]) for at in rows}
        else:
            rows = [*range(len(keys))]
            before = dict(zip(self.keys, zip(*self.columns, strict=True), strict=True))
        for at in rows:
            key, basis = keys[at], tuple([column[at] for column in columns])
            if key not in self.values or before[key] != basis:
                yield key, basis

    def put(self, results: Mapping[str, _Result], keys: list[str]) -> None:
        """Keep these results, and of the others those of the keys, in their order."""
        self.values = self.values | {key: result.value for key, result in results.items()}  # What was given out stays.
        asks_otherwise = False
        for key, result in results.items():
            asks_otherwise |= self.unanswered.get(key, ()) != result.unanswered
            _keep(self.looks, key, result.looks)
            _keep(self.unanswered, key, result.unanswered)
        if list(self.values) != keys:
            self.keep_only(keys)
        elif asks_otherwise:
            self.asked = frozenset(chain.from_iterable(self.unanswered.values()))

    def keep_only(self, keys: Iterable[str]) -> None:
        """Forget what is not among the keys, and keep the rest in their order."""
        self.values = {key: self.values[key] for key in keys}
        self.looks = {key: looks for key, looks in self.looks.items() if key in self.values}
        self.unanswered = {key: asked for key, asked in self.unanswered.items() if key in self.values}
        self.asked = frozenset(chain.from_iterable(self.unanswered.values()))


def _keep(kept: dict[str, T], key: str, value: T) -> None:
    """Keep what is not empty."""
    if value:
        kept[key] = value
    else:
        kept.pop(key, None)


def _unlike(new: list[object], old: list[object]) -> Iterator[int]:
    """Where two columns hold different objects: equal ones are mostly the same."""
    return compress(count(), map(is_not, new, old))


class Memory:
    """The results of one analysis, for the next."""

    def __init__(self) -> None:
        self._results: dict[Hashable, _Result] = {}
        self._families: dict[str, _Family] = {}
        self._seen: dict[str, dict[Look, object]] = {}
        """What the kept results have seen, by kind, all of them the same: what has seen something else is dropped."""
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

    def recall_each(
        self, family: str, work: Callable[..., T], keys: Iterable[str], *columns: Iterable[object]
    ) -> dict[str, T]:
        """What `work` makes for each key of what stands for it in the columns; the keys are many, and unique.

        What is not among them any more is forgotten. Not within other work: that would not be told of the looks. The
        caller leaves the answer as it is.
        """
        kept = self._families.setdefault(family, _Family())
        names, bases = list(keys), tuple([list(column) for column in columns])
        results = {key: self._do(work, basis) for key, basis in kept.changed(names, bases)}
        if results or names != kept.keys:
            kept.put(results, names)
        # Also where nothing is different: what is equal now is to be the same object the next time.
        kept.keys, kept.columns = names, bases
        return kept.values

    def same(self, key: Hashable, value: T, told: object) -> T:
        """The value that is kept under `key`, if it was told by the same: then all that rests on it is seen to be good.

        `told` is what two values that are alike for all others have in common.
        """
        return self.recall(key, lambda _told: value, told)

    def unanswered(self) -> frozenset[Question]:
        """What the work of this analysis has asked in vain, the work included that was not done again."""
        single = chain.from_iterable([result.unanswered for result in self._looking])
        return frozenset(single).union(*[family.asked for family in self._families.values()])

    def _do(self, work: Callable[..., object], basis: tuple[object, ...]) -> _Result:
        assert self._inputs is not None, "an analysis begins first"  # noqa: S101
        value, looks = self._inputs.notes.of(work, *basis)
        self._see(looks)
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
        self._seen = {}
        for looks in kept:
            self._see(looks)

    def _see(self, looks: Looks) -> None:
        for look, seen in looks.items():
            self._seen.setdefault(look[0], {})[look] = seen
