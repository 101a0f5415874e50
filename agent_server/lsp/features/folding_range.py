"""Folding: sections, lists of fields, code, comments and the front matter.

All folds are of whole lines, which every client takes; the places within the lines are then those that LSP assumes.
"""

from lsprotocol import types

from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.folds import Fold, folds, outermost


@plan_request(types.TEXT_DOCUMENT_FOLDING_RANGE)
def folding_range(plan: PlanSnapshot, _: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """Answer `textDocument/foldingRange`."""
    found = folds(plan.alone, plan.document.lines)
    if plan.client.most_folds is not None:
        found = outermost(found, plan.client.most_folds)
    return [_folding(fold) for fold in found]


def _folding(fold: Fold) -> types.FoldingRange:
    kind = types.FoldingRangeKind.Comment if fold.is_comment else None
    return types.FoldingRange(fold.first, fold.last, kind=kind)
