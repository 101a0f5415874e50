"""`agent-server diff`: a patch where it is piped, colours on a terminal, and a summary."""

import io
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console

from agent_server.cli import main
from agent_server.demo.material import materialise, transcripts_folder
from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.records.record import RunStore
from agent_server.execution.state import StateDirectory
from agent_server.workspace.paths import find_root
from tests.execution.trees import Link, Program, Tree, plant

TEXT = "".join(f"{number}\n" for number in range(20))


def of(root: Path, old: Tree, new: Tree) -> tuple[Change, ...]:
    base, after = plant(root / "base", old), plant(root / "after", new)
    return change_set(base, {path: after / path if path in new else None for path in {*old, *new}}, root / "store")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan whose first wave has run."""
    found = materialise(tmp_path / "site").good_plan
    played = ["--agent", "replay", "--transcripts", str(transcripts_folder()), "--speed", "5000"]
    assert main(["run", str(found), *played, "--approve", "--one-wave"]) == 0
    return found


def test_piped_it_is_a_patch_that_git_applies(
    plan: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    capfdbinary.readouterr()
    root = find_root(plan)
    store = RunStore(StateDirectory.for_workspace(root, os.environ).runs)
    record = store.latest(plan.relative_to(root).as_posix())
    assert record is not None
    assert main(["diff", str(plan)]) == 0
    by_plan = capfdbinary.readouterr().out
    monkeypatch.chdir(root)
    assert main(["diff", record.id]) == 0
    assert capfdbinary.readouterr().out == by_plan
    assert main(["diff", record.id, "nobody"]) == 2
    assert b"has no task `nobody`" in capfdbinary.readouterr().err
    created = [change for task in record.tasks for change in store.changes(record.id, task) if change.base is None]
    assert created
    for task in record.tasks:
        assert main(["diff", record.id, task]) == 0
        if all(change.base is None for change in store.changes(record.id, task)):
            place = tmp_path / f"place-{task}"
            place.mkdir()
            subprocess.run(["git", "apply", "-"], cwd=place, input=capfdbinary.readouterr().out, check=True)
            for change in store.changes(record.id, task):
                assert (place / change.path).read_bytes() == (root / change.path).read_bytes()


def test_there_must_be_such_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for wanted in ("20260101T000000-abcdef", "other.plan.md"):
        assert main(["diff", wanted]) == 2
        assert wanted in capsys.readouterr().err


def shown(changes: Mapping[str, tuple[Change, ...]]) -> str:
    from agent_server.cli import diff  # late: where it is imported, `agent_server.cli.main` names a module

    output = io.StringIO()
    diff.show(
        changes, Console(file=output, force_terminal=True, color_system="standard", width=60, legacy_windows=False)
    )
    return output.getvalue()


def test_on_a_terminal_lines_have_colours_and_tasks_a_heading(tmp_path: Path) -> None:
    found = shown({"a": of(tmp_path, {"x": TEXT}, {"x": TEXT.replace("5\n", "five\n", 1)}), "b": ()})
    assert "\x1b[1;4ma: 1 file" in found
    assert "\x1b[1;4mb: 0 files" in found
    assert "\x1b[31m-5\x1b[0m" in found
    assert "\x1b[32m+five\x1b[0m" in found
    assert "\x1b[36m@@ -3,7 +3,7 @@\x1b[0m" in found
    assert "\x1b[1m--- a/x\x1b[0m" in found


def test_lines_of_a_file_that_look_like_a_patch_or_command_the_terminal_are_only_shown(tmp_path: Path) -> None:
    found = shown({"a": of(tmp_path, {"x": "-- old\n"}, {"x": "diff --git\n++ [bold]new\x1b[2J\u202e\n"})})
    assert "\x1b[31m--- old\x1b[0m" in found
    assert "\x1b[32m+++ [bold]new\\u{1b}[2J\\u{202e}\x1b[0m" in found


def test_carriage_returns_are_shown_where_lines_differ_in_them(tmp_path: Path) -> None:
    whole = shown({"a": of(tmp_path / "1", {"x": "a\r\nb\r\n"}, {"x": "a\r\nc\r\n"})})
    assert "\\u{d}" not in whole
    mixed = shown({"a": of(tmp_path / "2", {"x": "a\r\nb\r\n"}, {"x": "a\nb\r\n"})})
    assert "-a\\u{d}" in mixed


def test_a_long_line_is_not_broken(tmp_path: Path) -> None:
    assert "+" + "x" * 500 in shown({"a": of(tmp_path, {}, {"x": "x" * 500})})


def test_a_summary_counts_lines_and_says_what_has_none(tmp_path: Path) -> None:
    from agent_server.cli import diff

    old: Tree = {"text": TEXT, "bin": "a\0", "mode": "m\n", "link": Link("a"), "gone": "1\n2\n"}
    new: Tree = {
        "text": TEXT.replace("5\n", "five\n", 1),
        "bin": "b\0",
        "mode": Program("m\n"),
        "link": Link("b"),
        "empty": "",
        "long": "line\n" * 400,
    }
    assert list(diff.stat(of(tmp_path, old, new))) == [
        " bin   |     binary",
        " empty |     empty",
        " gone  |     2 -",
        " link  |     link",
        f" long  |   400 {'+' * 40}",
        " mode  |     mode",
        " text  |     2 +-",
        " 7 files: 401 lines added, 3 lines removed",
    ]
    assert list(diff.stat(())) == [" 0 files: 0 lines added, 0 lines removed"]
