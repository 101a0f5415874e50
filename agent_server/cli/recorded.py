"""The recorded runs of a workspace, for the commands that take a run or a plan as an argument."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agent_server.cli.main import UsageError
from agent_server.execution.records.record import RunRecord, RunStore, TaskRecord, is_run_id
from agent_server.execution.state import StateDirectory, StateError
from agent_server.plan.folders import plan_of
from agent_server.plan.visible import visible
from agent_server.workspace.paths import find_root, relative, root_around

_BEGINNING = re.compile(r"\d{4,8}(T\d{0,6}(-[0-9a-f]{0,6})?)?")
"""What may be the beginning of a run's id, and is the path of no plan."""

_SHOWN = 4  # as many runs as a message names


@dataclass(frozen=True, slots=True)
class Recorded:
    """The records of one workspace."""

    root: Path
    store: RunStore


@dataclass(frozen=True, slots=True)
class Found(Recorded):
    """A run, and the records that it is among. `target` is what commands may call it: as the user did, or its id."""

    record: RunRecord
    target: str

    @property
    def plan(self) -> Path:
        """The run's plan. The file need not be there any more."""
        return self.root / self.record.approval.plan


def of_folder(folder: Path) -> Recorded:
    """The records of the workspace that a folder is in; raises `UsageError`."""
    return _of(root_around(folder))


def of_plan(path: Path) -> tuple[Recorded, str]:
    """The records of a plan's workspace, and what they call the plan. The file need not be there any more."""
    root = find_root(path.absolute())
    name = relative(root, path.absolute()) or str(path)
    return _of(root), f"{name}/" if path.is_dir() else plan_of(name)


def of_run_or_plan(wanted: str) -> tuple[Recorded, str]:
    """The records of a plan's workspace, and what they call the plan: that at the path, or that of a run."""
    if not _BEGINNING.fullmatch(wanted):
        return of_plan(Path(wanted))
    found = find(wanted)
    return found, found.record.approval.plan


def find(wanted: str) -> Found:
    """The run of that id in the workspace of this folder, or the last run of the plan at that path.

    Of an id the beginning is enough, where no other run's begins so. Raises `UsageError`.
    """
    try:
        return _find_run(wanted) if _BEGINNING.fullmatch(wanted) else _find_last(wanted)
    except StateError as error:
        raise UsageError(str(error)) from None


def _find_run(beginning: str) -> Found:
    recorded = of_folder(Path())
    found = (beginning,) if is_run_id(beginning) else recorded.store.beginning_with(beginning)
    if len(found) > 1:
        more = " and more" if len(found) > _SHOWN else ""
        raise UsageError(f"`{beginning}` may be {', '.join(found[:_SHOWN])}{more}. Write more of the id.")
    record = recorded.store.load(found[0]) if found else None
    if record is None:
        raise UsageError(f"There is no run `{beginning}` in `{visible(str(recorded.root))}`.")
    return Found(recorded.root, recorded.store, record, record.id)


def _find_last(path: str) -> Found:
    recorded, plan = of_plan(Path(path))
    record = recorded.store.latest(plan)
    if record is None:
        raise UsageError(f"`{visible(plan)}` has no run yet.")
    return Found(recorded.root, recorded.store, record, path)


def files_of(tasks: Iterable[TaskRecord]) -> int:
    """How many files the tasks changed, of those that they may change."""
    return sum(len(task.changed) for task in tasks)


def minutes_of(record: RunRecord) -> float:
    """How long a run has taken, all its phases together."""
    return sum(record.seconds.values()) / 60


def _of(root: Path) -> Recorded:
    try:
        return Recorded(root, RunStore(StateDirectory.for_workspace(root, os.environ).runs))
    except StateError as error:
        raise UsageError(str(error)) from None
