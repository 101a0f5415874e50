"""Results of earlier work, kept for as long as what they rest on is the same.

A result rests on its basis, the values that it is made from, and on what was looked at while it was made (see
`inputs`). Work is a function of these and of nothing else, so a result that is kept is the one that doing the work
again would give. That is the whole invariant; the property test of `incremental` holds every kind of work to it.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from agent_server.analysis.columns import Column
from agent_server.analysis.inputs import Inputs, Look, Looks, unanswered
from agent_server.analysis.questions import Question

T = TypeVar("T")

Recall: TypeAlias = Callable[..., Any]
"""`Memory.recall`, or something that remembers nothing."""


def do(_key: Hashable, work: Callable[..., T], *basis: object) -> T:
    """What `work` makes of the basis, without any memory."""
    return work(*basis)


Checkpoint: TypeAlias = Callable[[], None]
"""Called in the middle of work, again and again; it may raise to end it."""


def go_on() -> None:
    """The checkpoint that lets everything pass."""


_Looker: TypeAlias = tuple[str | None, Hashable]
"""The family and the task of a result that has looked, or None and its key."""

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
    """The results of one kind of work for all tasks, and the columns that they are made from."""

    basis: tuple[Column[Any], ...]
    results: Column[Any]
    looks: dict[str, Looks] = field(default_factory=dict)
    """Only of work that has looked at something."""
    unanswered: dict[str, tuple[Question, ...]] = field(default_factory=dict)
    """Only of work that has asked in vain."""
    asked: frozenset[Question] = frozenset()
    """All that was asked in vain."""
    stale: set[str] = field(default_factory=set)
    """The tasks whose results are no good any more, or were never worked out."""

    @classmethod
    def of(cls, basis: tuple[Column[Any], ...]) -> "_Family":
        """Nothing was worked out yet."""
        rows = basis[0].rows
        return cls(basis, Column(rows, [None] * len(rows)), stale=set(rows))

    def over(self, basis: tuple[Column[Any], ...]) -> "_Family":
        """The same results over columns of other tasks; what is new among them is stale."""
        rows, known = basis[0].rows, self.results.rows
        if rows is known:
            return self
        unanswered = {name: asked for name, asked in self.unanswered.items() if name in rows}
        return _Family(
            basis=tuple([column.over(rows, None) for column in self.basis]),
            results=self.results.over(rows, None),
            looks={name: looks for name, looks in self.looks.items() if name in rows},
            unanswered=unanswered,
            asked=frozenset(chain.from_iterable(unanswered.values())),
            stale={name for name in rows if name not in known or name in self.stale},
        )

    def begin(self, basis: tuple[Column[Any], ...]) -> list[tuple[str, tuple[object, ...]]]:
        """The tasks that have no result for what they rest on now, with that; until they are `put`, they are stale."""
        rows = {row for new, old in zip(basis, self.basis, strict=True) for row in new.changed_since(old)}
        names = list(self.results.rows) if rows else []
        wanted = []
        for name in sorted({names[row] for row in rows} | self.stale, key=self.results.rows.__getitem__):
            cells = tuple([column[name] for column in basis])
            if name in self.stale or cells != tuple([column[name] for column in self.basis]):
                wanted.append((name, cells))
        # Also where nothing is different: what is equal now is to be the same object the next time.
        self.basis = basis
        self.stale.update(name for name, _ in wanted)
        return wanted

    def put(self, results: Mapping[str, _Result]) -> None:
        """Keep these results."""
        rows = self.results.rows
        self.results = self.results.replaced({rows[name]: result.value for name, result in results.items()})
        asks_otherwise = False
        for name, result in results.items():
            asks_otherwise |= self.unanswered.get(name, ()) != result.unanswered
            _keep(self.looks, name, result.looks)
            _keep(self.unanswered, name, result.unanswered)
        self.stale.difference_update(results)
        if asks_otherwise:
            self.asked = frozenset(chain.from_iterable(self.unanswered.values()))

    def forget(self, name: str) -> None:
        """What was worked out for a task is no good any more."""
        if name in self.results.rows:
            self.stale.add(name)
            self.looks.pop(name, None)


@dataclass(slots=True)
class _Derived:
    """What follows for all tasks from the cells of columns, and from nothing else."""

    basis: tuple[Column[Any], ...]
    results: Column[Any]

    @classmethod
    def of(cls, work: Callable[..., object], basis: tuple[Column[Any], ...]) -> "_Derived":
        """Nothing was worked out yet."""
        return cls(basis, Column(basis[0].rows, [*map(work, *[column.cells for column in basis])]))

    def followed_by(self, work: Callable[..., object], basis: tuple[Column[Any], ...]) -> "_Derived":
        """What follows from these columns, which are mostly the same."""
        rows, before, results = basis[0].rows, self.basis, self.results
        if rows is not results.rows:
            before = tuple([column.over(rows, _UNKNOWN) for column in before])
            results = results.over(rows, _UNKNOWN)
        changed = {row for new, old in zip(basis, before, strict=True) for row in new.changed_since(old)}
        cells = [column.cells for column in basis]
        return _Derived(basis, results.replaced({row: work(*[each[row] for each in cells]) for row in changed}))


_UNKNOWN = object()
"""The cell of a task that there was not; no other cell is the same."""


def _keep(kept: dict[str, T], key: str, value: T) -> None:
    """Keep what is not empty."""
    if value:
        kept[key] = value
    else:
        kept.pop(key, None)


class Memory:
    """The results of one analysis, for the next."""

    def __init__(self) -> None:
        self._results: dict[Hashable, _Result] = {}
        self._families: dict[str, _Family] = {}
        self._derived: dict[str, _Derived] = {}
        self._seen: dict[str, dict[Look, object]] = {}
        """What the kept results have seen, by kind, all of them the same: what has seen something else is dropped."""
        self._lookers: dict[Look, set[_Looker]] = {}
        self._looking: list[_Result] = []
        self._inputs: Inputs | None = None
        self._ground: object = None
        self._checkpoint: Checkpoint = go_on
        self._analysis = 0

    def begin(self, inputs: Inputs, ground: object, checkpoint: Checkpoint = go_on) -> None:
        """The next analysis begins, of these inputs. Nothing that is kept is good for it on another `ground`.

        `checkpoint` is called before each piece of work for a task, and may raise to abandon the analysis. What was
        worked out by then is kept.
        """
        before, self._inputs = self._inputs, inputs
        anew, self._ground = ground != self._ground, ground
        self._checkpoint = checkpoint
        self._analysis += 1
        self._looking = []
        if anew:
            self._results, self._families, self._derived, self._seen, self._lookers = {}, {}, {}, {}, {}
            return
        self._drop(inputs.changed_since(before, self._seen))
        if self._analysis % LONGEST_KEPT == 0:
            self._tidy()

    def recall(self, key: Hashable, work: Callable[..., T], *basis: object) -> T:
        """What `work` makes of the basis: what is kept under `key`, or else done again. A key stands for one work."""
        result = self._results.get(key)
        if result is None or result.basis != basis:
            result = self._results[key] = self._do(work, basis)
            self._see(result.looks, (None, key))
        result.asked = self._analysis
        self._note(result)
        value: T = result.value
        return value

    def recall_each(self, family: str, work: Callable[..., T], *basis: Column[Any]) -> Column[T]:
        """What `work` makes for each task of its cells in the columns, all of which are of the same tasks.

        What belongs to no task any more is forgotten. Not within other work: that would not be told of the looks.
        """
        known = self._families.get(family)
        kept = self._families[family] = _Family.of(basis) if known is None else known.over(basis)
        wanted = kept.begin(basis)
        results: dict[str, _Result] = {}
        try:
            for name, cells in wanted:
                self._checkpoint()
                results[name] = self._do(work, cells)
                self._see(results[name].looks, (family, name))
        finally:
            kept.put(results)
        return kept.results

    def derive_each(self, family: str, work: Callable[..., T], *basis: Column[Any]) -> Column[T]:
        """The same for work that is done in no time and looks at nothing but its cells: so there is less to keep."""
        known = self._derived.get(family)
        kept = _Derived.of(work, basis) if known is None else known.followed_by(work, basis)
        self._derived[family] = kept
        return kept.results

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
        return _Result(basis, value, looks, tuple(unanswered(looks)), self._analysis)

    def _note(self, result: _Result) -> None:
        """Whoever asks for a result has looked where it did."""
        if result.looks and self._inputs is not None:
            if result.unanswered:
                self._looking.append(result)
            self._inputs.notes.add(result.looks)

    def _drop(self, changed: set[Look]) -> None:
        """Forget what has seen something that is different now."""
        for look in changed:
            del self._seen[look[0]][look]
            for family, key in self._lookers.pop(look):
                if family is None:
                    self._results.pop(key, None)
                else:
                    self._families[family].forget(str(key))

    def _tidy(self) -> None:
        """Forget what nobody has asked for in a long time, and what only such work has seen."""
        oldest = self._analysis - LONGEST_KEPT
        self._results = {key: each for key, each in self._results.items() if each.asked >= oldest}
        self._seen, self._lookers = {}, {}
        for key, result in self._results.items():
            self._see(result.looks, (None, key))
        for name, family in self._families.items():
            for task, looks in family.looks.items():
                self._see(looks, (name, task))

    def _see(self, looks: Looks, looker: _Looker) -> None:
        for look, seen in looks.items():
            self._seen.setdefault(look[0], {})[look] = seen
            self._lookers.setdefault(look, set()).add(looker)
