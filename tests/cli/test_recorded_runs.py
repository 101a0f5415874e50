"""`agent-server history` and `agent-server show`: what is known of runs afterwards."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.agents.backend import Said
from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.analysis.settings import DEFAULT_MODELS, Tier
from agent_server.cli import main
from agent_server.demo.material import materialise, transcripts_folder
from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.state import StateDirectory
from tests.execution.records import PLAN, RUN, in_database, record

LATER = "20260102T030000-00000b"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "workspace"
    (root / ".git").mkdir(parents=True)
    (root / PLAN).write_text("# Two\n")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def store(workspace: Path) -> Iterator[RunStore]:
    store = RunStore(StateDirectory.for_workspace(workspace, os.environ).runs)
    yield store
    store.close()


def held() -> RunRecord:
    first = TaskRecord(TaskState.FAILED, "The model refused the task.", (), ("secret.txt",), 5, 60)
    used = Tokens(input=1_200_000)
    second = TaskRecord(TaskState.HELD, "", ("a.txt", "b.txt"), ("\x1b[2Jx",), used.total, 90, used)
    run = record(RUN, first, second, state=RunState.HELD)
    tasks = tuple(replace(task, model=DEFAULT_MODELS[Tier.FAST]) for task in run.approval.tasks)
    verify = VerifyFacts("make check", False, "first line\n\x1b[31mboom\n")
    approval = replace(run.approval, tasks=tasks)
    return replace(
        run, approval=approval, problem="`make check` failed.", verify=verify, seconds={"running": 100, "verifying": 50}
    )


def tried_again(store: RunStore) -> RunRecord:
    run = held()
    store.save(run)
    folder = store.changes_folder(RUN, "a")
    new = f"file-{'0' * 64}"
    change = Change("a.txt", ChangeKind.CREATE, FileType.FILE, None, new, folder / new)
    store.save_changes(RUN, "a", [change])
    again = TaskRecord(TaskState.HELD, "", ("c.txt",), (), 0, 30, usd=0.5, attempt=2, comment="mind the tests")
    store.save(replace(run, tasks={**run.tasks, "a": again}))
    store.save_changes(RUN, "a", [replace(change, path="c.txt", kind=ChangeKind.DELETE)], attempt=2)
    store.append(RUN, "a", 1, Said("hello"))
    return run


def test_a_run_of_the_demo_is_listed_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = materialise(tmp_path / "site").good_plan
    played = ["--agent", "replay", "--transcripts", str(transcripts_folder()), "--speed", "2000", "--approve"]
    assert main(["run", str(plan), *played]) == 0
    capsys.readouterr()
    assert main(["history", str(plan), "--format", "json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["runs"]
    assert (listed["plan"], listed["state"], listed["wave"]) == (plan.name, "landed", 1)
    assert set(listed["tasks"].values()) == {"landed"}
    assert listed["usd"] is None  # transcripts cost nothing
    assert main(["show", str(plan)]) == 0
    out = capsys.readouterr().out
    assert f"Run {listed['run']}: wave 1 of clay-wiki.plan.md" in out
    assert "created data/clay_wiki.py" in out


def test_history_is_a_table_with_the_newest_first(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    store.save(held())
    store.save(record(LATER, TaskRecord(TaskState.LANDED), state=RunState.LANDED, plan="other.plan.md"))
    assert main(["history"]) == 0
    heading, later, earlier = capsys.readouterr().out.splitlines()
    assert heading.split() == ["RUN", "WHEN", "PLAN", "WAVE", "STATE", "TASKS", "FILES", "TOKENS", "MONEY", "TIME"]
    assert re.fullmatch(rf"{LATER}  \S+ \S+  other\.plan\.md +1  landed +1 +0 +- +- +0 min", later)
    assert re.fullmatch(rf"{RUN}  \S+ \S+  two\.plan\.md +1  held +2 +2 +1\.2M +\d\.\d\d USD +2\.5 min", earlier)
    assert main(["history", PLAN]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["RUN", RUN]
    assert main(["history", RUN[:8]]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["RUN", RUN]
    assert main(["history", "-n", "1", "--format", "json"]) == 0
    assert [each["run"] for each in json.loads(capsys.readouterr().out)["runs"]] == [LATER]


def test_where_nothing_has_run_that_is_said(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history"]) == 0
    assert capsys.readouterr().out == f"No plan of `{workspace}` has run yet.\n"
    assert main(["history", PLAN]) == 0
    assert capsys.readouterr().out == "This plan has not run yet.\n"
    assert main(["show", PLAN]) == 2
    assert capsys.readouterr().err == f"agent-server: `{PLAN}` has no run yet.\n"
    assert main(["show", RUN]) == 2
    assert capsys.readouterr().err == f"agent-server: There is no run `{RUN}` in `{workspace}`.\n"


def test_a_held_run_says_what_happened_and_what_can_be_done(
    store: RunStore, capsys: pytest.CaptureFixture[str]
) -> None:
    tried_again(store)
    assert main(["show", RUN]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Run {RUN}: wave 1 of {PLAN}\nheld, 2.5 min\n`make check` failed.\n\n")
    assert "a: held, attempt 2, 1 file, 0.50 USD, 0.5 min\n  it was told: mind the tests\n  deleted c.txt\n" in out
    assert "refused" not in out  # that was the first attempt
    assert "\nmake check: failed\n  | first line\n  | " in out
    assert "\x1b" not in out
    assert f"  agent-server run {PLAN}" in out
    assert main(["show", PLAN]) == 0
    by_plan = capsys.readouterr().out
    assert by_plan.partition("What can be done now:")[0] == out.partition("What can be done now:")[0]
    assert f"  agent-server land {PLAN}" in by_plan


def test_one_task_is_shown_with_all_its_attempts(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    tried_again(store)
    assert main(["show", RUN, "a"]) == 0
    out = capsys.readouterr().out
    first = (
        "  attempt 1: failed, 1 min\n    The model refused the task.\n    created a.txt\n"
        "    not landed, it may not write there: secret.txt\n"
    )
    assert f"{first}  attempt 2:\n  it was told: mind the tests\n  deleted c.txt\n" in out
    assert "b: held" not in out
    assert main(["show", RUN, "none"]) == 2
    assert "has no task `none`" in capsys.readouterr().err


def test_programs_get_the_same_as_json(store: RunStore, capsys: pytest.CaptureFixture[str]) -> None:
    tried_again(store)
    assert main(["show", RUN, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["run"], shown["state"], shown["verify"]["passed"]) == (RUN, "held", False)
    first, second = shown["tasks"]["a"]["attempts"]
    assert (first["state"], first["undeclared"], first["files"]) == (
        "failed",
        ["secret.txt"],
        [{"path": "a.txt", "kind": "created"}],
    )
    assert (second["attempt"], second["comment"], second["usd"]) == (2, "mind the tests", 0.5)


def test_records_of_a_newer_program_are_refused_in_a_sentence(
    store: RunStore, workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.save(held())
    store.close()
    in_database(store.folder.with_name("state.db"), "PRAGMA user_version = 99")
    for command in (["history"], ["show", RUN], ["show", PLAN]):
        assert main(command) == 2
        assert "was written by a newer Agent Server" in capsys.readouterr().err
