"""The outline of a plan: its waves, or the phases that its author has made, their tasks, and the fields of each.

The range of a symbol holds those of its children, and no two siblings overlap: so an editor that looks for the symbol
at its cursor finds the task. Where the tasks of a wave are scattered (see `analysis.outline`) there are no waves, and
each task names its own. The order is that of the text.
"""

from collections.abc import Iterator, Sequence

from lsprotocol import types

from agent_server.analysis.model import Analysis
from agent_server.analysis.outline import Group, outline, phases, places
from agent_server.analysis.picture import headline, minutes
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.model import Field, Task
from agent_server.plan.visible import visible

TASK_KIND = types.SymbolKind.Function
"""Tasks call on one another as functions do, and every client has an icon for these."""

_DETAIL_WIDTH = 80


@plan_request(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
def document_symbol(
    plan: PlanSnapshot, _: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """Answer `textDocument/documentSymbol`; a client that knows no trees gets the same symbols one by one."""
    found = plan.analysis.plan
    if not found.title and not found.tasks:
        return []
    symbol = _plan_symbol(plan)
    return [symbol] if plan.client.nested_symbols else list(_flat(plan, [symbol], None))


def _plan_symbol(plan: PlanSnapshot) -> types.DocumentSymbol:
    # In a plan of several files, the tasks of a wave are scattered over them.
    found, groups = plan.analysis.plan, () if plan.files is not None else outline(plan.analysis)
    return types.DocumentSymbol(
        name=visible(found.title) or plan.name,
        detail=headline(plan.analysis),
        kind=types.SymbolKind.Module,
        range=plan.range(plan.here),
        selection_range=plan.range(plan.top),
        children=_phases(plan) or [_group_symbol(plan, group) for group in groups] or _ungrouped(plan),
    )


def _phases(plan: PlanSnapshot) -> list[types.DocumentSymbol]:
    place_of = dict(zip(plan.analysis.plan.tasks.places, places(plan.analysis), strict=True))
    return [
        types.DocumentSymbol(
            name=visible(group.title, _DETAIL_WIDTH) or plan.name,
            detail=group.words,
            kind=types.SymbolKind.Namespace,
            range=plan.range(group.span),
            selection_range=plan.range(group.heading),
            children=[_task_symbol(plan, task, place_of[task.span.start]) for task in group.tasks],
        )
        for group in phases(plan.analysis)
    ]


def _group_symbol(plan: PlanSnapshot, group: Group) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=group.title,
        kind=types.SymbolKind.Namespace,
        range=plan.range(group.span),
        selection_range=plan.range(group.tasks[0].heading),
        children=[_task_symbol(plan, task) for task in group.tasks],
    )


def _ungrouped(plan: PlanSnapshot) -> list[types.DocumentSymbol]:
    tasks = plan.analysis.plan.tasks
    placed = zip(tasks, places(plan.analysis), strict=True)
    return [_task_symbol(plan, task, place) for task, place in placed if plan.is_here(task.span)]


def _task_symbol(plan: PlanSnapshot, task: Task, place: str = "") -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=task.id,
        detail=_task_detail(plan.analysis, task, place),
        kind=TASK_KIND,
        range=plan.range(task.span),
        selection_range=plan.range(task.id_span),
        children=[_field_symbol(plan, field) for field in task.fields],
    )


def _task_detail(analysis: Analysis, task: Task, place: str) -> str:
    title = visible(task.title, _DETAIL_WIDTH)
    if not task.is_open:
        return f"{title} · {task.status.value}"
    known = analysis.at_home[task.id]
    return " · ".join(filter(None, (place, title, known.model.tier, minutes(known.minutes))))


def _field_symbol(plan: PlanSnapshot, field: Field) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        name=field.name,
        detail=visible(", ".join(item.text for item in field.items), _DETAIL_WIDTH),
        kind=types.SymbolKind.Field,
        range=plan.range(field.span),
        selection_range=plan.range(field.name_span),
    )


def _flat(
    plan: PlanSnapshot, symbols: Sequence[types.DocumentSymbol], container: str | None
) -> Iterator[types.SymbolInformation]:
    for symbol in symbols:
        location = types.Location(plan.document.uri, symbol.range)
        yield types.SymbolInformation(location, symbol.name, symbol.kind, container_name=container)
        yield from _flat(plan, symbol.children or (), symbol.name)
