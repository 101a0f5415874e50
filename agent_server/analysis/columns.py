"""What there is of each task of a plan, in columns that know where they differ from the one before.

An edit changes one task of a thousand. So a column is handed from one kind of work to the next together with the rows
in which it is new: what has not changed is seen without looking at it.
"""

from collections.abc import ItemsView, Iterator, Mapping, Sequence, ValuesView
from itertools import compress, count
from operator import is_not
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")

_VERSIONS = count(1)

Rows = Mapping[str, int]
"""The number of each task's row by its id, in the plan's order. As long as the ids stay the same, one object."""


class Column(Mapping[str, T]):
    """One cell for each task, by its id. It is never changed: `replaced` gives another one.

    `version` is equal for no two columns. A column that was made from another one knows that one's version.
    """

    __slots__ = ("_changed", "_origin", "cells", "rows", "version")

    def __init__(self, rows: Rows, cells: Sequence[T]) -> None:
        """A column that was made from no other. `cells` stand in the order of `rows`."""
        self.rows = rows
        self.cells = cells
        self.version = next(_VERSIONS)
        self._origin = 0
        self._changed: Sequence[int] = ()

    def replaced(self, cells: Mapping[int, T]) -> "Column[T]":
        """The column with other cells in these rows. Equal cells stay; where all do, so does the column."""
        new = {row: cell for row, cell in cells.items() if cell is not self.cells[row] and cell != self.cells[row]}
        if not new:
            return self
        copy = list(self.cells)
        for row, cell in new.items():
            copy[row] = cell
        column = Column(self.rows, copy)
        column._origin, column._changed = self.version, tuple(new)
        return column

    def over(self, rows: Rows, empty: U) -> "Column[T | U]":
        """The cells of these tasks, in their order; of those that it does not know, an empty one."""
        places = [*map(self.rows.get, rows)]
        return Column(rows, [empty if row is None else self.cells[row] for row in places])

    def changed_since(self, before: "Column[Any]") -> Iterator[int]:
        """The rows whose cells are not the same objects as in an earlier column of the same rows."""
        if self.version == before.version:
            return iter(())
        if self._origin == before.version:
            return iter(self._changed)
        return unlike(self.cells, before.cells)

    def __getitem__(self, name: str) -> T:
        return self.cells[self.rows[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.cells)

    def __contains__(self, name: object) -> bool:
        return name in self.rows

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Column):
            return self is other or (list(self.rows) == list(other.rows) and list(self.cells) == list(other.cells))
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]  # as of every mapping that is compared by what it holds

    def values(self) -> ValuesView[T]:
        """The cells, without looking each of them up."""
        return _Cells(self)

    def items(self) -> ItemsView[str, T]:
        """The ids with their cells, without looking each of them up."""
        return _NamedCells(self)


class _Cells(ValuesView[T]):
    def __init__(self, column: Column[T]) -> None:
        super().__init__(column)
        self._cells = column.cells

    def __iter__(self) -> Iterator[T]:
        return iter(self._cells)


class _NamedCells(ItemsView[str, T]):
    def __init__(self, column: Column[T]) -> None:
        super().__init__(column)
        self._column = column

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return zip(self._column.rows, self._column.cells, strict=True)


def unlike(new: Sequence[object], old: Sequence[object]) -> Iterator[int]:
    """Where two columns hold different objects: equal ones are mostly the same."""
    return compress(count(), map(is_not, new, old))
