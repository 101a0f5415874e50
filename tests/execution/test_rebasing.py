"""Change sets over a workspace that its user has edited since: merged by Git, or told as conflicts."""

from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, change_set, content_of, fingerprint
from agent_server.execution.changes.rebasing import Conflict, Rebased, rebased
from agent_server.execution.landing.landing import Lander, LandingConflict
from agent_server.execution.sandboxes.isolation import SandboxError
from tests.execution.trees import Link, Program, Tree, clear, plant, read

TEXT = "".join(f"{number}\n" for number in range(20))
OLD: Tree = {"a.txt": TEXT, "run.sh": Program(TEXT), "link": Link("a.txt"), "bin": "x\0y", "gone": "gone\n"}


def lines(**replaced: str) -> str:
    """The text with some lines replaced: `lines(at3="x")`."""
    found = TEXT.splitlines(keepends=True)
    for at, line in replaced.items():
        found[int(at.removeprefix("at"))] = f"{line}\n"
    return "".join(found)


@pytest.fixture
def live(tmp_path: Path) -> Path:
    return plant(tmp_path / "live", OLD)


def changes_to(new: Tree, folder: Path, *gone: str) -> tuple[Change, ...]:
    base, after = plant(folder / "base", OLD), plant(folder / "after", new)
    now: dict[str, Path | None] = {path: after / path for path in new}
    return change_set(base, now | dict.fromkeys(gone), folder / "store")


def test_changes_that_still_fit_are_as_they_were(live: Path, tmp_path: Path) -> None:
    changes = changes_to({"a.txt": "new\n", "link": Link("b"), "made": "1"}, tmp_path, "gone")
    assert rebased(live, changes, tmp_path / "merged") == Rebased(changes)


def test_edits_in_other_lines_are_merged_and_then_land(live: Path, tmp_path: Path) -> None:
    changes = changes_to({"a.txt": lines(at2="agent"), "run.sh": Program(lines(at2="agent"))}, tmp_path)
    mine: Tree = {"a.txt": lines(at15="user"), "run.sh": Program(lines(at15="user"))}
    plant(live, mine)
    with pytest.raises(LandingConflict):
        Lander(live, tmp_path / "landing").land("run", changes)
    found = rebased(live, changes, tmp_path / "merged")
    assert (found.merged, found.conflicts) == (("a.txt", "run.sh"), ())
    assert [each.base for each in found.changes] == [fingerprint(live / path) for path in ("a.txt", "run.sh")]
    assert [each.before.read_text() for each in found.changes if each.before] == [lines(at15="user")] * 2
    Lander(live, tmp_path / "landing").land("run", found.changes)
    both = lines(at2="agent", at15="user")
    assert read(live) == {**OLD, "a.txt": both, "run.sh": Program(both)}


def test_line_ends_and_a_last_line_without_one_survive_a_merge(live: Path, tmp_path: Path) -> None:
    text = TEXT.replace("\n", "\r\n").removesuffix("\r\n")
    base = plant(tmp_path / "base", {"x": text})
    after = plant(tmp_path / "after", {"x": text.replace("3\r\n", "three\r\n", 1)})
    changes = change_set(base, {"x": after / "x"}, tmp_path / "store")
    plant(live, {"x": text.replace("16\r\n", "sixteen\r\n")})
    (change,) = rebased(live, changes, tmp_path / "merged").changes
    assert content_of(change).decode() == text.replace("3\r\n", "three\r\n", 1).replace("16\r\n", "sixteen\r\n")


def test_what_the_user_did_too_is_left_out(live: Path, tmp_path: Path) -> None:
    changes = changes_to({"a.txt": lines(at2="agent"), "made": "1", "link": Link("b")}, tmp_path, "gone")
    plant(live, {"a.txt": lines(at2="agent"), "made": "1", "link": Link("b")})
    clear(live, "gone")
    assert rebased(live, changes, tmp_path / "merged") == Rebased(())
    plant(live, {"a.txt": lines(at2="agent", at15="user")})
    assert rebased(live, changes, tmp_path / "merged") == Rebased(())


CONFLICTS: dict[str, tuple[Tree, Tree, str]] = {
    "the same lines": ({"a.txt": lines(at2="agent")}, {"a.txt": lines(at2="user")}, "in the same lines"),
    "no text": ({"bin": "x\0z"}, {"bin": "x\0w"}, "no text"),
    "links": ({"link": Link("b")}, {"link": Link("c")}, "link"),
    "a link now": ({"a.txt": lines(at2="agent")}, {"a.txt": Link("b")}, "link"),
    "another mode": ({"a.txt": lines(at2="agent")}, {"a.txt": Program(lines(at15="user"))}, "another mode"),
    "its mode": ({"a.txt": Program(TEXT)}, {"a.txt": lines(at15="user")}, "another mode"),
    "a folder now": ({"a.txt": lines(at2="agent")}, {"a.txt/inner": "x"}, "another mode"),
    "both made it": ({"made": "1"}, {"made": "2"}, "made by somebody else"),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_everything_else_is_a_conflict(case: str, live: Path, tmp_path: Path) -> None:
    agent, user, why = CONFLICTS[case]
    (path,) = agent
    changes = changes_to({**agent, "other": "fits\n"}, tmp_path)
    clear(live, path)
    plant(live, user)
    before = read(live)
    found = rebased(live, changes, tmp_path / "merged")
    assert [conflict.path for conflict in found.conflicts] == [path]
    assert why in found.conflicts[0].why
    assert [change.path for change in found.changes] == ["other"]
    assert read(live) == before


def test_deleting_on_one_side_and_changing_on_the_other_is_a_conflict(live: Path, tmp_path: Path) -> None:
    changes = changes_to({"a.txt": lines(at2="agent")}, tmp_path, "gone")
    clear(live, "a.txt")
    plant(live, {"gone": "the user's\n"})
    assert rebased(live, changes, tmp_path / "merged").conflicts == (
        Conflict("a.txt", "was deleted since the wave began"),
        Conflict("gone", "changed since the wave began, and was to be deleted"),
    )


def test_without_git_nothing_is_merged_and_that_is_told(
    live: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = changes_to({"a.txt": lines(at2="agent")}, tmp_path)
    plant(live, {"a.txt": lines(at15="user")})
    monkeypatch.setenv("PATH", str(tmp_path))
    (conflict,) = rebased(live, changes, tmp_path / "merged").conflicts
    assert str(conflict) == "`a.txt` changed since the wave began, and was not merged, because git is not installed"


def test_a_base_that_was_not_kept_is_told(live: Path, tmp_path: Path) -> None:
    (change,) = changes_to({"a.txt": lines(at2="agent")}, tmp_path)
    plant(live, {"a.txt": lines(at15="user")})
    unkept = Change(change.path, change.kind, change.type, change.base, change.new, change.content)
    (conflict,) = rebased(live, [unkept], tmp_path / "merged").conflicts
    assert conflict.why.endswith("what it was then is not kept")


def test_nothing_is_read_through_a_link(live: Path, tmp_path: Path) -> None:
    base, after = plant(tmp_path / "base", {"d/x": TEXT}), plant(tmp_path / "after", {"d/x": lines(at2="agent")})
    changes = change_set(base, {"d/x": after / "d/x"}, tmp_path / "store")
    plant(live, {"d": Link(str(plant(tmp_path / "outside", {"x": lines(at15="secret")})))})
    assert rebased(live, changes, tmp_path / "merged").conflicts == (
        Conflict("d/x", "was deleted since the wave began"),
    )


def test_a_path_that_leaves_the_tree_is_refused(live: Path, tmp_path: Path) -> None:
    (change,) = changes_to({"a.txt": "new"}, tmp_path)
    evil = Change("../x", change.kind, change.type, change.base, change.new, change.content)
    with pytest.raises(SandboxError, match="is not written"):
        rebased(live, [evil], tmp_path / "merged")
