"""What of the agents' changes goes on together."""

import pytest

from agent_server.execution.changes import Change, ChangeKind, FileType
from agent_server.execution.harvest import Harvest, OverlapError, combine


def change(path: str, kind: ChangeKind = ChangeKind.CREATE) -> Change:
    return Change(path, kind, FileType.FILE, None, None, None)


def test_changes_of_different_files_are_combined_in_order() -> None:
    combined = combine({"a": Harvest((change("z"),), ()), "b": Harvest((change("x/y"), change("y")), (change("z"),))})
    assert [each.path for each in combined] == ["x/y", "y", "z"]


@pytest.mark.parametrize(("one", "other"), [("x", "x"), ("x", "x/y"), ("x/y/z", "x")])
def test_two_tasks_cannot_have_one_path_nor_one_a_file_where_the_other_has_a_directory(one: str, other: str) -> None:
    with pytest.raises(OverlapError, match=r"`[ab]` and `[ab]` both changed `x"):
        combine({"a": Harvest((change(one),), ()), "b": Harvest((change(other),), ())})


def test_a_file_may_make_room_for_anothers_directory() -> None:
    assert combine({"a": Harvest((change("x", ChangeKind.DELETE),), ()), "b": Harvest((change("x/y"),), ())})
