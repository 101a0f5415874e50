"""Runs as our own messages tell of them. Pure: progress in, messages out."""

from collections import Counter
from collections.abc import Iterable, Mapping

from agent_server.analysis.estimates.prices import Price
from agent_server.execution.approval import ApprovedTask
from agent_server.execution.changes.changes import ChangeKind
from agent_server.execution.records.record import RunRecord, TaskRecord, began
from agent_server.execution.runs.budget import WARNED_AT, run_cost, shares, spent, task_cost
from agent_server.execution.runs.lifecycle import GOING_ON, RunState
from agent_server.execution.runs.next_steps import lands_alone, next_steps, retryable
from agent_server.execution.runs.progress import Progress
from agent_server.lsp.messages import (
    FileChange,
    FileReport,
    RunReport,
    RunStep,
    Spend,
    StatusParams,
    TaskReport,
    TaskStatus,
    Verification,
)
from agent_server.lsp.step_commands import run_step
from agent_server.lsp.versions import NEWEST, OLDEST, Version

FILE_CHANGES: Mapping[ChangeKind, FileChange] = {
    ChangeKind.CREATE: "created",
    ChangeKind.MODIFY: "changed",
    ChangeKind.DELETE: "deleted",
}
"""What a change set does to a path, as clients are told."""

_ENDS = {
    RunState.LANDED: "Landed",
    RunState.DISCARDED: "Discarded: nothing of it lands",
    RunState.UNDONE: "Undone: the files are what they were",
}
"""What is said of a run of which nothing else is known to say."""


def run_state(
    uri: str, progress: Progress, waves: int, prices: Mapping[str, Price], version: Version = NEWEST
) -> RunReport:
    """A whole run for `agentServer/runState`. `waves` is how many the plan had when the run was launched."""
    record = progress.record
    spent = spend([progress], prices)
    return RunReport(
        plan=uri,
        run=record.id,
        wave=record.approval.wave,
        waves=waves,
        state=version.run_state(record.state),
        message=message(progress),
        percentage=progress.percent,
        isolation=record.isolation,
        started=began(record.id).isoformat(),
        seconds=_rounded(progress.seconds),
        eta=None if progress.seconds_left is None else _rounded(progress.seconds_left),
        tokens=spent.tokens,
        usd=spent.usd,
        verification=_verification(record),
        branch=record.branch or None,
        stream=record.approval.stream or None,
        warnings=_warnings(record, progress, prices) or None,
        tasks=[
            _task(progress, approved, record.tasks[approved.id], prices, version) for approved in record.approval.tasks
        ],
        steps=(_steps(record) or None) if version.tells_steps else None,
    )


def message(progress: Progress) -> str:
    """What is going on, or how it ended, in a few words."""
    state = progress.record.state
    return progress.message or _ENDS.get(state, "Another process works on it" if state in GOING_ON else "")


def status(uri: str, progress: Progress) -> StatusParams:
    """A whole run for `agentServer/status`, which clients of 0.1 get."""
    record = progress.record
    return StatusParams(
        plan=uri,
        wave=record.approval.wave,
        run=record.id,
        state=OLDEST.run_state(record.state),
        message=message(progress),
        percentage=progress.percent,
        isolation=record.isolation,
        counts=dict(Counter(OLDEST.task_state(task.state) for task in record.tasks.values())),
        tasks=[
            TaskStatus(
                id=approved.id,
                title=approved.title,
                state=OLDEST.task_state(record.tasks[approved.id].state),
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
    costs = [run_cost(run.record, prices) for run in runs]
    known = [cost.usd for cost in costs if cost.usd is not None]
    return Spend(tokens=sum(cost.tokens for cost in costs), usd=sum(known) if known else None)


def _warnings(record: RunRecord, progress: Progress, prices: Mapping[str, Price]) -> list[str]:
    """The limits of the run's budget that are nearly used up, or more than that."""
    minutes = record.seconds.get(RunState.RUNNING.value, 0.0) / 60
    if record.state is RunState.RUNNING:
        minutes = max(minutes, max(progress.worked.values(), default=0.0) / 60)
    return [
        f"{share:.0%} of the budget of {limit} is used"
        for share, limit in shares(record.approval.budget, spent(record, minutes, prices))
        if share >= WARNED_AT
    ]


def _steps(record: RunRecord) -> list[RunStep]:
    """How the run can go on, once it has stopped."""
    return [] if record.state in GOING_ON else [run_step(step) for step in next_steps(record)]


def _task(
    progress: Progress, approved: ApprovedTask, task: TaskRecord, prices: Mapping[str, Price], version: Version
) -> TaskReport:
    cost = task_cost(approved, task, prices)
    return TaskReport(
        id=approved.id,
        title=approved.title,
        state=version.task_state(task.state),
        activity=progress.activity.get(approved.id, ""),
        message=task.message,
        files=[
            FileReport(path=change.path, kind=FILE_CHANGES[change.kind])
            for change in progress.changes.get(approved.id, ())
        ],
        undeclared=task.undeclared,
        tokens=task.tokens,
        usd=cost.usd if cost is not None else None,
        seconds=_rounded(progress.worked.get(approved.id, 0.0)),
        model=approved.model,
        agent=approved.agent,
        attempt=task.attempt,
        comment=task.comment or None,
        began=None if task.began is None or not version.tells_steps else _rounded(task.began),
        can_retry=(version.tells_steps and approved.id in retryable(progress.record)) or None,
        can_land=(version.tells_steps and lands_alone(progress.record, approved.id)) or None,
    )


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
