"""Marking what landed in the plan's own file, which belongs to its author."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.analysis.facts import TaskState
from agent_server.execution.approval import Approval
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.ticking import NotTicked, by_hand, tick, untick
from agent_server.plan.model import Budget
from tests.execution.plans import two_tasks

LANDED = TaskRecord(TaskState.LANDED)
RECORD = RunRecord("run", Approval("x.plan.md", "", 1, (), None, Budget()), RunState.LANDED, {"a": LANDED, "b": LANDED})


CHECKLIST = """\
# Tasks: Texts

- [ ] a1 Something else
- [ ] T001 Write a.txt
- [X] T002 Write b.txt
- [ ] T003 [P] Write c.txt
"""
OF_CHECKLIST = replace(
    RECORD,
    approval=replace(RECORD.approval, plan="specs/1/tasks.md"),
    tasks={"T001": LANDED, "T003": LANDED},
)


@pytest.fixture
def checklist(tmp_path: Path) -> Path:
    path = tmp_path / "specs/1/tasks.md"
    path.parent.mkdir(parents=True)
    path.write_bytes(CHECKLIST.replace("\n", "\r\n").encode())
    return path


def test_in_a_checklist_the_boxes_are_ticked_and_taken_back(checklist: Path) -> None:
    before = checklist.read_bytes()
    tick(checklist, OF_CHECKLIST)
    ticked = before.replace(b"[ ] T001", b"[X] T001").replace(b"[ ] T003", b"[X] T003")
    assert checklist.read_bytes() == ticked
    untick(checklist, OF_CHECKLIST, ("T001", "T003"))
    assert checklist.read_bytes() == before


def test_what_a_person_has_to_do_is_said_in_the_words_of_the_format(checklist: Path) -> None:
    checklist.chmod(0o400)
    with pytest.raises(NotTicked, match="Tick off its tasks yourself before"):
        tick(checklist, OF_CHECKLIST)
    assert by_hand("x.plan.md", "`a`", done=True) == "Set `status: done` on `a` yourself"
    assert by_hand("specs/1/tasks.md", "`T001`", done=False) == "Take the ticks of `T001` away yourself"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "x.plan.md"
    path.write_text(two_tasks())
    return path


def test_what_landed_is_marked_and_all_else_stays(plan: Path) -> None:
    before = plan.read_text()
    plan.chmod(0o640)
    tick(plan, RECORD)
    assert plan.read_text().replace("- status: done\n", "") == before
    assert plan.read_text().count("- status: done\n") == 2
    assert plan.stat().st_mode & 0o777 == 0o640
    assert [*plan.parent.iterdir()] == [plan]
    once = plan.read_bytes()
    tick(plan, RECORD)
    assert plan.read_bytes() == once


def test_what_is_held_is_not_marked(plan: Path) -> None:
    tick(plan, replace(RECORD, state=RunState.HELD, tasks={"a": LANDED, "b": TaskRecord(TaskState.HELD)}))
    assert plan.read_text().count("- status: done\n") == 1


def test_line_ends_and_a_byte_order_mark_stay(plan: Path) -> None:
    before = b"\xef\xbb\xbf" + two_tasks().replace("\n", "\r\n").encode()
    plan.write_bytes(before)
    tick(plan, RECORD)
    after = plan.read_bytes()
    assert after.replace(b"- status: done\r\n", b"") == before
    assert after.count(b"- status: done\r\n") == 2


def test_a_link_stays_a_link(plan: Path) -> None:
    (plan.parent / "elsewhere").mkdir()
    real = plan.rename(plan.parent / "elsewhere/real.md")
    plan.symlink_to(real)
    tick(plan, RECORD)
    assert plan.is_symlink()
    assert "status: done" in real.read_text()


def test_a_plan_that_cannot_be_marked_is_named_and_kept(plan: Path) -> None:
    before = plan.read_bytes()
    plan.chmod(0o444)
    with pytest.raises(NotTicked, match=r"landed, but `.*x\.plan\.md` could not be marked: it is read-only"):
        tick(plan, RECORD)
    assert plan.read_bytes() == before
    plan.chmod(0o644)
    plan.write_bytes(b"\xff")
    with pytest.raises(NotTicked, match="no longer UTF-8"):
        tick(plan, RECORD)
    plan.unlink()
    with pytest.raises(NotTicked, match="No such file"):
        tick(plan, RECORD)
    assert [*plan.parent.iterdir()] == []


def test_what_is_undone_is_open_again_and_all_else_stays(plan: Path) -> None:
    before = plan.read_text()
    tick(plan, RECORD)
    untick(plan, RECORD, ("a",))
    assert plan.read_text().count("- status: done\n") == 1
    untick(plan, RECORD, ("a", "b", "gone"))
    assert plan.read_text() == before
    skipped = before.replace("- writes", "- status: skip\n- writes")
    plan.write_text(skipped)
    untick(plan, RECORD, ("a", "b"))
    assert plan.read_text() == skipped


def test_what_is_undone_and_cannot_be_marked_is_told(plan: Path) -> None:
    tick(plan, RECORD)
    plan.chmod(0o400)
    with pytest.raises(NotTicked, match=r"was undone.*it is read-only.*Take `status: done` away"):
        untick(plan, RECORD, ("a", "b"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backlog/tasks"
    made.mkdir(parents=True)
    for name in "ab":
        (made / f"task-{name} - {name}.md").write_text(f"---\nid: {name}\ntitle: {name}\nstatus: To Do\n---")
    return made


FOLDER_RECORD = replace(RECORD, approval=replace(RECORD.approval, plan="backlog/tasks/"))


def test_of_a_plan_that_is_a_folder_each_file_is_marked(folder: Path) -> None:
    before = {path: path.read_text() for path in folder.iterdir()}
    tick(folder, FOLDER_RECORD)
    assert {path: path.read_text() for path in folder.iterdir()} == {
        path: text.replace("To Do", "Done") for path, text in before.items()
    }
    untick(folder, FOLDER_RECORD, ("a",))
    assert sorted(path.name for path in folder.iterdir() if "Done" in path.read_text()) == ["task-b - b.md"]


def test_of_a_plan_that_is_a_folder_all_files_are_marked_or_none(folder: Path) -> None:
    before = {path: path.read_text() for path in folder.iterdir()}
    (folder / "task-b - b.md").chmod(0o444)
    with pytest.raises(NotTicked, match=r"backlog/tasks` could not be marked: it is read-only"):
        tick(folder, FOLDER_RECORD)
    assert {path: path.read_text() for path in folder.iterdir()} == before


def test_where_a_file_cannot_be_put_into_its_place_those_before_it_are_what_they_were(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_text() for path in folder.iterdir()}
    put = Path.replace

    def replaced(draft: Path, target: Path) -> Path:
        if target.name.startswith("task-b"):
            raise OSError(28, "No space left on device")
        return put(draft, target)

    monkeypatch.setattr(Path, "replace", replaced)
    with pytest.raises(NotTicked, match="No space left"):
        tick(folder, FOLDER_RECORD)
    assert {path: path.read_text() for path in folder.iterdir()} == before
