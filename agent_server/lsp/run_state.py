"""Runs as our own messages tell of them. Pure: progress in, messages out."""

from collections import Counter
from collections.abc import Iterable, Mapping

from agent_server.analysis.estimates.costs import cost_of
from agent_server.analysis.estimates.prices import Price
from agent_server.execution.approval import ApprovedTask
from agent_server.execution.changes import ChangeKind
from agent_server.execution.lifecycle import RunState
from agent_server.execution.progress import Progress
from agent_server.execution.record import RunRecord, TaskRecord, began
from agent_server.lsp.messages import (
    FileChange,
    FileReport,
    RunReport,
    Spend,
    StatusParams,
    TaskReport,
    TaskStatus,
    Verification,
)

FILE_CHANGES: Mapping[ChangeKind, FileChange] = {
    ChangeKind.CREATE: "created",
    ChangeKind.MODIFY: "changed",
    ChangeKind.DELETE: "deleted",
}
"""What a change set does to a path, as clients are told."""


def run_state(uri: str, progress: Progress, waves: int, prices: Mapping[str, Price]) -> RunReport:
    """A whole run for `agentServer/runState`. `waves` is how many the plan had when the run was launched."""
    record = progress.record
    spent = spend([progress], prices)
    return RunReport(
        plan=uri,
        run=record.id,
        wave=record.approval.wave,
        waves=waves,
        state=record.state.value,
        message=progress.message,
        percentage=progress.percent,
        isolation=record.isolation,
        started=began(record.id).isoformat(),
        seconds=_rounded(progress.seconds),
        eta=None if progress.seconds_left is None else _rounded(progress.seconds_left),
        tokens=spent.tokens,
        usd=spent.usd,
        verification=_verification(record),
        tasks=[_task(progress, approved, record.tasks[approved.id], prices) for approved in record.approval.tasks],
    )


def status(uri: str, progress: Progress) -> StatusParams:
    """A whole run for `agentServer/status`, which clients of 0.1 get."""
    record = progress.record
    return StatusParams(
        plan=uri,
        wave=record.approval.wave,
        run=record.id,
        state=record.state.value,
        message=progress.message,
        percentage=progress.percent,
        isolation=record.isolation,
        counts=dict(Counter(task.state.value for task in record.tasks.values())),
        tasks=[
            TaskStatus(
                id=approved.id,
                title=approved.title,
                state=record.tasks[approved.id].state.value,
                activity=progress.activity.get(approved.id, ""),
                message=record.tasks[approved.id].message,
                tokens=record.tasks[approved.id].tokens,
                changed=record.tasks[approved.id].changed,
                undeclared=record.tasks[approved.id].undeclared,
            )
            for approved in record.approval.tasks
        ],
    )


def spend(runs: Iterable[Progress], prices: Mapping[str, Price]) -> Spend:
    """What runs have used so far, together."""
    tasks = [(each, run.record.tasks[each.id]) for run in runs for each in run.record.approval.tasks]
    known = [usd for approved, task in tasks if (usd := _usd(approved, task, prices)) is not None]
    return Spend(tokens=sum(task.tokens for _, task in tasks), usd=sum(known) if known else None)


def _task(progress: Progress, approved: ApprovedTask, task: TaskRecord, prices: Mapping[str, Price]) -> TaskReport:
    return TaskReport(
        id=approved.id,
        title=approved.title,
        state=task.state.value,
        activity=progress.activity.get(approved.id, ""),
        message=task.message,
        files=[
            FileReport(path=change.path, kind=FILE_CHANGES[change.kind])
            for change in progress.changes.get(approved.id, ())
        ],
        undeclared=task.undeclared,
        tokens=task.tokens,
        usd=_usd(approved, task, prices),
        seconds=_rounded(progress.worked.get(approved.id, 0.0)),
        model=approved.model,
        agent=approved.agent,
    )


def _usd(approved: ApprovedTask, task: TaskRecord, prices: Mapping[str, Price]) -> float | None:
    """What the task's tokens cost; playing a transcript costs nothing, so no money is named."""
    return None if approved.agent == "replay" else cost_of(task.used, approved.model, prices).usd


def _verification(record: RunRecord) -> Verification | None:
    """The command that runs now, or else the last one that ran."""
    command, facts = record.approval.verify, record.verify
    if record.state is RunState.VERIFYING and command and (facts is None or facts.command != command):
        return Verification(command=command, output="")
    if facts is None or not facts.command:
        return None
    return Verification(command=facts.command, passed=facts.passed, output=facts.output)


def _rounded(seconds: float) -> float:
    """To a tenth: more digits would only make every message another one."""
    return round(seconds, 1)
