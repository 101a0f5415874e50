"""The commands with which a run can go on as it stands, and what each does, in words."""

import shlex
from collections.abc import Iterator

from agent_server.analysis.facts import TaskState
from agent_server.analysis.rules.wording import listed
from agent_server.execution.records.record import RunRecord, is_run_id
from agent_server.execution.runs.lifecycle import GOING_ON, STOPPED
from agent_server.execution.runs.next_steps import Step, Way, held, next_steps
from agent_server.plan.visible import visible

LOOK = "look at what it changes, line by line"


def next_commands(record: RunRecord, target: str, options: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The commands that can be given for the run as it stands, and what each does.

    They name it as the `target`; those that let agents work are given the `options`.
    """
    if record.state in GOING_ON:
        yield "agent-server status", "see how far it is"
        return
    if any(task.changed for task in record.tasks.values()):
        yield _line("diff", target), LOOK
    for step in next_steps(record):
        yield _line(*_command(step, record, target, options)), in_words(step, record)
    if record.state in STOPPED:
        plan = record.approval.plan if is_run_id(target) else target
        yield _line("run", plan, *options), "begin anew with what is open in the plan"


def commands_in_words(record: RunRecord, target: str, options: tuple[str, ...] = ()) -> Iterator[str]:
    """The same for people, line by line; nothing where there is none."""
    commands = list(next_commands(record, target, options))
    if commands:
        width = max(len(command) for command, _ in commands)
        yield "What can be done now:"
        yield from (f"  {command.ljust(width)}  {words}" for command, words in commands)


def in_words(step: Step, record: RunRecord) -> str:
    """What a step does."""
    tasks = visible(listed(step.tasks))
    match step.way:
        case Way.RETRY:
            return f"let {tasks} try once more, with a comment if you like"
        case Way.LAND:
            failed = record.verify is not None and not (record.verify.passed or record.verify.base_fails)
            return f"land {tasks} alone, which passes" if failed else f"verify and land {tasks}"
        case Way.REPAIR:
            return "let one more agent mend what the tasks made together"
        case Way.LAND_ANYWAY:
            return f"land {tasks} although it did not pass"
        case Way.DISCARD:
            return "say that nothing of it shall land"
        case Way.UNDO:
            return f"take back what {tasks} changed"


def _command(step: Step, record: RunRecord, target: str, options: tuple[str, ...]) -> tuple[str, ...]:
    """The words of the command that takes a step."""
    named = tuple(word for task in step.tasks for word in ("--task", task))
    match step.way:
        case Way.RETRY:
            done = all(_is_done(record, task) for task in step.tasks)
            return ("retry", target, *(named if done else ()), "--comment", "...", *options)
        case Way.LAND:
            return ("land", target, *(() if step.tasks == held(record) else named))
        case Way.REPAIR:
            return ("repair", target, *options)
        case Way.LAND_ANYWAY:
            return ("land", target, "--unverified")
        case Way.DISCARD | Way.UNDO:
            return (step.way.value, target)


def _is_done(record: RunRecord, task: str) -> bool:
    """Whether a retry must name the task: without names, those that are not done try again."""
    return record.tasks[task].state is TaskState.HELD and not record.tasks[task].failed_check


def _line(*words: str) -> str:
    return visible(shlex.join(("agent-server", *words)))
