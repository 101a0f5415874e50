"""Values that hold places in a text, moved along with the text without touching each place.

An edit shifts all that stands behind it: of a plan with a thousand tasks, ten thousand offsets at every key. Most of
them nobody reads before the next key. So a moved value remembers only what it was and how far it moved, and works out
each of its attributes when it is first read. It equals the value that was built in its new place, attribute by
attribute.

What is worked out late is worked out from values that never change. So threads may ask for it at the same time: at
worst both do the work, and get equal values.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, overload

from agent_server.plan.text import Span

T = TypeVar("T")


class Movable:
    """The base of frozen dataclasses with slots whose attributes hold places.

    `FIXED` names the attributes that hold none and are read for every value, `ELSEWHERE` those whose places lie in
    another section of the text than the rest, and may so have moved by another length.
    """

    __slots__ = ("moved_from",)
    FIXED: ClassVar[tuple[str, ...]] = ()
    ELSEWHERE: ClassVar[frozenset[str]] = frozenset()

    moved_from: tuple[Any, int, int]
    """What it was, and how far it has moved from there. Only a moved value has it."""

    if not TYPE_CHECKING:  # A type checker would take it for an answer to every name.

        def __getattr__(self, name: str) -> Any:
            """Work an attribute out that was not read since the value was moved."""
            if name not in type(self).__match_args__:
                raise AttributeError(f"{type(self).__name__} has no attribute {name}")
            origin, by, elsewhere = self.moved_from
            value = moved(getattr(origin, name), elsewhere if name in self.ELSEWHERE else by)
            object.__setattr__(self, name, value)
            return value


def moved(value: T, by: int, elsewhere: int | None = None) -> T:
    """The value `by` code points further down in its text; places `ELSEWHERE`, where given, by as much as that.

    Tuples move item by item. What holds no place comes back as it is.
    """
    there = by if elsewhere is None else elsewhere
    if not by and not there:
        return value
    result: Any = value
    if isinstance(value, Movable):
        result = _later(value, by, there)
    elif isinstance(value, Span):
        result = Span(value.start + by, value.end + by)
    elif isinstance(value, tuple):
        result = tuple([moved(item, by, there) for item in value])
    same: T = result
    return same


_moves_of = Movable.__dict__["moved_from"].__get__
"""Reads the slot, without asking `__getattr__` where it is empty."""


def _later(value: Movable, by: int, elsewhere: int) -> Movable:
    """The value, still to be moved; not step by step, where it has been moved before."""
    first: Movable
    try:
        first, already, there = _moves_of(value)
    except AttributeError:
        first = value
    else:
        by, elsewhere = by + already, elsewhere + there
        if not by and not elsewhere:
            return first
    kind = type(value)
    new = object.__new__(kind)
    _set(new, "moved_from", (first, by, elsewhere))
    for name in kind.FIXED:
        _set(new, name, getattr(first, name))
    return new


_set = object.__setattr__


class LazyTuple(Sequence[T]):
    """A tuple that is made when somebody first looks into it."""

    def __init__(self, make: Callable[[], Iterable[T]]) -> None:
        self._make = make

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LazyTuple | tuple) and self._items == tuple(other)

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return repr(self._items)

    @cached_property
    def _items(self) -> tuple[T, ...]:
        return tuple(self._make())


class Placed(Sequence[T]):
    """Values as they were read (`homes`), and how far down in the text each stands: moved when it is first asked for.

    What asks of all values something that is no place asks it of `homes`, which an edit elsewhere leaves as they are.
    """

    def __init__(self, homes: Sequence[T], places: Sequence[int]) -> None:
        self.homes = homes
        self.places = places
        self._made: dict[int, T] = {}

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        if isinstance(index, slice):
            return tuple([self[at] for at in range(len(self))[index]])
        at = range(len(self))[index]
        if at not in self._made:
            self._made[at] = moved(self.homes[at], self.places[at])
        return self._made[at]

    def __len__(self) -> int:
        return len(self.homes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Placed | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class LazyMapping(Mapping[str, T]):
    """A mapping whose values are made when somebody first asks for them, one by one."""

    def __init__(self, keys: Collection[str], make: Callable[[str], T]) -> None:
        self._keys = keys
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, key: str) -> T:
        try:
            return self._made[key]
        except KeyError:
            if key not in self._keys:
                raise
        return self._made.setdefault(key, self._make(key))

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __repr__(self) -> str:
        return repr(dict(self))
