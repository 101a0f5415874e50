"""Formatting: the normal form of a plan's fields and of the space between its parts (see `plan.formatting`).

How wide a tab is changes nothing: nested lists are indented by two columns, as Markdown wants it.
"""

from lsprotocol import types

from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.formatting import normal_form
from agent_server.plan.text import Span


@plan_request(types.TEXT_DOCUMENT_FORMATTING)
def formatting(plan: PlanSnapshot, _: types.DocumentFormattingParams) -> list[types.TextEdit]:
    """Answer `textDocument/formatting`."""
    return _formatted(plan, None)


@plan_request(types.TEXT_DOCUMENT_RANGE_FORMATTING)
def range_formatting(plan: PlanSnapshot, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit]:
    """Answer `textDocument/rangeFormatting`: the same for the lines of a range."""
    return _formatted(plan, plan.span(params.range))


def _formatted(plan: PlanSnapshot, within: Span | None) -> list[types.TextEdit]:
    edits = normal_form(plan.analysis.plan, within)
    return [types.TextEdit(plan.range(edit.span), edit.new_text) for edit in edits if plan.is_here(edit.span)]
