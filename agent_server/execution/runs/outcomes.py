"""What each state of a run and of a task means to people: one table, from which words, ticks and exit statuses follow.

How states follow one another is in `lifecycle`, the other half of the table. Commands, messages and documents say of a
state what stands here, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agent_server.analysis.facts import TaskState
from agent_server.execution.runs.lifecycle import RunState

DONE, NOT_DONE, INTERRUPTED = 0, 1, 130
"""The exit statuses of commands that let agents work or decide about a run."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What it means that a run stands so. `exit_status` is that of a command that should land it."""

    word: str
    meaning: str
    exit_status: int


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """What it means that a task stands so. `is_ticked` says whether its box in the plan is."""

    word: str
    meaning: str
    is_ticked: bool = False


RUNS: Mapping[RunState, RunOutcome] = {
    state: RunOutcome(state.word, meaning, status)
    for state, meaning, status in (
        (RunState.PREPARING, "The base is being frozen and the sandboxes opened.", NOT_DONE),
        (RunState.RUNNING, "Agents work.", NOT_DONE),
        (RunState.VERIFYING, "The combined result is being built in a scratch sandbox.", NOT_DONE),
        (RunState.LANDING, "The change set is going into the workspace.", NOT_DONE),
        (RunState.LANDED, "The files are in the workspace. It can be undone.", DONE),
        (RunState.HELD, "It waits for a decision: the change sets of what has not landed are kept.", NOT_DONE),
        (RunState.CANCELLED, "Stopped by somebody. It can be tried again.", INTERRUPTED),
        (RunState.FAILED, "It could not be carried out. It can be tried again.", NOT_DONE),
        (RunState.DISCARDED, "Final: somebody decided that what it holds shall not land.", NOT_DONE),
        (RunState.UNDONE, "Final: what had landed was taken back.", NOT_DONE),
    )
}

TASKS: Mapping[TaskState, TaskOutcome] = {
    state: TaskOutcome(state.word, meaning, is_ticked=state is TaskState.LANDED)
    for state, meaning in (
        (TaskState.WAITING, "Not begun."),
        (TaskState.PREPARING, "Its sandbox is being opened."),
        (TaskState.RUNNING, "Its agent works."),
        (TaskState.FINISHED, "Its agent has ended well."),
        (TaskState.VERIFYING, "Its wave is being verified."),
        (TaskState.LANDED, "Its files are in the workspace."),
        (TaskState.FAILED, "Its agent failed. It can be tried again."),
        (TaskState.CANCELLED, "Stopped. It can be tried again."),
        (TaskState.HELD, "Finished, not landed; its change set is kept."),
        (TaskState.DISCARDED, "Final: its change set shall not land."),
        (TaskState.UNDONE, "Final: it had landed, and was taken back."),
    )
}


def exit_status(state: RunState, wanted: RunState = RunState.LANDED) -> int:
    """The exit status of a command that was to bring a run into the state `wanted`, and left it in `state`."""
    return DONE if state is wanted else RUNS[state].exit_status or NOT_DONE
