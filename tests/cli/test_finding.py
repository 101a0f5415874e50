"""Which plans `agent-server check` looks at: files, folders, standard input, and what is none."""

import io
import json
import sys
from pathlib import Path

import pytest

from agent_server.cli import main

PLAN = "# Two\n\n## a: First\n- writes: `a.py`\n\nAdd it.\n\n## b: Second\n- writes: `b.py`\n\nAdd it.\n"
CHECKLIST = "# Tasks\n\n## Phase 1\n\n- [ ] T001 [P] Create `a.py`\n- [ ] T002 [P] Create `a.py`\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with plans of two formats, one of which its settings place, and notes."""
    root = tmp_path / "work"
    files = {
        "pyproject.toml": '[tool.agent-server.plans]\nspec-kit = ["docs/features/**/tasks.md"]\n',
        "x.plan.md": PLAN,
        "specs/001-wiki/tasks.md": CHECKLIST,
        "docs/features/a/tasks.md": CHECKLIST,
        "docs/notes.md": "# Notes\n",
        "build/old.plan.md": PLAN,
        ".gitignore": "build/\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(root)
    return root


def checked(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The plans that were checked."""
    capsys.readouterr()
    main(["check", "--format", "json", *arguments])
    return [plan["path"] for plan in json.loads(capsys.readouterr().out)["plans"]]


ALL = ["docs/features/a/tasks.md", "specs/001-wiki/tasks.md", "x.plan.md"]


def test_a_folder_means_every_plan_in_it_that_is_not_ignored(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(capsys) == checked(capsys, ".") == checked(capsys, str(workspace)) == ALL
    assert checked(capsys, "docs") == ALL[:1]
    assert checked(capsys, "specs", "docs", "x.plan.md", "specs/001-wiki/tasks.md") == [ALL[1], ALL[0], ALL[2]]


def test_an_ignored_folder_that_is_named_is_looked_through(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(capsys, "build") == ["old.plan.md"]


def test_findings_are_told_with_the_paths_that_lead_there(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace / "docs")
    assert main(["check", "../specs"]) == 1
    assert capsys.readouterr().out.startswith("../specs/001-wiki/tasks.md:5:")


def test_a_folder_above_tells_where_the_workspace_begins_too_late(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "specs/001-wiki"
    folder.mkdir(parents=True)
    (folder / "tasks.md").write_text(CHECKLIST)
    assert checked(capsys, str(folder)) == ["tasks.md"]


def test_a_file_that_is_named_is_a_plan_by_what_it_says(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "todo.md").write_text(CHECKLIST)
    assert checked(capsys, "todo.md") == ["todo.md"]


def test_a_folder_without_plans_is_said(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "empty").mkdir()
    assert main(["check", "empty"]) == 0
    said = capsys.readouterr()
    assert said.out == "0 plans checked: 0 errors, 0 warnings.\n"
    assert "No plans were found in `empty`." in said.err


def test_a_plan_without_tasks_is_mentioned(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workspace / "e.plan.md").write_text("# Later\n")
    assert main(["check", "e.plan.md"]) == 0
    assert capsys.readouterr().out == "e.plan.md: no tasks found\n1 plan checked: 0 errors, 0 warnings.\n"


def test_what_cannot_be_read_among_many_keeps_nothing_from_the_rest(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "bad.plan.md").write_bytes(b"\xff")
    assert main(["check"]) == 2
    said = capsys.readouterr()
    assert "3 plans checked" in said.out
    assert "`bad.plan.md` is not UTF-8 text" in said.err
    assert main(["check", "--exit-zero", "x.plan.md", "gone.md"]) == 2


def test_a_plan_on_standard_input(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def given(text: str, *options: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        status = main(["check", "-", *options])
        return status, capsys.readouterr().out

    assert given(CHECKLIST)[1].startswith("-:5:")
    status, out = given(PLAN, "--stdin-path", "x.plan.md")
    assert (status, out.splitlines()[-1]) == (0, "1 plan checked: 0 errors, 1 warning.")
    assert given("# Notes\n")[0] == 2


def test_other_commands_take_any_format_and_a_folder_with_one_plan(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["waves", "specs"]) == 1
    assert "2 tasks" in capsys.readouterr().out
    assert main(["brief", "docs", "T001"]) == 0
    assert "a.py" in capsys.readouterr().out
    assert main(["waves", "."]) == 2
    assert "holds 3 plans" in capsys.readouterr().err
    assert main(["waves", "docs/notes.md"]) == 2
    assert "the setting `plans`" in capsys.readouterr().err


def test_rules_are_selected_and_ignored(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "specs", "--select", "write-conflict"]) == 1
    assert {line.split("[")[1].split("]")[0] for line in capsys.readouterr().out.splitlines()[:-1]} == {
        "write-conflict"
    }
    assert main(["check", "specs", "--ignore", "write-conflict,no-verify"]) == 0
    assert "write-conflict" not in capsys.readouterr().out
    assert main(["check", "specs", "--select", "write-conflct"]) == 2
    assert "Did you mean `write-conflict`?" in capsys.readouterr().err
    assert main(["check", "specs", "--exit-zero"]) == 0


def test_a_rule_that_is_off_can_be_selected(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.toml").write_text('severities = {no-verify = "off"}\n')
    assert main(["check", "x.plan.md"]) == 0
    assert "no-verify" not in capsys.readouterr().out
    main(["check", "x.plan.md", "--select", "no-verify"])
    assert "warning[no-verify]" in capsys.readouterr().out
