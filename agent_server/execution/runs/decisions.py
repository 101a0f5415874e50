"""What people decide about a run that has stopped: try again, land, repair, discard, undo.

Pure: a record goes in, and the record of what follows comes out, or a `NotLaunchable` that says why not and what to do.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.execution.approval import ApprovedTask, NotLaunchable
from agent_server.execution.changes.harvest import followed
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import ENDED, RUN_MOVES, STOPPED, TASK_MOVES, WITH_WORK, RunState, moved
from agent_server.plan.visible import visible

_NOT_DONE = frozenset({TaskState.FAILED, TaskState.CANCELLED})
_WHAT_BECAME = {
    TaskState.LANDED: "has landed",
    TaskState.FAILED: "has failed",
    TaskState.CANCELLED: "was stopped",
    TaskState.DISCARDED: "was discarded",
    TaskState.UNDONE: "was undone",
}
_OUTPUT_TOLD = 2_000  # characters of a command's output that the next attempt is told


def tried_again(record: RunRecord, tasks: Collection[str], comment: str = "") -> tuple[RunRecord, frozenset[str]]:
    """The record of a run of which `tasks` are tried again, and who works then; without tasks, those that are not done.

    What was built on the work of one of them is made anew, too. An earlier repair of theirs is given up.
    """
    _expect_stopped(record, "tried again")
    _expect_known(record, tasks)
    chosen = set(tasks) or _not_done(record)
    if not chosen:
        raise NotLaunchable("All tasks of this run are done. Name those that should be tried again, or land the run.")
    for name in chosen:
        _expect_retryable(record, name)
    order = {task.id: task.after for task in record.approval.tasks}
    open_tasks = [task for task in record.approval.tasks if _is_open(record.tasks[task.id])]
    chosen |= {task.id for task in open_tasks if chosen & followed(task.id, order) and not task.repairs}
    given_up = {
        task.id
        for task in open_tasks
        if task.repairs and (chosen & followed(task.id, order) or record.tasks[task.id].state in _NOT_DONE)
    }
    changed = {name: _waiting(record.tasks[name], comment if name in tasks or not tasks else "") for name in chosen}
    changed |= {name: _in_state(record.tasks[name], TaskState.DISCARDED) for name in given_up}
    return _going_on(record, changed), frozenset(chosen)


def to_land(record: RunRecord, tasks: Collection[str] | None, *, verify: bool) -> tuple[RunRecord, frozenset[str]]:
    """The record of a run of which the work of `tasks` is about to land, and those tasks; None stands for all held."""
    _expect_stopped(record, "landed")
    _expect_known(record, tasks or ())
    held = frozenset(name for name, task in record.tasks.items() if task.state is TaskState.HELD)
    chosen = held if tasks is None else frozenset(tasks)
    if not chosen:
        raise NotLaunchable("This run holds nothing that could land. Try its tasks again.")
    for name in sorted(chosen - held):
        raise NotLaunchable(f"`{visible(name)}` {_WHAT_BECAME[record.tasks[name].state]}, so nothing of it can land.")
    order = {task.id: task.after for task in record.approval.tasks}
    for name in sorted(chosen):
        missing = sorted((followed(name, order) & held) - chosen)
        if missing:
            raise NotLaunchable(f"`{visible(name)}` was built on `{visible(missing[0])}`. Land both, or neither.")
    return (_going_on(record, {}) if verify else replace(record, problem="")), chosen


def with_repair(record: RunRecord) -> tuple[RunRecord, ApprovedTask, VerifyFacts]:
    """The record of a run with one more task, which mends what all others made; that task, and what had failed.

    It may write what they may, and is done by the agent of one of them.
    """
    _expect_stopped(record, "repaired")
    if record.verify is None or record.verify.passed:
        raise NotLaunchable("No verification of this run has failed, so there is nothing to repair.")
    unfinished = [
        task.id
        for task in record.approval.tasks
        if not task.repairs and (record.tasks[task.id].state in _NOT_DONE or record.tasks[task.id].failed_check)
    ]
    if unfinished:
        raise NotLaunchable(f"`{visible(unfinished[0])}` is not done. Try it again first.")
    others = [task for task in record.approval.tasks if record.tasks[task.id].state is TaskState.HELD]
    if all(task.repairs for task in others):
        raise NotLaunchable("This run holds no task's work that could be repaired. Launch the wave again.")
    repair = ApprovedTask(
        id=_free_name(record.tasks),
        title="Repair what the verification found",
        writes=tuple(dict.fromkeys(path for task in others for path in task.writes)),
        model=others[0].model,
        agent=others[0].agent,
        runs=others[0].runs,
        given=others[0].given,
        program=others[0].program,
        after=tuple(task.id for task in others),
        repairs=True,
    )
    given_up = {
        task.id: _in_state(record.tasks[task.id], TaskState.DISCARDED)
        for task in record.approval.tasks
        if task.repairs and record.tasks[task.id].state in _NOT_DONE
    }
    approval = replace(record.approval, tasks=(*record.approval.tasks, repair))
    after = _going_on(replace(record, approval=approval), {**given_up, repair.id: TaskRecord()})
    # What failed is told until something else is known.
    return replace(after, verify=record.verify), repair, record.verify


def discarded(record: RunRecord) -> RunRecord:
    """The record of a run of which nothing more shall land."""
    _expect_stopped(record, "discarded")
    tasks = {
        name: _in_state(task, TaskState.DISCARDED) if _is_open(task) else task for name, task in record.tasks.items()
    }
    return replace(record, state=moved(record.state, RunState.DISCARDED, RUN_MOVES), tasks=tasks, problem="")


def expect_reviewable(record: RunRecord, task: str) -> None:
    """Raise `NotLaunchable` unless something of a task's work may be left out before it lands."""
    _expect_stopped(record, "changed")
    _expect_known(record, (task,))
    if record.tasks[task].state is not TaskState.HELD:
        raise NotLaunchable(
            f"`{visible(task)}` is {record.tasks[task].state.word}, so it holds nothing that could land."
        )


def left_out(record: RunRecord, task: str, paths: Collection[str]) -> RunRecord:
    """The record of a run of whose `task` something was left out; it would still change `paths`.

    What was verified is there no more, so its verdict blames nobody.
    """
    after = replace(record.tasks[task], changed=tuple(paths))
    failed = record.verify is not None and not record.verify.passed
    return replace(
        record,
        tasks={**record.tasks, task: after},
        problem="Something was left out, and what is left is not verified yet." if failed else record.problem,
        verify=None,
    )


def last_landing(record: RunRecord) -> str:
    """The last transaction of a run that was not undone yet."""
    for landing in reversed(record.landings):
        if is_landed(record, landing):
            return landing
    raise NotLaunchable("Nothing of this run has landed, or all of it was undone, so there is nothing to undo.")


def is_landed(record: RunRecord, landing: str) -> bool:
    """Whether that transaction of a run has landed, and was not undone."""
    return any(task.landing == landing and task.state is TaskState.LANDED for task in record.tasks.values())


def undone(record: RunRecord, landing: str) -> RunRecord:
    """The record of a run of which that landing was taken back."""
    tasks = {
        name: _in_state(task, TaskState.UNDONE) if task.landing == landing and task.state is TaskState.LANDED else task
        for name, task in record.tasks.items()
    }
    some_left = any(task.state is TaskState.LANDED for task in tasks.values())
    if record.state is not RunState.LANDED or some_left:
        return replace(record, tasks=tasks)
    return replace(record, state=moved(record.state, RunState.UNDONE, RUN_MOVES), tasks=tasks)


def how_it_ended(record: RunRecord, name: str) -> str:
    """How the last attempt at a task ended, for the agent of the next one."""
    task, verify = record.tasks[name], record.verify
    parts = [task.message]
    if task.state in WITH_WORK and verify is not None and not verify.passed:
        parts += [record.problem if record.problem != task.message else "", _output(verify.command, verify.output)]
    return "\n\n".join(part for part in parts if part)


def _output(command: str, output: str) -> str:
    return f"The end of what `{command}` printed:\n\n{output[-_OUTPUT_TOLD:].strip()}" if output.strip() else ""


def _not_done(record: RunRecord) -> set[str]:
    return {
        task.id
        for task in record.approval.tasks
        if not task.repairs and (record.tasks[task.id].state in _NOT_DONE or record.tasks[task.id].failed_check)
    }


def _is_open(task: TaskRecord) -> bool:
    """Whether something may still be decided about a task."""
    return task.state not in ENDED or task.state in _NOT_DONE


def _waiting(task: TaskRecord, comment: str) -> TaskRecord:
    """A task that is about to be tried again. What it has used so far still counts."""
    state = moved(task.state, TaskState.WAITING, TASK_MOVES)
    fresh = TaskRecord(state, tokens=task.tokens, used=task.used, usd=task.usd, unreported=task.unreported)
    return replace(fresh, attempt=task.attempt + 1, comment=comment)


def _in_state(task: TaskRecord, state: TaskState) -> TaskRecord:
    return replace(task, state=moved(task.state, state, TASK_MOVES))


def _going_on(record: RunRecord, changed: dict[str, TaskRecord]) -> RunRecord:
    state = moved(record.state, RunState.PREPARING, RUN_MOVES)
    return replace(record, state=state, tasks={**record.tasks, **changed}, problem="", verify=None)


def _free_name(taken: Iterable[str]) -> str:
    names, number = set(taken), 1
    while (name := "repair" if number == 1 else f"repair-{number}") in names:
        number += 1
    return name


def _expect_stopped(record: RunRecord, done: str) -> None:
    if record.state in STOPPED:
        return
    why = {
        RunState.LANDED: "has landed",
        RunState.DISCARDED: "was discarded",
        RunState.UNDONE: "was undone",
    }.get(record.state, "is still going on")
    raise NotLaunchable(f"Run {record.id} {why}, so it cannot be {done}.")


def _expect_known(record: RunRecord, tasks: Iterable[str]) -> None:
    for name in tasks:
        if name not in record.tasks:
            known = ", ".join(f"`{visible(each)}`" for each in record.tasks)
            raise NotLaunchable(f"Run {record.id} has no task `{visible(name)}`. Its tasks are {known}.")


def _expect_retryable(record: RunRecord, name: str) -> None:
    task = record.tasks[name]
    if any(each.id == name and each.repairs for each in record.approval.tasks):
        raise NotLaunchable(f"`{visible(name)}` is a repair. Start another one instead.")
    if not _is_open(task):
        raise NotLaunchable(f"`{visible(name)}` {_WHAT_BECAME[task.state]}, so it is not tried again.")
