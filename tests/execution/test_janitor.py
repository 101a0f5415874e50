"""What the janitor removes, and above all what it never removes."""

import logging
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from threading import Semaphore

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_server.agents.backend import Said
from agent_server.analysis.facts import TaskState
from agent_server.execution.changes.changes import Change, ChangeKind, FileType, fingerprint
from agent_server.execution.landing.landing import Lander
from agent_server.execution.records.janitor import Janitor, sweep
from agent_server.execution.records.record import RunStore, TaskRecord
from agent_server.execution.runs.lifecycle import GOING_ON, RunState
from agent_server.execution.sandboxes import mirror
from agent_server.execution.state import StateDirectory
from tests.execution.records import RUN, in_database, record

DAY = 86_400
OLD = 1.0  # seconds since the epoch
RUNS = (f"20260101T000000-{number:06x}" for number in count())


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    (tmp_path / "workspace").mkdir()
    return StateDirectory.for_workspace(
        tmp_path / "workspace", {**os.environ, "AGENT_SERVER_STATE_DIR": str(tmp_path / "state")}
    )


@pytest.fixture
def store(state: StateDirectory) -> Iterator[RunStore]:
    store = RunStore(state.runs)
    yield store
    store.close()


def age(state: StateDirectory, run: str) -> None:
    """Let the run have changed long ago."""
    in_database(state.root / "state.db", "UPDATE run SET changed = ? WHERE id = ?", OLD, run)


def write(store: RunStore, run: str, task: str, *, declared: bool = True) -> Path:
    """Let a task have written a file; returns where its content is kept."""
    folder = store.changes_folder(run, task)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "draft").write_text("precious\n")
    name = fingerprint(folder / "draft")
    assert name is not None
    content = (folder / "draft").rename(folder / name)
    change = Change(f"{task}.txt", ChangeKind.CREATE, FileType.FILE, None, name, content)
    store.save_changes(run, task, [change] if declared else [], [] if declared else [change])
    return content


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    run_state=st.sampled_from(RunState),
    tasks=st.lists(st.tuples(st.sampled_from(TaskState), st.sampled_from(["", "declared", "undeclared"])), max_size=3),
    is_old=st.booleans(),
)
def test_nothing_goes_that_somebody_may_still_want(
    state: StateDirectory,
    store: RunStore,
    run_state: RunState,
    tasks: list[tuple[TaskState, str]],
    is_old: bool,
) -> None:
    run = next(RUNS)
    store.save(record(run, *(TaskRecord(task) for task, _ in tasks), state=run_state))
    contents = [
        (task, write(store, run, name, declared=what == "declared"))
        for name, (task, what) in zip("abc", tasks, strict=False)
        if what
    ]
    if is_old:
        age(state, run)
    gone = run in sweep(state, 30)
    assert (store.load(run) is None) == gone
    assert [content.exists() for _, content in contents] == [not gone] * len(contents)
    open_work = [task for task, _ in contents if task not in {TaskState.LANDED, TaskState.DISCARDED, TaskState.UNDONE}]
    if not is_old or run_state in GOING_ON:
        assert not gone
    elif run_state is RunState.DISCARDED:
        assert gone == (TaskState.HELD not in [task for task, _ in tasks])
    else:
        assert gone == (not open_work)


def test_a_run_goes_with_all_that_is_kept_of_it(state: StateDirectory, store: RunStore) -> None:
    store.save(record(RUN, TaskRecord(TaskState.LANDED), state=RunState.LANDED))
    store.append(RUN, "a", 0, Said("done"))
    content = write(store, RUN, "a")
    (change,) = store.changes(RUN, "a")
    lander = Lander(state.workspace, state.landing)
    lander.land(RUN, [change])
    age(state, RUN)
    assert sweep(state, 30) == (RUN,)
    assert not content.exists()
    assert not (state.runs / RUN).exists()
    assert not lander.has_landed(RUN)
    assert (state.workspace / "a.txt").read_text() == "precious\n"
    tables = ("run", "task", "phase", "event", "change", "change_set")
    assert [in_database(state.root / "state.db", f"SELECT count(*) FROM {table}") for table in tables] == [[(0,)]] * 6


def test_contents_that_nothing_lists_are_somebodys_work_too(state: StateDirectory, store: RunStore) -> None:
    store.save(record(RUN, TaskRecord(TaskState.FAILED), state=RunState.FAILED))
    content = write(store, RUN, "a")
    in_database(state.root / "state.db", "DELETE FROM change")
    unknown = state.runs / "20200101T000000-00000f"
    unknown.mkdir()
    age(state, RUN)
    assert sweep(state, 30) == ()
    assert content.exists()
    assert unknown.exists()


def test_it_says_what_it_removed(state: StateDirectory, store: RunStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store.save(record(RUN, TaskRecord(TaskState.UNDONE), state=RunState.UNDONE))
    age(state, RUN)
    assert sweep(state, 30) == (RUN,)
    assert f"Removed run {RUN} of `two.plan.md`, which is undone" in caplog.text


def test_the_sandboxes_of_dead_runs_go_and_those_of_living_ones_stay(state: StateDirectory) -> None:
    sandbox = state.sandboxes / "a-1"
    (sandbox / "tree").mkdir(parents=True)
    (sandbox / "tree/file").write_text("x")
    with mirror.held(state):
        sweep(state, 30)
        assert (sandbox / "tree/file").exists()
    sweep(state, 30)
    assert list(state.sandboxes.iterdir()) == []
    assert not (state.root / "waste").exists()


def test_what_was_broken_off_is_finished_the_next_time(state: StateDirectory, store: RunStore) -> None:
    store.save(record(RUN, TaskRecord(TaskState.LANDED), state=RunState.LANDED))
    content = write(store, RUN, "a")
    (content.parent / "more").write_text("x")
    age(state, RUN)
    looks = iter([False, False, True])
    assert sweep(state, 30, stopping=lambda: next(looks, True)) == ()
    assert store.load(RUN) is not None
    assert sweep(state, 30) == (RUN,)
    assert not content.parent.exists()


def test_a_janitor_that_is_stopped_sweeps_no_more(state: StateDirectory, store: RunStore) -> None:
    for run in (RUN, "20260101T000000-000002"):
        store.save(record(run, TaskRecord(TaskState.LANDED), state=RunState.LANDED))
    age(state, RUN)
    begun = Semaphore(0)

    def opened() -> StateDirectory:
        begun.release()
        return state

    janitor = Janitor(opened, lambda: 30)
    for _ in range(2):
        janitor.sweep_soon()
        assert begun.acquire(timeout=60)
    assert store.load(RUN) is None  # the second sweep begins after the first
    janitor.stop()
    age(state, "20260101T000000-000002")
    janitor.sweep_soon()
    janitor.stop()
    assert store.load("20260101T000000-000002") is not None
