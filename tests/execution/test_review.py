"""Reviewing file by file and hunk by hunk: what is left is what Git makes of the same choice."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, change_set, content_of, fingerprint
from agent_server.execution.changes.line_differences import differences
from agent_server.execution.changes.patches import lines_changed, patch
from agent_server.execution.changes.review import Hunk, applied, between, hunks, only, without
from tests.execution.trees import Link, Program, Tree, plant, read

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"}\n", b"c\r\n", b"d\r", b"--- x\n", b"\xff\n"]), max_size=30)
TEXTS = st.builds(lambda lines, last: b"".join(lines) + last, LINES, st.sampled_from([b"", b"end", b"\r", b"a"]))


def edited(text: bytes, cuts: list[tuple[int, bytes]]) -> bytes:
    """The text with some of its lines replaced: an edit that leaves most as it was."""
    lines = text.splitlines(keepends=True)
    for place, line in cuts:
        if lines:
            lines[place % len(lines)] = line
    return b"".join(lines)


EDITS = st.lists(st.tuples(st.integers(0, 99), st.sampled_from([b"", b"new\n", b"new\nnewer\n", b"a\n"])), max_size=6)
LONG = st.builds(
    lambda number, last: b"".join(b"%d\n" % (n % 17) for n in range(number)) + last,
    st.integers(0, 90),
    st.sampled_from([b"", b"end"]),
)


def of(root: Path, old: Tree, new: Tree) -> dict[str, Change]:
    base, after = plant(root / "base", old), plant(root / "after", new)
    now = {path: after / path if path in new else None for path in {*old, *new}}
    return {change.path: change for change in change_set(base, now, root / "store")}


def modified(root: Path, old: bytes, new: bytes) -> Change:
    (root / "base").mkdir()
    (root / "base/x").write_bytes(old)
    (root / "new").write_bytes(new)
    (change,) = change_set(root / "base", {"x": root / "new"}, root / "store")
    return change


@given(TEXTS, TEXTS)
def test_all_hunks_give_the_new_text_and_none_the_old(old: bytes, new: bytes) -> None:
    found = between(old, new)
    assert applied(old, found) == new
    assert applied(old, ()) == old
    assert (not found) == (old == new)


@given(LONG, EDITS)
def test_hunks_are_in_order_apart_and_say_what_stands_on_both_sides(old: bytes, edits: list[tuple[int, bytes]]) -> None:
    new = edited(old, edits)
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    end = 0
    for hunk in between(old, new):
        assert hunk.old_start >= end
        end = hunk.old_end
        assert [line[1:] for line in hunk.lines if line[:1] != b"+"] == before[hunk.old_start : hunk.old_end]
        assert [line[1:] for line in hunk.lines if line[:1] != b"-"] == after[hunk.new_start : hunk.new_end]


@settings(max_examples=60, deadline=None)
@given(old=LONG, edits=EDITS, data=st.data())
def test_any_choice_of_hunks_is_what_git_apply_makes_of_it(
    old: bytes, edits: list[tuple[int, bytes]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    new = edited(old, edits)
    if old == new:
        return
    folder = tmp_path_factory.mktemp("choice")
    change = modified(folder, old, new)
    found = hunks(change)
    dropped = data.draw(st.sets(st.sampled_from(found)))
    left = without(change, dropped, folder / "left")
    if left is None:
        assert dropped == set(found)
        return
    (folder / "x").write_bytes(old)
    chosen = patch(change, [hunk for hunk in found if hunk not in dropped])
    subprocess.run(["git", "apply", "-"], cwd=folder, input=chosen, check=True)
    assert (folder / "x").read_bytes() == content_of(left)


def test_the_fewest_edits_are_found_where_no_line_is_unique() -> None:
    old = [b"a\n", b"b\n", b"a\n", b"b\n"]
    assert (
        sum(each.new_end - each.new_start for each in differences(old, [b"b\n", b"a\n", b"a\n", b"b\n", b"b\n"])) == 2
    )


def test_texts_without_an_anchor_and_too_far_apart_are_one_hunk() -> None:
    old = b"".join(b"%d\n" % (number * 7 % 10) for number in range(3_000))
    new = b"".join(b"%d\n" % (number * 3 % 11) for number in range(3_000))
    (hunk,) = between(old, new)
    assert applied(old, [hunk]) == new


def test_changes_that_are_near_share_a_hunk_and_others_do_not(tmp_path: Path) -> None:
    lines = [b"%d\n" % number for number in range(30)]
    near = edited(b"".join(lines), [(10, b"x\n"), (17, b"y\n")])
    far = edited(b"".join(lines), [(10, b"x\n"), (18, b"y\n")])
    assert [(hunk.old_start, hunk.old_end) for hunk in between(b"".join(lines), near)] == [(7, 21)]
    assert [(hunk.old_start, hunk.old_end) for hunk in between(b"".join(lines), far)] == [(7, 14), (15, 22)]


def test_a_file_of_which_every_hunk_is_dropped_is_no_change(tmp_path: Path) -> None:
    found = of(tmp_path, {"old": "a\n", "gone": "b\n"}, {"old": Program("c\n"), "new": "d\n"})
    for change in found.values():
        assert without(change, hunks(change), tmp_path / "left") is None
        assert without(change, (), tmp_path / "left") == change


def test_what_is_left_of_a_change_keeps_its_mode_and_its_base(tmp_path: Path) -> None:
    text = "".join(f"{number}\n" for number in range(40))
    new = Program(text.replace("5\n", "five\n", 1).replace("39\n", ""))
    change = of(tmp_path, {"x": text}, {"x": new})["x"]
    first, last = hunks(change)
    left = without(change, [first], tmp_path / "left")
    assert left is not None
    assert (left.type, left.base, left.before) == (FileType.EXECUTABLE, change.base, change.before)
    assert content_of(left) == text.replace("39\n", "").encode()
    assert left.new == fingerprint(plant(tmp_path, {"y": Program(text.replace("39\n", ""))}) / "y")
    assert [hunk.lines for hunk in hunks(left)] == [last.lines]


def test_a_deletion_is_one_hunk(tmp_path: Path) -> None:
    change = of(tmp_path, {"x": "1\n" * 1_000}, {})["x"]
    assert change.kind is ChangeKind.DELETE
    assert len(hunks(change)) == 1


def test_what_has_no_lines_has_no_hunks(tmp_path: Path) -> None:
    old: Tree = {"link": Link("a"), "bin": "a\0b", "mode": "same\n", "becomes": "a\n", "was": Link("a")}
    new: Tree = {
        "link": Link("b"),
        "bin": "a\0c",
        "mode": Program("same\n"),
        "becomes": Link("a\n"),
        "was": "a\n",
        "empty": "",
    }
    found = of(tmp_path, old, new)
    assert found.keys() == {*old, *new}
    assert [path for path, change in found.items() if hunks(change)] == []


def test_a_hunk_of_another_change_is_refused(tmp_path: Path) -> None:
    change = modified(tmp_path, b"a\n", b"b\n")
    with pytest.raises(ValueError, match="`x` has no such hunk"):
        without(change, [Hunk(0, 1, 0, 1, (b"-other\n",))], tmp_path / "left")


def test_only_takes_the_files_that_are_named(tmp_path: Path) -> None:
    found = of(tmp_path, {}, {"a": "1", "b": "2", "c": "3"})
    assert [change.path for change in only(tuple(found.values()), {"c", "a", "z"})] == ["a", "c"]


def test_git_takes_the_patches_of_all_kinds_of_changes(tmp_path: Path) -> None:
    old: Tree = {
        "modified": "a\r\nb\r\nc",
        "gone": "x\n",
        "mode": "same\n",
        "mode and text": Program("1\n"),
        "link": Link("a"),
        "becomes link": "text\n",
        "was link": Link("b"),
        'odd\t"n\u00e4me"\\': "1\n",
    }
    new: Tree = {
        "modified": "a\r\nB\r\nc\n",
        "mode": Program("same\n"),
        "mode and text": "2\n",
        "link": Link("b"),
        "becomes link": Link("text"),
        "was link": "text\n",
        'odd\t"n\u00e4me"\\': "2\n",
        "new/empty": "",
        "new/program": Program("#!\n"),
        "new/link": Link("x"),
    }
    found = of(tmp_path, old, new)
    place = plant(tmp_path / "place", old)
    told = b"".join(patch(change) for change in found.values())
    subprocess.run(["git", "apply", "-"], cwd=place, input=told, check=True)
    assert read(place) == new


def test_a_patch_names_what_it_cannot_show(tmp_path: Path) -> None:
    change = of(tmp_path, {"bin": "a\0"}, {"bin": "b\0"})["bin"]
    assert patch(change) == b"diff --git a/bin b/bin\nBinary files a/bin and b/bin differ\n"
    unkept = Change("x", ChangeKind.DELETE, FileType.FILE, "file-0", None, None)
    assert patch(unkept).endswith(b"deleted file mode 100644\nWhat stood here before was not kept.\n")


def test_lines_that_come_and_go_are_counted() -> None:
    assert lines_changed(between(b"a\nb\nc\n", b"a\nB\nC\nc\nd\n")) == (3, 1)
