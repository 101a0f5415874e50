"""References and highlights: every place of the plan that names the task, the path or the lock under the cursor."""

from lsprotocol import types

from agent_server.analysis.occurrences import Occurrence, Occurrences, Role
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot

_DECLARING = frozenset({Role.NAMES})
_WRITING = frozenset({Role.NAMES, Role.WRITES})


@plan_request(types.TEXT_DOCUMENT_REFERENCES)
def references(plan: PlanSnapshot, params: types.ReferenceParams) -> list[types.Location] | None:
    """Answer `textDocument/references`. A task's heading declares it; of a path, the file itself would."""
    found = _occurrences(plan, params.position)
    if found is None:
        return None
    declares = params.context.include_declaration
    return [plan.location(each.span) for each in found if declares or each.role not in _DECLARING]


@plan_request(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
def document_highlight(
    plan: PlanSnapshot, params: types.DocumentHighlightParams
) -> list[types.DocumentHighlight] | None:
    """Answer `textDocument/documentHighlight`. What makes a thing or changes it is a write, all else a read."""
    found = _occurrences(plan, params.position)
    if found is None:
        return None
    return [types.DocumentHighlight(plan.range(each.span), _kind(each)) for each in found if plan.is_here(each.span)]


def _occurrences(plan: PlanSnapshot, position: types.Position) -> tuple[Occurrence, ...] | None:
    known = Occurrences(plan.analysis)
    found = known.find(plan.offset(position))
    return None if found is None else known.of(found)


def _kind(occurrence: Occurrence) -> types.DocumentHighlightKind:
    if occurrence.role in _WRITING:
        return types.DocumentHighlightKind.Write
    return types.DocumentHighlightKind.Read
