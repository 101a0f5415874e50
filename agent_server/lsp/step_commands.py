"""What can be decided about a plan's last run, as the commands that a client is offered: in lenses and code actions."""

from collections.abc import Mapping

from lsprotocol import types

from agent_server.analysis.picture import count
from agent_server.execution.runs.next_steps import Step, Way
from agent_server.lsp.commands import names
from agent_server.lsp.snapshot import PlanSnapshot

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
    named = {"tasks": list(step.tasks)}
    match step.way:
        case Way.RETRY:
            return _command(plan, f"Retry {_which(step)}", names.RETRY, named)
        case Way.LAND:
            return _command(plan, *(("Land again", names.LAND) if step.whole else ("Land the rest", names.LAND, named)))
        case Way.REPAIR:
            return _command(plan, "Repair", names.REPAIR)
        case Way.LAND_ANYWAY:
            return _command(plan, "Land anyway", names.LAND, {"unverified": True})
        case Way.DISCARD:
            return _command(plan, "Discard", names.DISCARD)
        case Way.UNDO:
            return _command(plan, "Undo", names.UNDO)


def retry_command(plan: PlanSnapshot, task: str) -> types.Command:
    """Tries one task again."""
    return _command(plan, f"Retry `{task}`", names.RETRY, {"task": task})


def land_command(plan: PlanSnapshot, task: str) -> types.Command:
    """Lands what one task made, without the others' work."""
    return _command(plan, f"Land `{task}` alone", names.LAND, {"tasks": [task]})


def _which(step: Step) -> str:
    return f"`{step.tasks[0]}`" if len(step.tasks) == 1 else count(len(step.tasks), "task")


def _command(plan: PlanSnapshot, title: str, name: str, more: Mapping[str, object] | None = None) -> types.Command:
    return types.Command(title, name, arguments=[{"uri": plan.document.uri, **(more or {})}])
