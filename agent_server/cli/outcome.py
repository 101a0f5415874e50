"""How a run ended, in words for the terminal. What plans, agents and builds say cannot pass for words of ours."""

from collections.abc import Iterator, Mapping

from agent_server.analysis.estimates.costs import basis, in_words
from agent_server.analysis.estimates.prices import Price
from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.analysis.picture import count
from agent_server.analysis.rules.wording import listed
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.budget import run_cost
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.next_steps import held
from agent_server.plan.visible import visible, visible_lines


def what_ran(record: RunRecord) -> str:
    """What a run is a run of."""
    return f"{record.approval.part} of {visible(record.approval.plan)}"


def in_lines(record: RunRecord, landings_before: int = 0) -> Iterator[str]:
    """How a run stands after one stretch of it, before which it had landed so many times; but for its problem."""
    for name, task in record.tasks.items():
        if task.message and task.state is not TaskState.LANDED:
            yield f"{visible(name)}: {visible(task.message)}"
        for path in task.undeclared:
            yield f"{visible(name)} wrote `{visible(path)}`, which is not in its write set. It was not landed."
    if record.state is not RunState.LANDED and record.verify and not record.verify.passed:
        yield from (visible_lines(words) for words in (record.verify.output.rstrip(), cause(record.verify)) if words)
    if len(record.landings) > landings_before:
        yield from _landed(record)
    if record.state is RunState.CANCELLED and (work := held(record)):
        yield f"What {visible(listed(work))} made is kept, and held."


def cause(verify: VerifyFacts) -> str:
    """What is known of why a verification failed; empty where nothing is."""
    words = []
    if verify.base_fails:
        words.append("It fails in the workspace as it is, too, without any task's work.")
    elif verify.failing:
        together = " together" if len(verify.failing) > 1 else ""
        words.append(f"It fails with the work of {visible(listed(verify.failing))}{together}.")
    if verify.passing:
        words.append(f"With the work of {visible(listed(verify.passing))} alone it passes.")
    return " ".join(words)


def spent(record: RunRecord, prices: Mapping[str, Price]) -> str:
    """What the run's agents used, in words; empty where they only played transcripts."""
    cost = run_cost(record, prices)
    if not cost.is_anything or all(task.agent == "replay" for task in record.approval.tasks):
        return ""
    dated = basis(cost)
    return f"The agents used {in_words(cost)}{f' ({dated})' if dated else ''}."


def _landed(record: RunRecord) -> Iterator[str]:
    """What landed last."""
    tasks = [task for task in record.tasks.values() if task.landing == record.landings[-1]]
    paths = sorted({path for task in tasks for path in task.changed})
    passed = record.verify is not None and record.verify.passed
    checked = f"`{visible(record.verify.command)}` passed; " if record.verify and passed else ""
    where = f" on branch {visible(record.branch)}" if record.branch else ""
    how = f" ({record.isolation})" if record.isolation else ""
    yield f"{checked}landed {count(len(paths), 'file')}{where}{how}:"
    yield from (f"  {visible(path)}" for path in paths)


def undone(record: RunRecord, tasks: tuple[str, ...]) -> Iterator[str]:
    """What the undoing of a landing with these tasks took back."""
    paths = sorted({path for name in tasks for path in record.tasks[name].changed})
    yield f"Took back {count(len(paths), 'file')} of {visible(listed(tasks))}:"
    yield from (f"  {visible(path)}" for path in paths)
