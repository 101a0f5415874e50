"""Call hierarchy: who waits for a task (its callers), and what it waits for, each with the reason."""

from lsprotocol import types

from agent_server.analysis.occurrences import Kind, Occurrences
from agent_server.analysis.scheduling.waiting import Reason, reasons
from agent_server.lsp.features.document_symbol import TASK_KIND
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.model import Task
from agent_server.plan.visible import visible

_LONGEST_DETAIL = 160


@plan_request(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
def prepare_call_hierarchy(
    plan: PlanSnapshot, params: types.CallHierarchyPrepareParams
) -> list[types.CallHierarchyItem] | None:
    """Answer `textDocument/prepareCallHierarchy`: the task that is named here, else the one whose section this is."""
    known, offset = Occurrences(plan.analysis), plan.offset(params.position)
    found = known.find(offset)
    at = known.target(found) if found is not None and found.kind is Kind.TASK else None
    at = plan.analysis.plan.place_at(offset) if at is None else at
    if at is None:
        return None
    task = plan.analysis.plan.tasks[at]
    return [_item(plan, task, task.title)]


@plan_request(types.CALL_HIERARCHY_INCOMING_CALLS, uri_of=lambda params: str(params.item.uri), closed=True)
def incoming_calls(
    plan: PlanSnapshot, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall]:
    """Answer `callHierarchy/incomingCalls`: who waits for the task."""
    name = params.item.name
    found = [reason for reason in reasons(plan.analysis, name) if reason.on == name]
    return [
        types.CallHierarchyIncomingCall(_other(plan, task_id, several), _ranges(plan, several))
        for task_id, several in _grouped(found, [reason.task for reason in found])
    ]


@plan_request(types.CALL_HIERARCHY_OUTGOING_CALLS, uri_of=lambda params: str(params.item.uri), closed=True)
def outgoing_calls(
    plan: PlanSnapshot, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall]:
    """Answer `callHierarchy/outgoingCalls`: what the task waits for."""
    name = params.item.name
    found = [reason for reason in reasons(plan.analysis, name) if reason.task == name]
    return [
        types.CallHierarchyOutgoingCall(_other(plan, task_id, several), _ranges(plan, several))
        for task_id, several in _grouped(found, [reason.on for reason in found])
    ]


def _grouped(found: list[Reason], others: list[str]) -> list[tuple[str, list[Reason]]]:
    """The reasons by the other task, in the order in which they come."""
    grouped: dict[str, list[Reason]] = {}
    for other, reason in zip(others, found, strict=True):
        grouped.setdefault(other, []).append(reason)
    return list(grouped.items())


def _other(plan: PlanSnapshot, task_id: str, several: list[Reason]) -> types.CallHierarchyItem:
    because = dict.fromkeys(reason.because for reason in several)
    return _item(plan, plan.analysis.tasks[task_id].task, "; ".join(because))


def _item(plan: PlanSnapshot, task: Task, detail: str) -> types.CallHierarchyItem:
    section = plan.location(task.span)
    return types.CallHierarchyItem(
        name=task.id,
        kind=TASK_KIND,
        uri=section.uri,
        range=section.range,
        selection_range=plan.range(task.id_span),
        detail=visible(detail, _LONGEST_DETAIL),
    )


def _ranges(plan: PlanSnapshot, several: list[Reason]) -> list[types.Range]:
    """Where the task that waits says so."""
    return [plan.range(span) for span in dict.fromkeys(reason.span for reason in several)]
