"""A run of a plan is a series of runs, one a wave. What a plan may cost, and the branch it lands on, are the series'.

Pure. The rule, which `continued` carries out: a launch goes on with the plan's last series for as long as a task that
was open when the series was last launched is still open in the plan. A new one begins where

- the last series has finished the plan: nothing that was open then is open now;
- the last series came to nothing by somebody's decision: each run of it was discarded or undone, and left nothing;
- the user says so.

A branch that is gone, or that HEAD holds by now, ends no series, since the budget is the plan's however its work is
merged: the next landing makes another branch (`landing/branches.py`).
"""

from collections.abc import Collection, Sequence

from agent_server.analysis.facts import TaskState
from agent_server.analysis.model import Analysis
from agent_server.execution.records.run_record import RunRecord
from agent_server.execution.runs.lifecycle import WITH_WORK, RunState

_GIVEN_UP = frozenset({RunState.DISCARDED, RunState.UNDONE})


def continued(series: Sequence[RunRecord], open_tasks: Collection[str]) -> bool:
    """Whether a launch goes on with `series`: a plan's last one, in the order of its launches; empty where none is.

    `open_tasks` are the tasks that are open in the plan as it stands.
    """
    return bool(series) and not _was_given_up(series) and not _has_finished(series[-1], open_tasks)


def open_tasks(analysis: Analysis) -> tuple[str, ...]:
    """The ids of the tasks that are open in a plan, in the order of its text."""
    return tuple([task.id for task in analysis.plan.tasks.homes if task.is_open])


def _was_given_up(series: Sequence[RunRecord]) -> bool:
    """Whether nothing of the series has landed, or may still land, because somebody decided so."""
    kept = {TaskState.LANDED, *WITH_WORK}
    return all(run.state in _GIVEN_UP and all(task.state not in kept for task in run.tasks.values()) for run in series)


def _has_finished(last: RunRecord, open_tasks: Collection[str]) -> bool:
    return set(last.open_tasks).isdisjoint(open_tasks)
