"""What can be decided about a plan's last run, as clients are offered it: in lenses, code actions and reports of runs.

`run_step` is the one place that says how a way on is called, and which command takes it.
"""

from collections.abc import Mapping

from lsprotocol import types

from agent_server.analysis.picture import count
from agent_server.execution.runs.next_steps import Step, Way
from agent_server.lsp.messages import Command, RunStep
from agent_server.lsp.snapshot import PlanSnapshot

_RETRY: Command = "agentServer.retry"
_LAND: Command = "agentServer.land"
_OTHERS = {
    Way.REPAIR: RunStep(way="repair", title="Repair", command="agentServer.repair"),
    Way.LAND_ANYWAY: RunStep(way="land-anyway", title="Land anyway", command=_LAND, unverified=True),
    Way.DISCARD: RunStep(way="discard", title="Discard", command="agentServer.discard"),
    Way.UNDO: RunStep(way="undo", title="Undo", command="agentServer.undo"),
}
"""The ways that are called the same whichever tasks they are about."""

MOST_IN_A_LINE = 4
"""How many lenses stand in one line at most."""


def step_commands(plan: PlanSnapshot) -> list[types.Command]:
    """Every way on, the likeliest first."""
    return [step_command(plan, step) for step in plan.steps]


def lens_commands(plan: PlanSnapshot) -> list[types.Command]:
    """The ways on that fit into one line. What is only in code actions is what asks for the most courage."""
    steps = [step for step in plan.steps if step.way is not Way.UNDO or len(plan.steps) == 1]
    if len(steps) > MOST_IN_A_LINE:
        steps = [step for step in steps if step.way is not Way.LAND_ANYWAY]
    return [step_command(plan, step) for step in steps[:MOST_IN_A_LINE]]


def step_command(plan: PlanSnapshot, step: Step) -> types.Command:
    """The command that takes a step about the plan's last run."""
    told = run_step(step)
    more = {"tasks": told.tasks, "unverified": told.unverified}
    return _command(plan, told.title, told.command, {name: value for name, value in more.items() if value is not None})


def run_step(step: Step) -> RunStep:
    """What a button says that takes a step, and what it sends."""
    tasks = list(step.tasks)
    if step.way is Way.RETRY:
        return RunStep(way="retry", title=f"Retry {_which(step)}", command=_RETRY, tasks=tasks)
    if step.way is Way.LAND:
        title, named = ("Land again", None) if step.whole else ("Land the rest", tasks)
        return RunStep(way="land", title=title, command=_LAND, tasks=named)
    return _OTHERS[step.way]


def retry_command(plan: PlanSnapshot, task: str) -> types.Command:
    """Tries one task again."""
    return _command(plan, f"Retry `{task}`", _RETRY, {"task": task})


def land_command(plan: PlanSnapshot, task: str) -> types.Command:
    """Lands what one task made, without the others' work."""
    return _command(plan, f"Land `{task}` alone", _LAND, {"tasks": [task]})


def _which(step: Step) -> str:
    return f"`{step.tasks[0]}`" if len(step.tasks) == 1 else count(len(step.tasks), "task")


def _command(plan: PlanSnapshot, title: str, name: str, more: Mapping[str, object] | None = None) -> types.Command:
    return types.Command(title, name, arguments=[{"uri": plan.document.uri, **(more or {})}])
