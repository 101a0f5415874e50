"""`agent-server convert`."""

import os
from pathlib import Path

import pytest

from agent_server.cli import main

TASKS = "# Tasks: Wiki\n\n- [x] T001 Create `src/a.py`\n- [ ] T002 Write `src/b.py` (depends on T009)\n"


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "specs/001-wiki/tasks.md"
    path.parent.mkdir(parents=True)
    path.write_text(TASKS)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    return path


def test_the_plan_is_printed_and_what_is_lost_is_said(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", "specs"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("# Tasks: Wiki\n\n")
    assert "t001: Create `src/a.py`\n- writes: `src/a.py`\n- status: done\n" in said.out
    assert said.err == "agent-server: `t002` needs `T009`, which is no task of the plan.\n"


def test_a_file_is_replaced_only_where_that_is_wanted(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Path("wiki.plan.md")
    assert main(["convert", str(tasks), "-o", str(made)]) == 0
    first = made.read_text()
    assert "## " in first
    made.write_text("mine\n")
    assert main(["convert", str(tasks), "-o", str(made)]) == 2
    assert "`--force` replaces it" in capsys.readouterr().err
    assert made.read_text() == "mine\n"
    assert main(["convert", str(tasks), "-o", str(made), "--force"]) == 0
    assert made.read_text() == first
    assert main(["convert", str(tasks), "-o", "gone/x.plan.md"]) == 2


def test_a_file_is_replaced_at_one_stroke_and_keeps_its_mode(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Path("wiki.plan.md")
    made.write_text("mine\n")
    made.chmod(0o600)
    with made.open() as reading:
        assert main(["convert", str(tasks), "-o", str(made), "--force"]) == 0
        assert reading.read() == "mine\n"
    assert made.read_text().startswith("# Tasks: Wiki")
    assert made.stat().st_mode & 0o777 == 0o600
    made.chmod(0o400)
    assert main(["convert", str(tasks), "-o", str(made), "--force"]) == 2
    assert "`wiki.plan.md` could not be written: it is read-only." in capsys.readouterr().err


def test_what_a_link_leads_to_is_made_or_replaced(tasks: Path) -> None:
    link = Path("link.plan.md")
    link.symlink_to("wiki.plan.md")
    for _ in range(2):
        assert main(["convert", str(tasks), "-o", str(link), "--force"]) == 0
        assert link.is_symlink()
        assert Path("wiki.plan.md").read_text().startswith("# Tasks: Wiki")
    assert main(["convert", str(tasks), "-o", str(link)]) == 2


def test_a_pipe_is_written_to_and_stays_one(tasks: Path) -> None:
    pipe = Path("pipe")
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert main(["convert", str(tasks), "-o", str(pipe), "--force"]) == 0
        assert os.read(reading, 1 << 16).startswith(b"# Tasks: Wiki")
    finally:
        os.close(reading)
    assert pipe.is_fifo()


def test_the_result_is_a_plan_without_a_fault(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["convert", str(tasks), "-o", "wiki.plan.md"])
    capsys.readouterr()
    assert main(["check", "wiki.plan.md"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 plan checked: 0 errors")
