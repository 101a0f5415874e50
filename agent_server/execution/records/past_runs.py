"""What the recorded runs of a workspace took and wrote: the edge of `analysis/estimates/past_runs.py`."""

from collections.abc import Iterator

from agent_server.analysis.estimates.past_runs import PastTask
from agent_server.analysis.facts import TaskState
from agent_server.execution.records.record import RunRecord, RunStore

MOST_RUNS = 40
"""How many records are read, newest first: enough for any median, and read in some tens of milliseconds."""

_FINISHED = frozenset({TaskState.LANDED, TaskState.HELD})


def past_tasks(store: RunStore) -> tuple[PastTask, ...]:
    """The tasks that agents finished in the last runs of a workspace, newest first. Reads the disk."""
    return tuple(task for record in store.recent(MOST_RUNS) for task in finished(record))


def finished(record: RunRecord) -> Iterator[PastTask]:
    """The tasks of one run that an agent finished. A played transcript tells nothing of how long an agent takes."""
    for approved in record.approval.tasks:
        task = record.tasks.get(approved.id)
        if task is None or approved.agent == "replay" or task.state not in _FINISHED or task.seconds <= 0:
            continue
        yield PastTask(
            record.approval.plan,
            approved.id,
            approved.model,
            len(task.changed),
            task.seconds / 60,
            task.used,
            (*task.changed, *task.undeclared),
            task.usd if not task.unreported.total else None,
        )
