"""The janitor: removes what runs leave behind, once nobody can want it any more.

What it removes is decided by one rule (`is_settled`): a run that is over, and of which all that its agents wrote has
landed, or was discarded or taken back by the user. After `keep_days` such a run goes: its change sets, what its
landing displaced, its record. A run that holds anything else stays for ever, however old it is, and so does a folder
without a record. Sandboxes of dead runs go at once, the JSON of older versions when it is old.

It works in a thread of its own, at the lowest priority, and stops between two files when it is asked to. Each run's
record goes last, so that what was not finished is done the next time.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.analysis.facts import TaskState
from agent_server.execution.landing.landing import Lander
from agent_server.execution.records import json_records
from agent_server.execution.records.record import RunRecord, RunStore
from agent_server.execution.runs.lifecycle import GOING_ON, RunState
from agent_server.execution.sandboxes import mirror
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.state import StateDirectory, StateError
from agent_server.plan.visible import visible

_DAY = 86_400.0
_LOWEST_PRIORITY = 19
_SETTLED_TASKS = frozenset({TaskState.LANDED, TaskState.DISCARDED, TaskState.UNDONE})

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The janitor was asked to stop."""


class Janitor:
    """Cleans up behind the runs of one workspace. Its methods return at once, but for `stop`.

    `open_state` is called in the janitor's thread; it may raise `StateError`. `keep_days` is read at each sweep.
    """

    def __init__(self, open_state: Callable[[], StateDirectory], keep_days: Callable[[], float]) -> None:
        self._open_state = open_state
        self._keep_days = keep_days
        self._wanted = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def sweep_soon(self) -> None:
        """Clean up, once more where that goes on already. Does nothing after `stop`."""
        if self._stopping.is_set():
            return
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="agent-server-janitor", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop after the file that is being removed, and wait for that."""
        self._stopping.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        _step_back()
        while self._wanted.wait() and not self._stopping.is_set():
            self._wanted.clear()
            try:
                sweep(self._open_state(), self._keep_days(), stopping=self._stopping.is_set)
            except StateError as error:
                _log.info("Nothing is cleaned up: %s", error)
            except OSError as error:
                _log.warning("What earlier runs left behind cannot be removed: %s", error)


def sweep(
    state: StateDirectory,
    keep_days: float,
    *,
    now: Callable[[], float] = time.time,
    stopping: Callable[[], bool] = lambda: False,
) -> tuple[str, ...]:
    """Remove what is due; returns the runs that are gone. Raises `OSError` and `StateError`."""
    work = _Sweep(state, now() - keep_days * _DAY, stopping)
    try:
        work.remove_sandboxes()
        work.remove_runs()
        work.remove_old_json()
    except _Stopped:
        _log.info("Cleaning up was broken off. It goes on the next time.")
    finally:
        work.store.close()
    return tuple(work.gone)


def is_settled(record: RunRecord, store: RunStore) -> bool:
    """Whether nothing of the run is left that somebody may still want to land, or look at before they decide."""
    if record.state in GOING_ON:
        return False
    if record.state is RunState.DISCARDED:
        return all(task.state is not TaskState.HELD for task in record.tasks.values())
    return all(
        task.state in _SETTLED_TASKS or not store.has_changes(record.id, name) for name, task in record.tasks.items()
    )


@dataclass(slots=True)
class _Sweep:
    state: StateDirectory
    before: float
    """What has changed since then stays; seconds since the epoch."""
    stopping: Callable[[], bool]
    store: RunStore = field(init=False)
    gone: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = RunStore(self.state.runs)

    def remove_sandboxes(self) -> None:
        """Remove the sandboxes of runs that are dead. They are moved away first: a run that begins must not wait."""
        waste = self.state.root / "waste"
        if any(self.state.sandboxes.iterdir()):
            with suppress(mirror.MirrorError), mirror.held(self.state):  # else a run has its sandboxes there
                waste.mkdir(mode=0o700, exist_ok=True)
                for number, leftover in enumerate(self.state.sandboxes.iterdir()):
                    leftover.rename(waste / f"{time.time_ns()}-{number}")
        if waste.exists():
            self._remove(waste)
            _log.info("Removed the sandboxes of runs that are dead")

    def remove_runs(self) -> None:
        """Remove the runs that are settled and old."""
        for record in self.store.unchanged_since(self.before):
            self._go_on()
            if is_settled(record, self.store):
                self._remove_run(record)

    def remove_old_json(self) -> None:
        """Remove the JSON of records that have long been taken into the database; contents stay."""
        for entry in sorted(os.scandir(self.state.runs), key=lambda entry: entry.name):
            self._go_on()
            files = [file for file in _json_of(Path(entry.path)) if _changed(file) < self.before]
            if files and (entry.name == json_records.LATEST or self.store.load(entry.name) is not None):
                for file in files:
                    file.unlink(missing_ok=True)
                _log.info("Removed the old files of `%s`, which are in the database now", entry.name)

    def _remove_run(self, record: RunRecord) -> None:
        lander = Lander(self.state.workspace, self.state.landing)
        for landing in (*record.landings, record.id):
            lander.forget(landing)
            lander.forget(f"{landing}-undo")
        self._remove(self.state.runs / record.id)
        self.store.forget(record.id)
        self.gone.append(record.id)
        plan = visible(record.approval.plan)
        _log.info("Removed run %s of `%s`, which is %s", record.id, plan, record.state.value)

    def _remove(self, folder: Path) -> None:
        """Remove a folder and all below it, until the janitor is stopped."""
        remove_tree(folder, before_each=self._go_on)

    def _go_on(self) -> None:
        if self.stopping():
            raise _Stopped


def _json_of(folder: Path) -> list[Path]:
    """The files of older versions in the folder of a run, or in the one that told which run was a plan's last."""
    if folder.name == json_records.LATEST:
        return list(folder.iterdir())
    named = (folder / json_records.RUN_FILE, folder / json_records.LOG_FILE)
    return [*filter(Path.exists, named), *folder.glob(f"changes/*/{json_records.CHANGES_FILE}")]


def _changed(file: Path) -> float:
    """When the file was last written; seconds since the epoch."""
    return file.lstat().st_mtime


def _step_back() -> None:
    """Give this thread the lowest priority, where a thread can have one of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST_PRIORITY)
