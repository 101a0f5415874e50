"""Widening a selection: item, value, field, fields, task, the section of its wave, the plan; word to paragraph."""

from lsprotocol import types

from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.enclosing import enclosing
from agent_server.plan.text import Span


@plan_request(types.TEXT_DOCUMENT_SELECTION_RANGE)
def selection_range(plan: PlanSnapshot, params: types.SelectionRangeParams) -> list[types.SelectionRange]:
    """Answer `textDocument/selectionRange`: one chain of ranges for each position, the innermost first."""
    return [_chain(plan, position) for position in params.positions]


def _chain(plan: PlanSnapshot, position: types.Position) -> types.SelectionRange:
    by = plan.here.start
    *inner, whole = [
        plan.range(Span(span.start + by, span.end + by)) for span in enclosing(plan.alone, plan.offset(position) - by)
    ]
    chain = types.SelectionRange(whole)
    for each in reversed(inner):
        chain = types.SelectionRange(each, chain)
    return chain
