"""Widening a selection: item, value, field, fields, task, the section of its wave, the plan; word to paragraph."""

from lsprotocol import types

from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.enclosing import enclosing


@plan_request(types.TEXT_DOCUMENT_SELECTION_RANGE)
def selection_range(plan: PlanSnapshot, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    """Answer `textDocument/selectionRange`: one chain of ranges for each position, the innermost first."""
    return [_chain(plan, position) for position in params.positions]


def _chain(plan: PlanSnapshot, position: types.Position) -> types.SelectionRange:
    *inner, whole = enclosing(plan.analysis.plan, plan.offset(position))
    chain = types.SelectionRange(plan.range(whole))
    for span in reversed(inner):
        chain = types.SelectionRange(plan.range(span), chain)
    return chain
