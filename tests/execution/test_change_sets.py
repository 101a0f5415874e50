"""What a run keeps of its agents' change sets, for whoever wants to look at them later."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, content_of
from agent_server.execution.executor import Executor
from agent_server.execution.records.record import RunStore, TaskRecord
from agent_server.execution.state import StateDirectory
from agent_server.settings import read_settings
from tests.execution.plans import analysed, two_tasks
from tests.execution.records import RUN, in_database, record

TRANSCRIPT = """{"version": 1, "task": "%s"}
{"at": 1, "tool": "write", "input": {"path": "%s.txt", "content": "played\\n"}}
{"at": 2, "end": "done"}
"""
NEW = f"file-{'0' * 64}"


async def test_a_run_keeps_what_each_of_its_agents_changed(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "b.txt").write_text("before\n")
    for task in ("a", "b"):
        (tmp_path / f"{task}.jsonl").write_text(TRANSCRIPT % (task, task))
    settings, _ = read_settings({"agent": "replay", "speed": 1_000, "transcripts": str(tmp_path)})
    environ = {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    executor = Executor(workspace, settings.execution, environ)
    analysis = analysed(workspace, two_tasks())
    executor.approve(executor.propose("x.plan.md", analysis, 1))
    record = await executor.launch("x.plan.md", analysis).wait()
    await executor.close()

    store = RunStore(StateDirectory.for_workspace(workspace, environ).runs)
    kept = {task: store.changes(record.id, task) for task in record.tasks}
    assert {task: [(change.path, change.kind) for change in changes] for task, changes in kept.items()} == {
        "a": [("a.txt", ChangeKind.CREATE)],
        "b": [("b.txt", ChangeKind.MODIFY)],
    }
    assert content_of(kept["b"][0]) == b"played\n"
    events = store.events(record.id, "a")
    assert events.at_end
    assert len(events.events) == 2  # the start of the one call, and its end


def test_a_change_set_is_read_as_it_was_saved(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    folder = store.changes_folder("run", "A/../b")
    changes = (
        Change("cafe.txt", ChangeKind.CREATE, FileType.FILE, None, NEW, folder / NEW),
        Change("caf\udce9.txt", ChangeKind.CREATE, FileType.FILE, None, NEW, folder / NEW),
        Change("gone", ChangeKind.DELETE, FileType.SYMLINK, NEW, None, None, folder / "before" / NEW),
        Change("literally \\udce9", ChangeKind.MODIFY, FileType.FILE, NEW, NEW, folder / NEW, folder / NEW),
    )
    store.save_changes("run", "A/../b", changes)
    assert store.changes("run", "A/../b") == changes
    assert store.undeclared("run", "A/../b") == store.changes("run", "other") == ()


def test_what_was_declared_and_what_was_not_are_kept_apart_and_so_are_attempts(tmp_path: Path) -> None:
    def change(path: str) -> Change:
        return Change(path, ChangeKind.CREATE, FileType.FILE, None, NEW, folder / NEW)

    store = RunStore(tmp_path / "runs")
    folder = store.changes_folder(RUN, "a")
    run = record(RUN, TaskRecord())
    store.save(run)
    store.save_changes(RUN, "a", [change("first")], [change("beside")])
    assert [each.path for each in store.changes(RUN, "a")] == ["first"]
    assert [each.path for each in store.undeclared(RUN, "a")] == ["beside"]
    store.save(replace(run, tasks={"a": TaskRecord(attempt=2)}))
    assert store.changes(RUN, "a") == store.undeclared(RUN, "a") == ()  # the second attempt has not ended
    store.save_changes(RUN, "a", [change("second")], attempt=2)
    assert [each.path for each in store.changes(RUN, "a")] == ["second"]
    assert [each.path for each in store.changes(RUN, "a", 1)] == ["first"]
    assert [each.path for each in store.undeclared(RUN, "a", 1)] == ["beside"]
    store.save_changes(RUN, "a", [], attempt=2)
    assert store.changes(RUN, "a") == ()


@pytest.mark.parametrize(
    "damage",
    ["content = '../../../secret'", "content = '/etc/passwd'", "kind = 'explode'", "type = 7", "before = '.hidden'"],
)
def test_a_list_of_changes_that_is_not_ours_is_read_as_none(tmp_path: Path, damage: str) -> None:
    store = RunStore(tmp_path / "runs")
    folder = store.changes_folder("run", "a")
    store.save_changes("run", "a", [Change("a", ChangeKind.CREATE, FileType.FILE, None, NEW, folder / NEW)])
    assert len(store.changes("run", "a")) == 1
    in_database(tmp_path / "state.db", f"UPDATE change SET {damage}")
    assert store.changes("run", "a") == ()


@pytest.mark.parametrize("name", ["", ".", "..", "../runs", "latest", "/etc", "20260101T000000-abcdef/../x", "x\0"])
def test_only_the_ids_of_runs_are_looked_up(tmp_path: Path, name: str) -> None:
    assert RunStore(tmp_path / "runs").load(name) is None
    assert not (tmp_path / "state.db").exists()
