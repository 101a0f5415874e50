"""The recorded runs of a workspace, for the commands that take a run or a plan as an argument."""

import os
from dataclasses import dataclass
from pathlib import Path

from agent_server.cli.main import UsageError
from agent_server.execution.record import RunRecord, RunStore
from agent_server.execution.state import StateDirectory, StateError
from agent_server.plan.visible import visible
from agent_server.workspace.paths import find_root, relative


@dataclass(frozen=True, slots=True)
class Found:
    """A run of the workspace at `root`, and the records that it is among."""

    root: Path
    store: RunStore
    record: RunRecord


def find(wanted: str) -> Found:
    """The run of that id in the workspace of this folder, or the last run of the plan at that path.

    Raises `UsageError` where there is none.
    """
    here = find_root(Path().absolute() / "any file of it")
    store = _store(here)
    record = store.load(wanted)
    if record is not None:
        return Found(here, store, record)
    root = find_root(Path(wanted).absolute())
    plan = relative(root, Path(wanted).absolute()) or wanted
    store = _store(root)
    record = store.latest(plan)
    if record is None:
        raise UsageError(f"`{visible(wanted)}` is no run here, and no plan that has one.")
    return Found(root, store, record)


def _store(root: Path) -> RunStore:
    try:
        return RunStore(StateDirectory.for_workspace(root, os.environ).runs)
    except StateError as error:
        raise UsageError(str(error)) from None
