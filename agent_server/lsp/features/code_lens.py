"""Code lenses: above the plan its waves and the launch; above each task its wave, or its state while it runs."""

from textwrap import shorten

from lsprotocol import types

from agent_server.analysis.facts import TaskState
from agent_server.analysis.model import TaskAnalysis
from agent_server.analysis.picture import count, headline, minutes
from agent_server.execution.run import Progress
from agent_server.lsp import convert
from agent_server.lsp.commands import names
from agent_server.lsp.server import AgentLanguageServer, OpenPlan
from agent_server.plan.text import Span

_ACTIVITY_WIDTH = 70


def register(server: AgentLanguageServer) -> None:
    """Answer `textDocument/codeLens`."""

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    def code_lens(params: types.CodeLensParams) -> list[types.CodeLens]:
        found = server.plan(params.text_document.uri)
        if found is None:
            return []
        lenses = [(found.analysis.plan.title_span, command) for command in _plan_commands(found)]
        for task in found.analysis.tasks.values():
            lenses += [(task.task.heading, command) for command in _task_commands(found, task)]
        return [_lens(server, found, span, command) for span, command in lenses]


def _lens(server: AgentLanguageServer, found: OpenPlan, span: Span, command: types.Command) -> types.CodeLens:
    # A lens sits above the first line of its range; a range of one line keeps it there in every client.
    return types.CodeLens(
        convert.to_range(found.document.lines, Span(span.start, span.start), server.encoding), command=command
    )


def _plan_commands(found: OpenPlan) -> list[types.Command]:
    uri, analysis = found.document.uri, found.analysis
    commands = [types.Command(headline(analysis), names.NOTHING)]
    progress = running(found)
    if progress is not None:
        commands.append(types.Command(f"{progress.message} ({progress.percent} %)", names.NOTHING))
        commands.append(types.Command("Cancel", names.CANCEL, arguments=[{"uri": uri}]))
    elif found.run is not None and found.run.can_land:
        commands.append(types.Command("Land again", names.LAND, arguments=[{"uri": uri}]))
    if progress is None and analysis.schedule.waves:
        agents = count(len(analysis.schedule.waves[0]), "agent")
        commands.append(types.Command(f"Launch wave 1 ({agents})", names.LAUNCH, arguments=[{"uri": uri, "wave": 1}]))
    return commands


def _task_commands(found: OpenPlan, task: TaskAnalysis) -> list[types.Command]:
    progress = running(found)
    record = progress.record.tasks.get(task.task.id) if progress else None
    if progress is not None and record is not None:
        activity = progress.activity.get(task.task.id, "")
        words = shorten(activity, _ACTIVITY_WIDTH, placeholder=" …")
        title = f"{record.state.value}: {words}" if words else record.state.value
        commands = [types.Command(title, names.NOTHING)]
        if record.state in (TaskState.WAITING, TaskState.PREPARING, TaskState.RUNNING):
            commands.append(
                types.Command("Stop", names.CANCEL, arguments=[{"uri": found.document.uri, "task": task.task.id}])
            )
        return commands
    if task.wave is None:
        return [
            types.Command(task.task.status.value if not task.task.is_open else "cannot be scheduled", names.NOTHING)
        ]
    title = f"wave {task.wave} · {task.model.tier} · {minutes(task.minutes)}"
    facts = found.analysis.facts.tasks.get(task.task.id)
    if facts is not None and facts.state is not TaskState.LANDED:
        title += f" · last run: {facts.state.value}"
    return [types.Command(title, names.NOTHING)]


def running(found: OpenPlan) -> Progress | None:
    """The progress of this plan's run, while one is going on."""
    return found.run.progress if found.run is not None and found.run.is_going_on else None
