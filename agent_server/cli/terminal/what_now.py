"""What whoever sits at the terminal is asked when a wave is held: how it goes on. Each answer goes on by itself."""

from collections.abc import Mapping

from rich.console import Console

from agent_server.analysis.rules.wording import listed
from agent_server.cli import diff
from agent_server.cli.deciding import why_not
from agent_server.cli.next_commands import LOOK, in_words
from agent_server.cli.runner import Runner
from agent_server.cli.terminal.prompts import ask, is_agreed
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.next_steps import Step, Way, held, next_steps, retryable
from agent_server.plan.visible import visible

_KEYS: Mapping[Way, str] = {
    Way.RETRY: "r",
    Way.LAND: "l",
    Way.REPAIR: "p",
    Way.LAND_ANYWAY: "a",
    Way.DISCARD: "d",
}
_LOOK, _LEAVE = "v", "q"


async def what_now(runner: Runner, record: RunRecord) -> RunRecord:
    """Ask how a run that is held goes on, until it is not held any more or is left as it is; returns how it stands.

    Ctrl-C leaves it as it is, too. At a question about a step it only goes back.
    """
    while record.state is RunState.HELD and not runner.is_interrupted:
        steps = {_KEYS[step.way]: step for step in next_steps(record) if step.way in _KEYS}
        try:
            key = _asked(steps, record, runner.console)
        except KeyboardInterrupt:
            runner.is_interrupted = True
            break
        if key == _LEAVE:
            break
        try:
            if key == _LOOK:
                _look(runner, record)
            else:
                record = await _taken(steps[key], runner, record)
        except NotLaunchable as error:
            runner.say(why_not(error), "red")
        except KeyboardInterrupt:  # at a question about the step: it is not taken
            continue
    return record


def _asked(steps: Mapping[str, Step], record: RunRecord, console: Console) -> str:
    """The key that is chosen; no answer leaves the run as it is."""
    choices = {key: in_words(step, record) for key, step in steps.items()}
    if held(record):
        choices = {_LOOK: LOOK, **choices}
    choices[_LEAVE] = "leave it as it is"
    lines = "\n".join(f"  {key}  {words}" for key, words in choices.items())
    console.print(f"What now?\n{lines}", markup=False, highlight=False, soft_wrap=True)
    while (key := ask(f"[{'/'.join(choices)}]", _LEAVE).lower() or _LEAVE) not in choices:
        pass
    return key


def _look(runner: Runner, record: RunRecord) -> None:
    changes = runner.changes(record)
    diff.show({task: changes[task] for task in held(record)}, runner.console)


async def _taken(step: Step, runner: Runner, record: RunRecord) -> RunRecord:
    """Take one step; the record is the same where it was thought better of."""
    match step.way:
        case Way.RETRY:
            tasks = _tasks(step, record)
            return await runner.retry(record, tasks, ask("What should the agent mind? (Enter: nothing)"))
        case Way.LAND:
            return await runner.land(record, step.tasks)
        case Way.REPAIR:
            return await runner.repair(record)
        case Way.LAND_ANYWAY if is_agreed("Land it although it did not pass?"):
            return await runner.land(record, step.tasks, unverified=True)
        case Way.DISCARD if is_agreed("Give up all that it holds?"):
            return await runner.discard(record)
        case _:
            return record


def _tasks(step: Step, record: RunRecord) -> tuple[str, ...]:
    """The tasks that try again: those that the step is about, or others that are named."""
    known = retryable(record)
    if step.tasks == known:
        return known
    question = f"Which of {visible(listed(known, len(known)))}? (Enter: {visible(listed(step.tasks))})"
    while True:
        names = tuple(ask(question).replace(",", " ").split())
        if set(names) <= set(known):
            return names or step.tasks
