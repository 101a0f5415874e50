"""Plans that are folders, from the command line: one plan whichever of its files is named, and each file marked."""

import json
from pathlib import Path

import pytest

from agent_server.cli import main
from tests.cli import gsd_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = gsd_folder.made(tmp_path / "work", tmp_path / "settings.toml")
    monkeypatch.chdir(tmp_path / "work")
    return made.relative_to(tmp_path / "work")


def test_any_file_names_the_plan_and_findings_stand_in_their_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = folder / "01-02-PLAN.md"
    second.write_text(gsd_folder.plan(2, 1, '["01-09"]', "a"))
    assert main(["check", str(folder / "01-03-PLAN.md"), str(second)]) == 1
    out = capsys.readouterr().out
    assert f"{folder}/01-01-PLAN.md:6:18: error[write-conflict] `01-01` and `01-02` write `a.txt`" in out
    assert f"{second}:6:18: error[write-conflict]" in out
    assert f"{second}:5:15: warning[unknown-task] `01-09` is no task of this plan." in out
    assert out.endswith("1 plan checked: 2 errors, 1 warning.\n")
    assert main(["check", str(folder)]) == 1
    assert capsys.readouterr().out == out


def test_the_report_names_the_file_of_each_task_and_finding(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "01-02-PLAN.md").write_text(gsd_folder.plan(2, 1, '["01-09"]', "b"))
    assert main(["check", "--format", "json", str(folder)]) == 0
    (plan,) = json.loads(capsys.readouterr().out)["plans"]
    assert plan["path"] == gsd_folder.FOLDER
    assert [(task["file"], task["line"]) for task in plan["tasks"]] == [
        (f"{folder}/01-01-PLAN.md", 3),
        (f"{folder}/01-02-PLAN.md", 3),
        (f"{folder}/01-03-PLAN.md", 3),
    ]
    unknown = next(found for found in plan["diagnostics"] if found["code"] == "unknown-task")
    assert (unknown["file"], unknown["range"]["start"]) == (f"{folder}/01-02-PLAN.md", {"line": 4, "character": 14})


def test_a_folder_runs_wave_by_wave_and_each_file_is_marked_for_itself(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["run", str(folder / "01-02-PLAN.md"), "--agent", "worker", "--approve"]) == 0
    out = capsys.readouterr().out
    assert f"Wave 1 of {gsd_folder.FOLDER}: 2 agents at once." in out
    assert Path("c.txt").read_text() == "a\nb\n"
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    # A summary says that a plan is done; where none was written, its file does, and no other byte of that is another.
    assert after.pop("01-01-SUMMARY.md") == b"Done.\n"
    assert after["01-01-PLAN.md"] == before["01-01-PLAN.md"]
    for name in ("01-02-PLAN.md", "01-03-PLAN.md"):
        assert after[name].replace(b"status: done\n", b"") == before[name]
        assert after[name].count(b"status: done\n") == 1
    assert main(["run", str(folder), "--agent", "worker", "--approve"]) == 0
    assert "Every task of the plan is done." in capsys.readouterr().out


def test_what_is_undone_is_open_again_in_its_file(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert main(["run", str(folder), "--agent", "worker", "--approve", "--one-wave"]) == 0
    assert b"status: done\n" in (folder / "01-02-PLAN.md").read_bytes()
    assert main(["undo", str(folder / "01-03-PLAN.md")]) == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert not Path("b.txt").exists()
