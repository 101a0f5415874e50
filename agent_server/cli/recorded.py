"""The recorded runs of a workspace, for the commands that take a run or a plan as an argument."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_server.analysis.estimates.costs import Cost, Total, cost_of, total
from agent_server.analysis.estimates.prices import Price
from agent_server.cli.main import UsageError
from agent_server.execution.approval import ApprovedTask
from agent_server.execution.record import RunRecord, RunStore, TaskRecord, is_run_id
from agent_server.execution.state import StateDirectory, StateError
from agent_server.plan.visible import visible
from agent_server.workspace.paths import find_root, relative


@dataclass(frozen=True, slots=True)
class Recorded:
    """The records of one workspace."""

    root: Path
    store: RunStore


@dataclass(frozen=True, slots=True)
class Found(Recorded):
    """A run, and the records that it is among."""

    record: RunRecord


def of_folder(folder: Path) -> Recorded:
    """The records of the workspace that a folder is in; raises `UsageError`."""
    return _of(find_root(folder.absolute() / "any file of it"))


def of_plan(path: Path) -> tuple[Recorded, str]:
    """The records of a plan's workspace, and what they call the plan. The file need not be there any more."""
    root = find_root(path.absolute())
    return _of(root), relative(root, path.absolute()) or str(path)


def find(wanted: str) -> Found:
    """The run of that id in the workspace of this folder, or the last run of the plan at that path."""
    if is_run_id(wanted):
        recorded = of_folder(Path())
        record, what = recorded.store.load(wanted), f"There is no run `{wanted}` in `{visible(str(recorded.root))}`."
    else:
        recorded, plan = of_plan(Path(wanted))
        record, what = recorded.store.latest(plan), f"`{visible(plan)}` has no run yet."
    if record is None:
        raise UsageError(what)
    return Found(recorded.root, recorded.store, record)


def task_cost(approved: ApprovedTask, task: TaskRecord, prices: Mapping[str, Price]) -> Cost | None:
    """What a task has cost: as its agent said, else by its tokens. None for a transcript that was only played."""
    if approved.agent == "replay":
        return None
    cost = cost_of(task.used, approved.model, prices)
    return cost if task.usd is None else Cost(cost.tokens, task.usd, "")


def run_cost(record: RunRecord, prices: Mapping[str, Price]) -> Total:
    """What all tasks of a run have cost, in the attempts at which they stand."""
    tasks = ((approved, record.tasks.get(approved.id)) for approved in record.approval.tasks)
    return total(task_cost(approved, task, prices) for approved, task in tasks if task is not None)


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
