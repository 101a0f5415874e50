"""Code lenses: above the plan its waves and the launch; above each task its wave, or its state while it runs.

Where a run waits for a decision, the ways on stand in their place: whoever launches anew gives up what it holds.

In a checklist each phase has one instead of each task, until a run has something to say of a task.

Nothing is said twice: a client that shows inlay hints too has the model and the minutes there.

For clients that show documents of ours, a task has its brief there too and, once it was launched, its transcript and
its changes. Lenses come whole: for 1,000 tasks they take some ten milliseconds, of which a lens that is resolved later
would save next to nothing, and cost a request each.
"""

import re
from textwrap import shorten

from lsprotocol import types

from agent_server.analysis.facts import TaskState
from agent_server.analysis.model import TaskAnalysis
from agent_server.analysis.outline import phases, wave_words
from agent_server.analysis.picture import count, headline, minutes
from agent_server.execution.runs.lifecycle import BEFORE_THE_END, CANCELLABLE
from agent_server.execution.runs.next_steps import held, retryable
from agent_server.execution.runs.progress import Progress
from agent_server.lsp.commands import names
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.lsp.step_commands import MOST_IN_A_LINE, lens_commands, retry_command
from agent_server.plan.model import Task
from agent_server.plan.text import Span

_ACTIVITY_WIDTH = 70

_LINE = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])?[ \t]*\\?\[|[ \t]*[-*+][ \t]|[ \t]*\{.*\}[ \t]*$", re.MULTILINE)
"""A list item, a box, or a whole object of JSON on one line."""


@plan_request(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
def code_lens(plan: PlanSnapshot, _: types.CodeLensParams) -> list[types.CodeLens]:
    """Answer `textDocument/codeLens`."""
    lenses = _above(plan, plan.top, _plan_commands(plan))
    for group in phases(plan.analysis) if not plan.analysis.plan.has_fields else ():
        lenses += _above(plan, group.heading, [types.Command(group.words, names.NOTHING)])
    for task in plan.analysis.tasks.values():
        is_quiet = _is_a_line(plan, task.task) and not _has_news(plan, task)
        if is_quiet or not plan.is_here(task.task.span):
            continue
        commands = [*_task_commands(plan, task), *_document_commands(plan, task)]
        lenses += _above(plan, task.task.heading, commands)
    return lenses


def _is_a_line(plan: PlanSnapshot, task: Task) -> bool:
    """Whether a task is a line of a list: a lens above each would tear the list apart, so its phase has one."""
    return not plan.analysis.plan.has_fields and _LINE.match(plan.analysis.plan.text, task.heading.start) is not None


def _has_news(plan: PlanSnapshot, task: TaskAnalysis) -> bool:
    """Whether a run has something to say of the task."""
    return _last_state(plan, task.task.id) not in {None, TaskState.LANDED}


def _above(plan: PlanSnapshot, span: Span, commands: list[types.Command]) -> list[types.CodeLens]:
    # A lens sits above the first line of its range; a range of one line keeps it there in every client.
    place = plan.range(Span(span.start, span.start))
    return [types.CodeLens(place, command=command) for command in commands]


def _plan_commands(plan: PlanSnapshot) -> list[types.Command]:
    waves = types.Command(headline(plan.analysis), names.NOTHING)
    if plan.running is not None:
        return [waves, *_running_commands(plan, plan.running)]
    steps = lens_commands(plan)
    if plan.record is not None and held(plan.record):
        return steps
    return [waves, *steps, *launch_commands(plan)][:MOST_IN_A_LINE]


def _running_commands(plan: PlanSnapshot, progress: Progress) -> list[types.Command]:
    commands = [types.Command(f"{progress.message} ({progress.percent} %)", names.NOTHING)]
    if progress.record.state in CANCELLABLE:
        commands.append(types.Command("Cancel", names.CANCEL, arguments=[{"uri": plan.document.uri}]))
    return commands


def launch_commands(plan: PlanSnapshot) -> list[types.Command]:
    """What launches the next wave, and all waves where there are several; none while a run goes on."""
    waves = plan.analysis.schedule.waves
    if plan.running is not None or not waves:
        return []
    uri, agents = plan.document.uri, sum(map(len, waves))
    title = f"Launch wave 1 ({count(len(waves[0]), 'agent')})"
    commands = [types.Command(title, names.LAUNCH, arguments=[{"uri": uri, "wave": 1}])]
    if len(waves) > 1:
        title = f"Launch all ({count(agents, 'agent')})"
        commands.append(types.Command(title, names.LAUNCH, arguments=[{"uri": uri, "stream": True}]))
    return commands


def _task_commands(plan: PlanSnapshot, task: TaskAnalysis) -> list[types.Command]:
    progress = plan.running
    record = progress.record.tasks.get(task.task.id) if progress else None
    if progress is not None and record is not None:
        activity = progress.activity.get(task.task.id, "")
        words = shorten(activity, _ACTIVITY_WIDTH, placeholder=" …")
        title = f"{record.state.word}: {words}" if words else record.state.word
        commands = [types.Command(title, names.NOTHING)]
        if record.state in BEFORE_THE_END:
            commands.append(
                types.Command("Stop", names.CANCEL, arguments=[{"uri": plan.document.uri, "task": task.task.id}])
            )
        return commands
    if task.wave is None:
        return [
            types.Command(wave_words(plan.analysis, task.task.id), names.NOTHING),
        ]
    title = f"wave {task.wave}"
    if not plan.client.shows_hints:  # else the rest would stand twice in one line
        title += f" · {task.model.tier} · {minutes(task.minutes)}"
    facts = plan.analysis.facts.tasks.get(task.task.id)
    if facts is not None and facts.state is not TaskState.LANDED:
        title += f" · last run: {facts.state.word}"
    again = [retry_command(plan, task.task.id)] if _is_retryable(plan, task) else []
    return [types.Command(title, names.NOTHING), *again]


def _is_retryable(plan: PlanSnapshot, task: TaskAnalysis) -> bool:
    return plan.record is not None and not plan.is_running and task.task.id in retryable(plan.record)


def _document_commands(plan: PlanSnapshot, task: TaskAnalysis) -> list[types.Command]:
    """What shows documents about a task: what is sent, what was done, what came of it."""
    if not plan.client.opens_documents:
        return []
    state = _last_state(plan, task.task.id)
    # What can be tried again has its brief among the code actions: a line has room for four.
    has_brief = task.task.is_open and state not in BEFORE_THE_END and not _is_retryable(plan, task)
    shown = {
        "Show brief": names.SHOW_BRIEF if has_brief else None,
        "Show transcript": names.SHOW_TRANSCRIPT if state is not None else None,
        "Show changes": names.SHOW_CHANGES if state is not None and state not in BEFORE_THE_END else None,
    }
    argument = {"uri": plan.document.uri, "task": task.task.id}
    return [types.Command(title, name, arguments=[argument]) for title, name in shown.items() if name]


def _last_state(plan: PlanSnapshot, task_id: str) -> TaskState | None:
    """How the task stands in the plan's last run, here or in an earlier process; None where that did not have it."""
    if plan.run is not None:
        record = plan.run.record.tasks.get(task_id)
        return record.state if record else None
    facts = plan.analysis.facts.tasks.get(task_id)
    return facts.state if facts else None
