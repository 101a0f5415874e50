"""What can be decided about a run as it stands: the same for every editor, and for the command line.

Pure. A step that is named here is one that `decisions` will not refuse.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.execution.changes.harvest import followed
from agent_server.execution.records.run_record import RunRecord
from agent_server.execution.runs.lifecycle import STOPPED

_NOT_DONE = frozenset({TaskState.FAILED, TaskState.CANCELLED})


class Way(StrEnum):
    """A way in which a run can go on."""

    RETRY = "retry"
    LAND = "land"
    """What it lands is verified once more."""
    REPAIR = "repair"
    LAND_ANYWAY = "land-anyway"
    """What it lands is not verified."""
    DISCARD = "discard"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Step:
    """One way on. `tasks` are those that it is about, and `whole` says that these are all that there are for it."""

    way: Way
    tasks: tuple[str, ...]
    whole: bool = True


def next_steps(record: RunRecord) -> tuple[Step, ...]:
    """What can be done with the run, in the order in which people should think of it."""
    steps = _of_stopped(record) if record.state in STOPPED else iter(())
    return (*steps, *_undoing(record))


def retryable(record: RunRecord) -> tuple[str, ...]:
    """The tasks that can be tried again one by one."""
    if record.state not in STOPPED:
        return ()
    return tuple(
        task.id
        for task in record.approval.tasks
        if not task.repairs and record.tasks[task.id].state in {*_NOT_DONE, TaskState.HELD}
    )


def held(record: RunRecord) -> tuple[str, ...]:
    """The tasks whose agents did their work, which has not landed."""
    return tuple(name for name, task in record.tasks.items() if task.state is TaskState.HELD)


def lands_alone(record: RunRecord, task: str) -> bool:
    """Whether what the task made can land while other work is still held: it was not built on that."""
    work = held(record)
    order = {each.id: each.after for each in record.approval.tasks}
    is_part = record.state in STOPPED and task in work and len(work) > 1
    return is_part and not followed(task, order) & set(work)


def _of_stopped(record: RunRecord) -> Iterator[Step]:
    work, again = held(record), _unfinished(record)
    failed = record.verify if record.verify is not None and not record.verify.passed else None
    if again:
        yield Step(Way.RETRY, again)
    elif work and not (failed and _blames_nobody(failed)):
        guilty = _guilty(record, failed) or retryable(record)
        if guilty:
            yield Step(Way.RETRY, guilty, whole=guilty == retryable(record))
    if work:
        yield from _landing(record, work, failed)
        if failed and not again and retryable(record):  # a repair alone is no work of the plan
            yield Step(Way.REPAIR, work)
        if failed:
            yield Step(Way.LAND_ANYWAY, work)
    if work or again:
        yield Step(Way.DISCARD, tuple(dict.fromkeys((*work, *again))))


def _landing(record: RunRecord, work: tuple[str, ...], failed: VerifyFacts | None) -> Iterator[Step]:
    """What of a stopped run may well pass if it is verified once more."""
    if failed is None or _blames_nobody(failed):
        yield Step(Way.LAND, work, whole=len(work) == len(record.tasks))
        return
    passing = tuple(name for name in failed.passing if name in work)
    if passing and len(passing) < len(work):
        yield Step(Way.LAND, passing, whole=False)


def _blames_nobody(failed: VerifyFacts) -> bool:
    """Whether it is known that no task made the verification fail: the same work may pass the next time."""
    return failed.base_fails or failed.passed_again


def _undoing(record: RunRecord) -> Iterator[Step]:
    landed = [(task.landing, name) for name, task in record.tasks.items() if task.state is TaskState.LANDED]
    last = next((each for each in reversed(record.landings) if any(each == landing for landing, _ in landed)), None)
    if last is not None:
        yield Step(Way.UNDO, tuple(name for landing, name in landed if landing == last))


def _unfinished(record: RunRecord) -> tuple[str, ...]:
    """The tasks that a retry without names tries again."""
    return tuple(
        name for name in retryable(record) if record.tasks[name].state in _NOT_DONE or record.tasks[name].failed_check
    )


def _guilty(record: RunRecord, failed: VerifyFacts | None) -> tuple[str, ...]:
    """The tasks with which a verification fails, as far as that was found out."""
    if failed is None:
        return ()
    names = {*failed.failing, *(broken.producer for broken in failed.broken)}
    return tuple(name for name in retryable(record) if name in names)
