"""What a process that died has left behind in a workspace, put in order: landings, records, sandboxes."""

import logging
from collections.abc import Iterator
from pathlib import Path

from agent_server.analysis.facts import TaskState
from agent_server.execution.landing.commits import CannotCommit, landed_branch
from agent_server.execution.landing.landing import Lander, LandingFailed, Outcome, Recovered
from agent_server.execution.records.record import RunRecord, RunStore, after_crash
from agent_server.execution.runs.decisions import is_landed, undone
from agent_server.execution.runs.lifecycle import STOPPED, RunState
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import SandboxError, in_words
from agent_server.execution.sandboxes.sandbox import clear_leftovers
from agent_server.execution.state import StateDirectory, StateError, WorkspaceBusyError
from agent_server.plan.model import Landing
from agent_server.plan.visible import visible

_PATIENCE = 30.0
"""How long to wait for what a process that has died was about to start, in seconds."""

_log = logging.getLogger(__name__)


def put_in_order(state: StateDirectory) -> tuple[str, ...]:
    """Bring all landings to their end, close the records of dead runs, remove their sandboxes; in words, what was done.

    Does nothing where another process is at work in the workspace. Can be cut short and repeated. Blocks. Raises
    `StateError` where the workspace cannot be claimed.
    """
    try:
        state.lock(_PATIENCE)
    except WorkspaceBusyError:
        return ()
    told: list[str] = []
    try:
        lander = Lander(state.workspace, state.landing)
        told += map(_landing_words, lander.recover())
        store = RunStore(state.runs)
        closed = [_closed(each, lander, state.workspace) for each in store.under_way()]
        for record in (*closed, *_undone(store, lander)):
            store.save(record)
        told += (_run_words(each) for each in closed if each.state in STOPPED)
        remove_tree(state.commits)
        clear_leftovers(state)
        told += store.notices()
    except (LandingFailed, StateError, SandboxError, OSError) as error:
        told.append(f"What an earlier run left behind could not be put in order: {in_words(error)}")
    finally:
        state.unlock()
    return tuple(told)


def _closed(record: RunRecord, lander: Lander, workspace: Path) -> RunRecord:
    """The record of a run whose process died."""
    if record.state is not RunState.LANDING:
        return after_crash(record, landed=False)
    if record.approval.land is not Landing.COMMIT:
        return after_crash(record, landed=lander.has_landed(record.next_landing))
    try:
        branch = landed_branch(workspace, record.next_landing, plan=record.approval.plan)
    except CannotCommit as error:  # its work is held then; should the branch be there, it is never made twice
        _log.warning("%s", error)
        branch = None
    if branch is None:
        return after_crash(record, landed=False)
    return after_crash(record, landed=True, branch=branch.name, commit=branch.commit)


def _undone(store: RunStore, lander: Lander) -> Iterator[RunRecord]:
    """The records of runs of which a landing was taken back, by a process that died before it could say so."""
    for landing in lander.undone():
        record = store.load(landing.partition(".")[0])
        if record is not None and is_landed(record, landing):
            yield undone(record, landing)


def _run_words(record: RunRecord) -> str:
    wave = f"wave {record.approval.wave} of `{visible(record.approval.plan)}`"
    words = f"The server stopped in the middle of {wave}."
    if record.state is RunState.HELD:
        held = ", ".join(f"`{visible(name)}`" for name, task in record.tasks.items() if task.state is TaskState.HELD)
        return f"{words} What {held} made is held: try the rest again, land it, or discard it."
    if record.landed:
        return f"{words} What had landed before stays: try the rest again, or discard it."
    return f"{words} Nothing of it has landed: try it again, or launch it anew."


def _landing_words(recovered: Recovered) -> str:
    ends = {
        Outcome.DISCARDED: "had not begun to touch the workspace, and was dropped",
        Outcome.COMPLETED: "is complete now",
        Outcome.REVERTED: "was taken back as a whole",
    }
    kept = ", ".join(str(path) for path in recovered.rescued)
    run = recovered.transaction.removesuffix("-undo")
    what = "landing" if run == recovered.transaction else "undoing"
    words = f"The {what} of run {run} was cut short; it {ends[recovered.outcome]}."
    return f"{words} What had no place in the workspace is kept in {kept}." if kept else words
