"""`land`, `retry`, `repair`, `discard` and `undo`: what is decided about a run that stopped, with real agents."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent_server.cli import main
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.state import StateDirectory
from tests.cli.two_tasks import PLAN, done, last, made
from tests.execution.agents import states

HOLD = """\
import sys
from pathlib import Path
from agent_server.execution import file_lock

file_lock.take(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plan = made(tmp_path / "workspace", tmp_path / "settings.toml")
    monkeypatch.chdir(plan.parent)
    return plan.parent


@pytest.fixture
def held(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What is said about a run that is held, since the work of `a` fails."""
    assert main(["run", PLAN, "--approve"]) == 1
    return capsys.readouterr().out


def test_a_run_that_is_held_says_why_and_which_commands_go_on(held: str, root: Path) -> None:
    assert "a.txt:1:bad a\nIt fails with the work of `a`. With the work of `b` alone it passes.\n" in held
    commands = [line.split("  ")[1] for line in held.partition("What can be done now:\n")[2].splitlines()]
    assert commands == [
        f"agent-server diff {PLAN}",
        f"agent-server retry {PLAN} --task a --comment ...",
        f"agent-server land {PLAN} --task b",
        f"agent-server repair {PLAN}",
        f"agent-server land {PLAN} --unverified",
        f"agent-server discard {PLAN}",
        f"agent-server run {PLAN}",
    ]
    assert done(root / PLAN) == 0


def test_a_retry_with_a_comment_lands_and_an_undo_takes_it_back(
    held: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (root / PLAN).read_text()
    assert main(["retry", PLAN, "--task", "a", "--network", "off"]) == 1
    assert "not what was approved" in capsys.readouterr().err
    assert main(["retry", PLAN, "--task", "a", "--comment", "mind the gap"]) == 0
    out = capsys.readouterr().out
    assert "passed; landed 4 files (overlay):\n  a.txt\n  b.txt\n  more/1.txt\n" in out
    assert "What can be done now" not in out
    assert (root / "a.txt").read_text() == "better a\n"
    assert done(root / PLAN) == 2
    assert main(["undo", last(root).id]) == 0
    assert "Took back 4 files of `a` and `b`:\n  a.txt\n" in capsys.readouterr().out
    assert not (root / "a.txt").exists()
    assert (root / PLAN).read_text() == before
    assert last(root).state is RunState.UNDONE
    assert main(["undo", PLAN]) == 1
    assert capsys.readouterr().err.startswith("agent-server: Nothing of this run has landed")


def test_what_passes_lands_alone_and_the_rest_is_discarded(
    held: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["land", PLAN, "--task", "b"]) == 0
    out = capsys.readouterr().out
    assert "landed 1 file (overlay):\n  b.txt\n" in out
    assert f"agent-server undo {PLAN}" in out
    assert (root / "b.txt").exists()
    assert not (root / "a.txt").exists()
    assert done(root / PLAN) == 1
    assert main(["land", PLAN]) == 1
    assert "a.txt:1:bad a" in capsys.readouterr().out
    assert main(["discard", PLAN]) == 0
    assert states(last(root)) == {"a": "discarded", "b": "landed"}
    assert main(["retry", PLAN]) == 1
    assert "was discarded" in capsys.readouterr().err


def test_a_repair_lands_with_what_it_mended(held: str, root: Path) -> None:
    assert main(["repair", PLAN]) == 0
    assert (root / "a.txt").read_text() == "mended a\n"
    assert done(root / PLAN) == 2


def test_it_lands_unverified_where_that_is_wanted(held: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["land", PLAN, "--unverified"]) == 0
    out = capsys.readouterr().out
    assert "passed" not in out
    assert "a.txt:1:bad" not in out
    assert (root / "a.txt").read_text() == "bad a\n"


def test_paths_are_landed_alone_and_the_others_given_up(
    held: str, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["land", PLAN, "--only", "c.txt"]) == 2
    assert "Nothing that is held changes `c.txt`" in capsys.readouterr().err
    (root / "more").mkdir()
    monkeypatch.chdir(root / "more")
    assert main(["land", last(root).id, "--only", "2.txt"]) == 0
    assert sorted(path.name for path in root.rglob("*.txt")) == ["2.txt"]
    record = last(root)
    assert states(record) == {"a": "landed", "b": "held"}
    assert record.tasks["a"].changed == ("more/2.txt",)


def test_a_run_is_found_by_the_beginning_of_its_id(held: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = last(root).id
    assert main(["show", run[:-2]]) == 0
    assert f"agent-server land {run} --task b" in capsys.readouterr().out
    assert main(["discard", run[:4]]) == 0
    assert main(["run", PLAN, "--approve"]) == 1
    capsys.readouterr()
    assert main(["show", run[:4]]) == 2
    assert f"`{run[:4]}` may be {last(root).id}, {run}. Write more of the id." in capsys.readouterr().err
    assert main(["show", "2001"]) == 2
    assert "There is no run `2001`" in capsys.readouterr().err


def test_where_another_process_is_at_it_that_is_said(held: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = StateDirectory.for_workspace(root, os.environ).root / "lock"
    holding = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(holding, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for command in ("land", "retry", "repair", "discard", "undo"):
            assert main([command, PLAN, *(["--task", "a"] if command == "retry" else [])]) == 1
            said = capsys.readouterr().err
            assert f"in use by process {holder.pid}" in said
            assert "`agent-server status` shows how far it is." in said
    assert last(root).state is RunState.HELD


def test_options_are_shown_before_anything_starts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--stream", "--network", "off", "--budget", "3 USD, 2M tokens", "--isolation", "copy"]
    assert main(["run", PLAN, *options]) == 2
    captured = capsys.readouterr()
    assert f"All open tasks of {PLAN}: 2 agents, 5 at once, each as soon as it can begin." in captured.out
    assert "They have no network." in captured.out
    assert "Budget: 3 USD, 2,000,000 tokens, without what uses its own model" in captured.out
    assert "in a copy of the workspace" in captured.out
    assert "pass `--approve`" in captured.err
    with pytest.raises(SystemExit):
        main(["run", PLAN, "--budget", "a lot"])
    assert "it takes amounts such as" in capsys.readouterr().err


def test_a_stream_runs_all_waves_at_once_and_keeps_its_options(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = root / PLAN
    plan.write_text(plan.read_text().replace("## b: Write the file b\n", "## b: Write the file b\n- needs: a\n"))
    assert main(["run", PLAN, "--stream", "--approve", "--network", "agents"]) == 1
    held = capsys.readouterr().out
    assert f"agent-server retry {PLAN} --comment ... --network agents\n" in held.replace("  ", "\n")
    assert main(["retry", PLAN, "--comment", "mind", "--network", "agents"]) == 0
    assert "  a (attempt 2): landed\n" in capsys.readouterr().out
    assert done(plan) == 2
