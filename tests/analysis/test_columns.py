"""Columns that know where they differ from the ones before."""

from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.columns import Column
from agent_server.plan.text import Span

ROWS = {"a": 0, "b": 1, "c": 2}
STEPS = st.lists(st.dictionaries(st.sampled_from(range(3)), st.text(max_size=2)), max_size=6)


@given(STEPS)
def test_a_column_tells_where_it_differs_from_any_before_it(steps: list[dict[int, str]]) -> None:
    versions = [Column(ROWS, ["", "x", "yy"])]
    for cells in steps:
        versions.append(versions[-1].replaced(cells))
    for at, before in enumerate(versions):
        for after in versions[at:]:
            different = {row for row in range(3) if after.cells[row] is not before.cells[row]}
            assert different <= set(after.changed_since(before)) <= set(range(3))
            assert (after == before) is (list(after.cells) == list(before.cells))


def test_equal_cells_make_no_other_column() -> None:
    column = Column(ROWS, [Span(0, 1), Span(1, 2), Span(2, 3)])
    assert column.replaced({0: Span(0, 1), 2: Span(2, 3)}) is column


def test_a_column_is_read_by_ids_over_whatever_tasks() -> None:
    column = Column(ROWS, ["one", "two", "three"]).over({"c": 0, "new": 1}, "none")
    assert dict(column) == {"c": "three", "new": "none"}
    assert list(column.values()) == ["three", "none"]
    assert list(column.items()) == [("c", "three"), ("new", "none")]
