"""Hover: what a task would write and why, and what it waits for; what a path or an agent means; the plan's waves."""

import shlex
from collections.abc import Iterable
from itertools import islice

from lsprotocol import types

from agent_server.agents.backends import agent_words, program_named
from agent_server.analysis.estimates.costs import basis, in_words, total
from agent_server.analysis.footprints import footprint
from agent_server.analysis.globs.path_sets import BadGlob, PathSet
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Access, Analysis, TaskAnalysis
from agent_server.analysis.occurrences import Kind, Occurrences
from agent_server.analysis.outline import wave_words
from agent_server.analysis.picture import costs, count, critical_path, headline, minutes, picture
from agent_server.analysis.scheduling.waiting import reasons
from agent_server.execution.records.run_record import RunRecord
from agent_server.execution.runs.budget import task_cost
from agent_server.lsp.briefs import brief_now
from agent_server.lsp.client import Client
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.markdown import code, sentence, without_markup
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.fields import PATH_FIELDS
from agent_server.plan.model import Item, Task
from agent_server.plan.text import Span
from agent_server.plan.visible import visible, visible_lines
from agent_server.settings import ExecutionSettings

_MOST_LINES = 20
_SHOWN = 200  # characters of what the user said to an agent


@plan_request(types.TEXT_DOCUMENT_HOVER)
def hover(plan: PlanSnapshot, params: types.HoverParams) -> types.Hover | None:
    """Answer `textDocument/hover`."""
    told = _tell(plan, plan.offset(params.position))
    if told is None:
        return None
    words, span = told
    return types.Hover(_content(plan.client, words), plan.range(span))


def _content(client: Client, words: str) -> types.MarkupContent:
    words = visible_lines(words)
    if client.markdown_hovers:
        return types.MarkupContent(types.MarkupKind.Markdown, words)
    return types.MarkupContent(types.MarkupKind.PlainText, without_markup(words))


def _tell(seen: PlanSnapshot, offset: int) -> tuple[str, Span] | None:
    analysis, plan = seen.analysis, seen.analysis.plan
    if plan.title_span.contains(offset) and plan.title:
        return _plan_words(analysis), plan.title_span
    task = plan.task_at(offset)
    agent = plan.settings.agent if task is None else task.agent
    if agent is not None and agent.span.contains(offset):
        return _agent_words(agent, seen.chosen), agent.span
    if task is None:
        return None
    return _tell_in_task(seen, task, offset)


def _tell_in_task(seen: PlanSnapshot, task: Task, offset: int) -> tuple[str, Span] | None:
    analysis = seen.analysis
    if task.heading.contains(offset):
        # A line of a checklist is all that there is of its task: the path or the other task in it is the nearer thing.
        told = None if analysis.plan.has_fields else _tell_of_named(seen, task, offset)
        if told is not None and told[1] != task.id_span:
            return told
        known = analysis.tasks[task.id]
        is_first = known.task.span == task.span  # of equal ids, the one that is analysed
        return (_task_words(seen, known), task.heading) if is_first else None
    for name in (*PATH_FIELDS, "imports"):
        for item in getattr(task, name):
            if item.span.contains(offset):
                words = _import_words if name == "imports" else _path_words
                return words(analysis, task, item), item.span
    return _tell_of_named(seen, task, offset)


def _tell_of_named(seen: PlanSnapshot, task: Task, offset: int) -> tuple[str, Span] | None:
    """What the task or the path is that `needs` or words name at the offset."""
    analysis = seen.analysis
    known = Occurrences(analysis)
    found = known.find(offset)
    if found is None or found.kind is Kind.LOCK:
        return None
    if found.kind is Kind.PATH:
        return _path_words(analysis, task, Item(found.name, found.span)), found.span
    if known.target(found) is None:
        return None
    return _task_words(seen, analysis.tasks[found.name]), found.span


def _agent_words(agent: Item, chosen: ExecutionSettings) -> str:
    """What the agent of a name is, and what it would run."""
    words = agent_words(agent.text, chosen)
    if not words:
        return f"There is no agent {code(agent.text)} here."
    program = program_named(agent.text, chosen)
    runs = f"\n\nIt runs {code(shlex.join(program.command))}." if program else ""
    return f"**{sentence(agent.text)}** · {sentence(words)}{runs}"


def _plan_words(analysis: Analysis) -> str:
    parts = [headline(analysis)]
    if analysis.schedule.waves:
        parts.append(f"```text\n{picture(analysis)}\n```")
        parts += [critical_path(analysis), costs(analysis)]
    return "\n\n".join(filter(None, parts))


def _task_words(seen: PlanSnapshot, known: TaskAnalysis) -> str:
    analysis = seen.analysis
    place = wave_words(analysis, known.task.id)
    parts = [f"**{known.task.id}** · {place} · {minutes(known.minutes)}", _model_words(known), _estimate_words(known)]
    parts += [*_last_run_words(seen, known.task.id), *_attempt_words(seen.record, known.task.id)]
    if known.writes.unknown:
        how = "Add a `writes` field" if analysis.plan.has_fields else "Name them there"
        parts.append(f"Nobody can tell which files it would write. {how}.")
    else:
        parts.append(_files("Writes", known.writes.entries) if known.writes.entries else "Writes nothing.")
    if known.writes.beyond:
        parts.append(_files("Would probably change, though nothing allows it to", known.writes.beyond))
    if known.reads:
        parts.append(_files("Reads", known.reads))
    waiting = dict.fromkeys(
        f"`{each.on}` ({sentence(each.because)})"
        for each in reasons(analysis, known.task.id)
        if each.task == known.task.id
    )
    if waiting:
        parts.append(_list("Waits for", waiting, len(waiting)))
    relied = [contract for contract in analysis.contracts if contract.task == known.task.id]
    if relied:
        lines = [
            f"{code(contract.module)} of `{contract.producer}`, "
            + (f"predicted from {code(contract.mirror)}" if contract.mirror else "by its `exports`")
            for contract in relied
        ]
        parts.append(_list("Runs beside what it imports", lines, len(lines)))
    if known.task.is_open:
        parts.append(_brief_words(seen, known.task))
    return "\n\n".join(parts)


def _brief_words(seen: PlanSnapshot, task: Task) -> str:
    """How much its agent is sent, and what of it the author wrote. The text itself is a document of its own."""
    analysis = seen.analysis
    whole = len(brief_now(seen, task.id))
    context, own = len(analysis.plan.context.strip()), len(task.instructions.strip())
    shared = f"{context:,} of the plan's context and " if context else ""
    return f"Brief: {whole:,} characters, of them {shared}{own:,} of its instructions."


def _model_words(known: TaskAnalysis) -> str:
    return f"Model: {known.model.tier} ({code(known.model.id)}), because {sentence(known.model.because)}."


def _estimate_words(known: TaskAnalysis) -> str:
    words = f"Estimate: {minutes(known.minutes)}, {sentence(known.minutes_because)}"
    if known.cost is None:
        return f"{words}."
    cost = total([known.cost])
    dated = basis(cost)
    return f"{words}; {in_words(cost)}, {known.cost.because}{f' ({dated})' if dated else ''}."


def _last_run_words(seen: PlanSnapshot, task: str) -> list[str]:
    """What the task's agent used in the last run, where it used something that costs money."""
    record = seen.record
    approved = next((each for each in record.approval.tasks if each.id == task), None) if record is not None else None
    if record is None or approved is None:
        return []
    cost = total([task_cost(approved, record.tasks[task], seen.analysis.settings.prices)])
    if not cost.is_anything:
        return []
    model = code(approved.model) if approved.model else "the agent's own model"
    return [f"Last run: {record.tasks[task].state.word}; {in_words(cost)} of {model}."]


def _attempt_words(record: RunRecord | None, task: str) -> list[str]:
    """Which attempt it is that the last run knows of, and what the user said to its agent; nothing of a first one."""
    known = record.tasks.get(task) if record is not None else None
    if known is None or known.attempt == 1:
        return []
    said = f" Its agent was told: {code(visible(known.comment, _SHOWN))}" if known.comment.strip() else ""
    return [f"Attempt {known.attempt}.{said}"]


def _files(title: str, entries: tuple[Access, ...]) -> str:
    return _list(title, (f"{code(entry.path)}{_reason(entry)}" for entry in entries), len(entries))


def _list(title: str, lines: Iterable[str], several: int) -> str:
    """The first of `several` lines, each as a bullet, below a title; and how many there are besides."""
    more = [f"and {several - _MOST_LINES} more"] if several > _MOST_LINES else []
    return "\n- ".join((title, *islice(lines, _MOST_LINES), *more))


def _reason(entry: Access) -> str:
    """Why the entry is there, as far as its path does not say it already."""
    field, _, value = entry.because.partition(": ")
    reason = field if value == entry.path else entry.because
    told = [word for word in ("" if entry.exists else "new", "" if reason in ("writes", "reads") else reason) if word]
    return f" ({sentence(', '.join(told))})" if told else ""


def _import_words(analysis: Analysis, task: Task, item: Item) -> str:
    """The file that a module or an imported path is, now or once a task has created it."""
    targets = footprint(task, Surroundings(analysis.plan), analysis.tree).targets
    target = next((target for target in targets if target.item == item), None)
    if target is None:
        return f"{code(item.text)} cannot be read as an import."
    if target.existing is not None:
        written = _who_writes(analysis, task, PathSet.of((target.existing,), analysis.tree))
        return "\n\n".join(filter(None, (f"{_meaning(item.text, 'is', target.existing)}.", written)))
    for other in analysis.at_home.values():
        path = next(filter(other.writes.paths.matches, target.files), None)
        if path is not None and other.task.is_open:
            return f"{_meaning(item.text, 'will be', path)}, which `{other.task.id}` creates."
    return f"{code(item.text)} is no file of the workspace, and no task creates it."


def _meaning(text: str, verb: str, path: str) -> str:
    if text == path:
        return f"{code(text)} {verb} there"
    is_name_in_it = text.rpartition(".")[2] not in path  # `data.wood_wiki.WOOD_WIKI`, of the module `data.wood_wiki`
    return f"{code(text)} {verb} {'in ' if is_name_in_it else ''}{code(path)}"


def _path_words(analysis: Analysis, task: Task, item: Item) -> str:
    try:
        wanted = PathSet.of((item.text.removeprefix("!"),), analysis.tree)
    except BadGlob as error:
        return sentence(str(error))
    # Where a file is named, not all files have to be looked at.
    file = item.text if item.text in analysis.tree else ""
    files = (file,) if file else wanted.expand(analysis.tree)
    if not files:
        return _who_writes(analysis, task, wanted) or f"{code(item.text)} matches no file yet."
    if files == (item.text,):
        words = f"{_meaning(item.text, 'is', item.text)}."
    else:
        words = _list(f"{code(item.text)} matches {count(len(files), 'file')} now", map(code, files), len(files))
    return "\n\n".join((words, *filter(None, (_who_writes(analysis, task, wanted, file),))))


def _who_writes(analysis: Analysis, task: Task, wanted: PathSet, file: str = "") -> str:
    """The other tasks that write something of what is wanted; `file` says that this is one file, by its path."""
    others = [
        f"`{other.task.id}`"
        for other in analysis.at_home.values()
        if other.task.id != task.id and other.task.is_open and _writes(other, wanted, file)
    ]
    if not others:
        return ""
    too = "Also written" if _writes(analysis.at_home[task.id], wanted, file) else "Written"
    return f"{too} by {', '.join(others)}."


def _writes(task: TaskAnalysis, wanted: PathSet, file: str) -> bool:
    return task.writes.paths.matches(file) if file else task.writes.paths.overlap(wanted) is not None
