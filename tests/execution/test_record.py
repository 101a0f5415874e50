"""The record of runs on the disk: what becomes of it when processes die, disks fill, files are damaged or too new."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.agents.backend import Said
from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.analysis.model import Contract
from agent_server.execution.changes.changes import ChangeKind
from agent_server.execution.records import record as record_module
from agent_server.execution.records.database import Database, spelled, unspelled
from agent_server.execution.records.janitor import sweep
from agent_server.execution.records.last_records import LastRecords
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord, began, contents_folder, new_run_id
from agent_server.execution.records.tables import migrations
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.state import StateDirectory, StateError
from agent_server.plan.model import Budget, Landing
from agent_server.plan.text import Span
from tests.execution.records import PLAN, RUN, in_database, record

DRIVER = Path(__file__).with_name("record_driver.py")
OTHER = "20260102T000000-000002"
NEW = f"file-{'0' * 64}"
NOT_IN_JSON = ("landings", "branch", "onto", "series", "open_tasks")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "runs").mkdir()
    return tmp_path / "runs"


@pytest.fixture
def store(runs: Path) -> Iterator[RunStore]:
    store = RunStore(runs)
    yield store
    store.close()


def driven(runs: Path, run: str, times: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, str(DRIVER), str(runs), run, times]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def numbers(store: RunStore, run: str = RUN) -> set[str]:
    """The numbers that the driver's last save left: one, or the save was half done."""
    found = store.load(run)
    assert found is not None
    return {found.problem, *(str(task.tokens) for task in found.tasks.values())}


def said(store: RunStore, run: str) -> list[str]:
    found, page = [], store.events(run, "a")
    found += page.events
    while not page.at_end:
        page = store.events(run, "a", page.next)
        found += page.events
    return [logged.event.text for logged in found if isinstance(logged.event, Said)]


def old_record(runs: Path, run: RunRecord, task: str = "a") -> Path:
    """Leave what Agent Server 0.1 left of a run; returns its folder."""
    folder = runs / run.id
    contents = folder / "changes" / task
    contents.mkdir(parents=True)
    data: dict[str, Any] = {"version": 2, **asdict(run)}
    for name in NOT_IN_JSON:
        del data[name]
    for each in data["tasks"].values():
        for name in ("attempt", "comment", "usd"):
            del each[name]
    (folder / "run.json").write_text(json.dumps(data))
    (folder / "events.jsonl").write_text(
        f'{{"at": 1.5, "task": "{task}", "event": "said", "text": "hello"}}\nnonsense\n'
        f'{{"at": 2, "task": "{task}", "event": "denied", "kind": "write", "path": "b", "reason": "no"}}\n{{"at": 3'
    )
    entry = {"path": f"{task}.txt", "kind": "create", "type": "file", "base": None, "new": NEW}
    (contents / "change-set.json").write_text(json.dumps([entry]))
    (contents / NEW).write_text("content")
    (runs / "latest").mkdir(exist_ok=True)
    (runs / "latest" / "key").write_text(run.id)
    return folder


def test_a_record_is_read_as_it_was_saved(store: RunStore) -> None:
    approval = replace(
        record(RUN, TaskRecord()).approval, land=Landing.COMMIT, budget=Budget(1.5, 7, 2.0), verify="make"
    )
    told = RunRecord(
        id=RUN,
        approval=approval,
        state=RunState.HELD,
        tasks={
            "z\udce9\0": TaskRecord(
                TaskState.HELD, "caf\udce9", ("a\udce9",), ("b",), 9, 1.5, Tokens(1, 2, 3, 4), 0.25, 2, "again"
            ),
            "a": TaskRecord(),
        },
        isolation="overlay",
        verify=VerifyFacts("make", False, "boom\0", (BuildProblem("a", 1, "bad", 2, tasks=("a",)),), ("a",), True),
        problem="no \ud800",
        contracts=(Contract("a", "b", "m", "m.py", ("X",), None, Span(1, 2), ("Y",)),),
        seconds={"running": 2.5},
        landings=(RUN, f"{RUN}-2"),
        branch="work",
        commits={RUN: "b" * 40},
        onto={RUN: "a" * 40},
        series=OTHER,
        open_tasks=("z\udce9\0", "c"),
    )
    store.save(told)
    assert store.load(RUN) == told
    assert list(told.tasks) == list(store.load(RUN).tasks)  # type: ignore[union-attr]  # it is there


@given(st.text(st.characters(exclude_categories=())))
def test_any_name_can_be_written_to_a_column(name: str) -> None:
    assert unspelled(spelled(name)) == name
    spelled(name).encode("utf-8")


def test_the_file_is_the_users_alone(store: RunStore, tmp_path: Path) -> None:
    store.save(record(RUN, TaskRecord()))
    assert {file.name: file.stat().st_mode & 0o777 for file in tmp_path.glob("state.db*")} == dict.fromkeys(
        ("state.db", "state.db-wal", "state.db-shm", "state.db.lock"), 0o600
    )


def test_each_attempt_at_a_task_is_kept(store: RunStore) -> None:
    run = record(RUN, TaskRecord(TaskState.FAILED, "Stopped."), TaskRecord(TaskState.HELD))
    store.save(run)
    again = TaskRecord(TaskState.RUNNING, attempt=2, comment="mind the tests")
    store.save(replace(run, tasks={**run.tasks, "a": again}))
    assert store.attempts(RUN, "a") == (run.tasks["a"], again)
    assert store.attempts(RUN, "b") == (run.tasks["b"],)
    loaded = store.load(RUN)
    assert loaded is not None
    assert loaded.tasks == {"a": again, "b": run.tasks["b"]}


def test_the_last_run_of_a_plan_is_the_one_that_was_launched_last_also_where_the_clock_goes_back(
    store: RunStore,
) -> None:
    for run, plan in ((OTHER, PLAN), (RUN, PLAN), ("20260103T000000-000003", "other.plan.md"), (OTHER, PLAN)):
        store.save(record(run, TaskRecord(), plan=plan))
    latest = store.latest(PLAN)
    assert latest is not None
    assert latest.id == RUN < OTHER
    assert store.latest("none.plan.md") is None
    assert [each.id for each in store.recent(9, PLAN)] == [RUN, OTHER]
    assert [each.id for each in store.recent(1)] == ["20260103T000000-000003"]


def test_all_runs_that_have_not_ended_are_under_way(store: RunStore) -> None:
    for number, state in enumerate(RunState):
        store.save(record(f"20260101T000000-{number:06x}", TaskRecord(), state=state))
    assert {each.state for each in store.under_way()} == {
        RunState.PREPARING,
        RunState.RUNNING,
        RunState.VERIFYING,
        RunState.LANDING,
    }


def test_what_another_process_decided_meanwhile_is_not_half_overwritten(store: RunStore, runs: Path) -> None:
    run = record(RUN, TaskRecord(TaskState.HELD), TaskRecord(TaskState.HELD), state=RunState.HELD)
    store.save(run)
    other = RunStore(runs)
    discarded = {name: replace(task, state=TaskState.DISCARDED) for name, task in run.tasks.items()}
    other.save(replace(run, state=RunState.DISCARDED, tasks=discarded))
    other.close()
    landed = replace(run, state=RunState.LANDING, tasks={**run.tasks, "a": TaskRecord(TaskState.VERIFYING)})
    store.save(landed)
    assert store.load(RUN) == landed


def test_a_kill_leaves_no_half_of_anything(store: RunStore, runs: Path) -> None:
    chance = random.Random(5)
    for _ in range(4):
        with driven(runs, RUN, "forever") as process:
            assert process.stdout is not None
            told = [process.stdout.readline() for _ in range(chance.randrange(1, 30))]
            process.kill()
            told += process.stdout.readlines()
        ((left,), happened) = (numbers(store), said(store, RUN))
        # What was told is on the disk; of what came after it, all or nothing.
        assert int(left) - int(told[-1]) in {0, 1}
        assert int(happened[-1]) - int(left) in {0, 1}  # an event may be written before the record that follows it


def test_two_processes_write_at_once(store: RunStore, runs: Path) -> None:
    with driven(runs, RUN, "150") as one, driven(runs, OTHER, "150") as other:
        while one.poll() is None or other.poll() is None:
            for process in (one, other):
                assert process.stdout is not None
                process.stdout.readline()
                for run in (RUN, OTHER):
                    found = store.load(run)
                    assert found is None or len({task.tokens for task in found.tasks.values()}) == 1
    assert one.returncode == other.returncode == 0
    for run in (RUN, OTHER):
        assert numbers(store, run) == {"149"}
        assert said(store, run) == [str(number) for number in range(150)]


def test_a_full_disk_is_told_and_leaves_the_record_as_it_was(store: RunStore, runs: Path) -> None:
    with driven(runs, RUN, "starved") as process:
        told = process.communicate()[0].splitlines()
    assert process.returncode == 0
    assert told[-1].startswith("refused: `")
    assert numbers(store) == {told[-2]} if len(told) > 1 else {"", "0"}
    store.save(record(OTHER, TaskRecord()))
    assert in_database(runs.with_name("state.db"), "PRAGMA integrity_check") == [("ok",)]


def test_a_newer_file_is_refused_and_left_alone(store: RunStore, runs: Path) -> None:
    store.save(record(RUN, TaskRecord()))
    store.close()
    in_database(runs.with_name("state.db"), "PRAGMA user_version = 99")
    before = runs.with_name("state.db").read_bytes()
    for use in (store.under_way, lambda: store.save(record(OTHER, TaskRecord())), lambda: store.load(RUN)):
        with pytest.raises(StateError, match=r"was written by a newer Agent Server \(version 99; this one knows up to"):
            use()
    assert runs.with_name("state.db").read_bytes() == before


@pytest.mark.parametrize("damage", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 8_000])
def test_a_damaged_file_is_put_aside_and_told_of(store: RunStore, runs: Path, damage: bytes) -> None:
    runs.with_name("state.db").write_bytes(damage)
    store.save(record(RUN, TaskRecord()))
    assert store.load(RUN) == record(RUN, TaskRecord())
    (aside,) = runs.parent.glob("state.damaged-*.db")
    assert aside.read_bytes() == damage
    assert store.notices() == (
        f"The record of earlier runs was damaged. It is kept in `{aside}`, and a new one was begun.",
    )
    assert store.notices() == ()


def test_damage_that_shows_later_is_put_aside_too(store: RunStore, runs: Path) -> None:
    for number in range(200):
        store.save(record(f"20260101T000000-{number:06x}", TaskRecord(message="x" * 1_000)))
    store.close()
    with runs.with_name("state.db").open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xff" * 200_000)
    other = RunStore(runs)
    assert list(store.recent(200)) == []
    assert other.latest(PLAN) is None  # the one that was opened before sees that the file is another now
    other.save(record(RUN, TaskRecord()))
    assert store.load(RUN) is not None
    assert len(list(runs.parent.glob("state.damaged-*.db"))) == 1
    other.close()


def test_a_file_that_somebody_removed_is_made_anew(store: RunStore, runs: Path) -> None:
    store.save(record(RUN, TaskRecord()))
    for file in runs.parent.glob("state.db*"):
        file.unlink()
    assert store.load(RUN) is None
    store.save(record(OTHER, TaskRecord()))
    assert store.load(OTHER) is not None


def schema(path: Path) -> list[tuple[str]]:
    return in_database(path, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")


@pytest.mark.parametrize("version", range(len(migrations(Path()))))
def test_every_older_version_is_brought_up_to_date(tmp_path: Path, version: int) -> None:
    runs = tmp_path / "old" / "runs"
    runs.mkdir(parents=True)
    (tmp_path / "new").mkdir()
    told = record(RUN, TaskRecord(TaskState.LANDED), state=RunState.LANDED)
    old_record(runs, told)
    older = Database(runs.with_name("state.db"), migrations(runs)[:version])
    older.read(lambda connection: connection.execute("PRAGMA user_version").fetchone())
    older.close()
    for place in (runs, tmp_path / "new" / "runs"):
        store = RunStore(place)
        store.latest(PLAN)
        store.close()
    assert schema(tmp_path / "old/state.db") == schema(tmp_path / "new/state.db")
    assert in_database(tmp_path / "old/state.db", "PRAGMA user_version") == [(len(migrations(runs)),)]
    assert RunStore(runs).load(RUN) == replace(told, landings=(RUN,))


def test_the_records_of_before_are_taken_in_once(store: RunStore, runs: Path) -> None:
    told = record(RUN, TaskRecord(TaskState.HELD, "Held.", ("a.txt",), ("b",), 7, 1.5, Tokens(1)), state=RunState.HELD)
    folder = old_record(runs, told)
    assert store.latest(PLAN) == told
    (said, denied) = store.events(RUN, "a").events
    assert (said.event, said.at, denied.at) == (Said("hello"), 1.5, 2)
    (change,) = store.changes(RUN, "a")
    assert (change.path, change.kind, change.content) == ("a.txt", ChangeKind.CREATE, folder / "changes/a" / NEW)
    store.forget(RUN)
    store.close()
    assert store.latest(PLAN) is None  # and not taken in again
    assert (folder / "run.json").exists()


def test_records_of_before_the_tokens_were_told_apart_are_still_read(store: RunStore, runs: Path) -> None:
    folder = old_record(runs, record(RUN, TaskRecord(tokens=7)))
    old = json.loads((folder / "run.json").read_text())
    del old["tasks"]["a"]["used"], old["approval"]["estimate"], old["contracts"]
    (folder / "run.json").write_text(json.dumps(old))
    assert store.load(RUN) == record(RUN, TaskRecord(tokens=7))


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"version": 1}', '{"version": 2, "approval": []}', "\xff", "[" * 100_000]
)
def test_a_record_of_before_that_cannot_be_read_is_passed_over_and_kept(
    store: RunStore, runs: Path, damage: str
) -> None:
    old_record(runs, record(RUN, TaskRecord()))
    folder = old_record(runs, record(OTHER, TaskRecord()))
    (folder / "run.json").write_bytes(damage.encode("latin-1"))
    assert [each.id for each in store.recent(9)] == [RUN]
    assert store.load(OTHER) is None
    assert (folder / "run.json").exists()


def test_json_that_was_taken_in_goes_when_it_is_old_and_contents_stay(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    state = StateDirectory.for_workspace(tmp_path / "workspace", environ)
    held = old_record(state.runs, record(RUN, TaskRecord(TaskState.HELD), state=RunState.HELD))
    unread = old_record(state.runs, record(OTHER, TaskRecord()))
    (unread / "run.json").write_text("{")
    young = old_record(state.runs, record("20260103T000000-000003", TaskRecord(TaskState.HELD), state=RunState.HELD))
    for file in [*held.rglob("*"), *unread.rglob("*"), *(state.runs / "latest").iterdir()]:
        os.utime(file, (1, 1))
    assert sweep(state, 30) == ()
    assert {file.name for file in held.rglob("*") if file.is_file()} == {NEW}
    assert (unread / "run.json").exists()
    assert (young / "run.json").exists()
    assert list((state.runs / "latest").iterdir()) == []
    store = RunStore(state.runs)
    assert [change.path for change in store.changes(RUN, "a")] == ["a.txt"]
    store.close()


def test_a_reader_does_not_wait_for_a_writer(store: RunStore, runs: Path) -> None:
    store.save(record(RUN, TaskRecord()))
    with closing(sqlite3.connect(runs.with_name("state.db"), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE run SET problem = 'changed'")
        assert store.load(RUN) == record(RUN, TaskRecord())
        writer.execute("COMMIT")
    assert store.load(RUN) == replace(record(RUN, TaskRecord()), problem="changed")


def test_what_is_written_within_one_tick_of_the_clock_is_seen_a_moment_later(
    store: RunStore, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = record(RUN, TaskRecord())
    store.save(run)
    files = [runs.with_name("state.db"), runs.with_name("state.db-wal")]
    other, last = RunStore(runs), LastRecords(lambda: store)
    monkeypatch.setattr(record_module, "_TICK_NS", 60 * 1_000_000_000)
    in_database(files[0], "PRAGMA wal_checkpoint(RESTART)")  # the log is written anew, and gets no longer
    assert last.of(PLAN) == run
    before = [file.stat() for file in files]
    other.save(replace(run, problem="changed"))
    for file, found in zip(files, before, strict=True):
        os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert [file.stat().st_size for file in files] == [found.st_size for found in before]
    monkeypatch.setattr(record_module, "_TICK_NS", 0)
    assert last.of(PLAN) == replace(run, problem="changed")
    other.close()


def test_an_id_tells_when_its_run_began() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= began(new_run_id()) <= datetime.now(UTC)
    assert began("20261128T000512-0a1b2c") == datetime(2026, 11, 28, 0, 5, 12, tzinfo=UTC)


def test_what_is_no_id_tells_nothing() -> None:
    with pytest.raises(ValueError, match="does not match format"):
        began("yesterday")


@pytest.mark.parametrize("task", ["1.1", "T-001", "bd-a3f8", "..", ".", "", "a/b", "/etc/x", "a\0b", "🦊", "T001" * 80])
def test_whatever_an_id_is_its_change_sets_lie_below_the_run(tmp_path: Path, task: str) -> None:
    folder = contents_folder(tmp_path, task)
    assert folder.parent == tmp_path / "changes"
    folder.mkdir(parents=True)


def test_ids_that_differ_in_case_alone_lie_apart_where_case_is_ignored(tmp_path: Path) -> None:
    folders = {contents_folder(tmp_path, task).name.lower() for task in ("T001", "t001", "a/b", "A/b")}
    assert len(folders) == 4
