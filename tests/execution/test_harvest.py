"""What of the agents' changes goes on together."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.changes.harvest import Harvest, OverlapError, combine


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


def step(path: str, base: str | None, new: str | None) -> Change:
    kind = ChangeKind.DELETE if new is None else ChangeKind.CREATE if base is None else ChangeKind.MODIFY
    place = Path(new) if new else None
    return Change(path, kind, FileType.FILE, base, new, place, Path(base) if base else None)


def combined(after: Mapping[str, tuple[str, ...]], **tasks: Change) -> tuple[Change, ...]:
    return combine({name: Harvest((each,), ()) for name, each in tasks.items()}, after)


AFTER = {"c": ("b",), "b": ("a",)}


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ((None, "file-1"), ("file-1", "file-2"), (None, "file-2")),
        (("file-0", "file-1"), ("file-1", "file-2"), ("file-0", "file-2")),
        (("file-0", "file-1"), ("file-1", None), ("file-0", None)),
        (("file-0", None), (None, "file-2"), ("file-0", "file-2")),
        (("file-0", "file-1"), ("file-1", "file-0"), None),
        ((None, "file-1"), ("file-1", None), None),
    ],
)
def test_who_saw_the_others_work_goes_on_from_there(
    first: tuple[str | None, str | None], second: tuple[str | None, str | None], joined: tuple[str | None, str | None]
) -> None:
    expected = () if joined is None else (step("x", *joined),)
    assert combined(AFTER, c=step("x", *second), a=step("x", *first)) == expected


def test_who_started_from_something_else_does_not_fit() -> None:
    with pytest.raises(OverlapError):
        combined(AFTER, a=step("x", None, "file-1"), c=step("x", "file-0", "file-2"))
    with pytest.raises(OverlapError):
        combined({}, a=step("x", None, "file-1"), c=step("x", "file-1", "file-2"))


def test_a_file_that_was_made_may_make_room_for_a_later_directory() -> None:
    made, removed = step("x", None, "file-1"), step("x", "file-1", None)
    harvests = {"a": Harvest((made,), ()), "b": Harvest((removed, step("x/y", None, "file-2")), ())}
    assert combine(harvests, {"b": ("a",)}) == (step("x/y", None, "file-2"),)
