"""Code lenses: above the plan its waves and the launch; above each task its wave, or its state while it runs."""

from textwrap import shorten

from lsprotocol import types

from agent_server.analysis.facts import TaskState
from agent_server.analysis.model import TaskAnalysis
from agent_server.analysis.picture import count, headline, minutes
from agent_server.lsp.commands import names
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.text import Span

_ACTIVITY_WIDTH = 70


@plan_request(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
def code_lens(plan: PlanSnapshot, _: types.CodeLensParams) -> list[types.CodeLens]:
    """Answer `textDocument/codeLens`."""
    lenses = [(plan.analysis.plan.title_span, command) for command in _plan_commands(plan)]
    for task in plan.analysis.tasks.values():
        lenses += [(task.task.heading, command) for command in _task_commands(plan, task)]
    return [_lens(plan, span, command) for span, command in lenses]


def _lens(plan: PlanSnapshot, span: Span, command: types.Command) -> types.CodeLens:
    # A lens sits above the first line of its range; a range of one line keeps it there in every client.
    return types.CodeLens(plan.range(Span(span.start, span.start)), command=command)


def _plan_commands(plan: PlanSnapshot) -> list[types.Command]:
    uri, analysis = plan.document.uri, plan.analysis
    commands = [types.Command(headline(analysis), names.NOTHING)]
    progress = plan.running
    if progress is not None:
        commands.append(types.Command(f"{progress.message} ({progress.percent} %)", names.NOTHING))
        commands.append(types.Command("Cancel", names.CANCEL, arguments=[{"uri": uri}]))
    elif plan.can_land:
        commands.append(types.Command("Land again", names.LAND, arguments=[{"uri": uri}]))
    if progress is None and analysis.schedule.waves:
        agents = count(len(analysis.schedule.waves[0]), "agent")
        commands.append(types.Command(f"Launch wave 1 ({agents})", names.LAUNCH, arguments=[{"uri": uri, "wave": 1}]))
    return commands


def _task_commands(plan: PlanSnapshot, task: TaskAnalysis) -> list[types.Command]:
    progress = plan.running
    record = progress.record.tasks.get(task.task.id) if progress else None
    if progress is not None and record is not None:
        activity = progress.activity.get(task.task.id, "")
        words = shorten(activity, _ACTIVITY_WIDTH, placeholder=" …")
        title = f"{record.state.value}: {words}" if words else record.state.value
        commands = [types.Command(title, names.NOTHING)]
        if record.state in (TaskState.WAITING, TaskState.PREPARING, TaskState.RUNNING):
            commands.append(
                types.Command("Stop", names.CANCEL, arguments=[{"uri": plan.document.uri, "task": task.task.id}])
            )
        return commands
    if task.wave is None:
        return [
            types.Command(task.task.status.value if not task.task.is_open else "cannot be scheduled", names.NOTHING)
        ]
    title = f"wave {task.wave} · {task.model.tier} · {minutes(task.minutes)}"
    facts = plan.analysis.facts.tasks.get(task.task.id)
    if facts is not None and facts.state is not TaskState.LANDED:
        title += f" · last run: {facts.state.value}"
    return [types.Command(title, names.NOTHING)]
