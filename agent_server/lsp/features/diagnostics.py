"""Diagnostics for clients that ask for them: of one open plan, and of all plans of the workspaces, closed ones too.

A result id is a digest of what was sent. So it holds across versions, clients and restarts, and nothing has to be kept
to know that the client has this answer already.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from lsprotocol import types

from agent_server.lsp import convert
from agent_server.lsp.handlers import plan_request, plans_request
from agent_server.lsp.snapshot import PlanSnapshot

OPTIONS = types.DiagnosticOptions(identifier=convert.SOURCE, inter_file_dependencies=True, workspace_diagnostics=True)
"""What a plan says depends on all files of its workspace, and on no other document alone."""


@plan_request(types.TEXT_DOCUMENT_DIAGNOSTIC, OPTIONS, otherwise=b'{"kind":"full","items":[]}')
def diagnostic(
    plan: PlanSnapshot, params: types.DocumentDiagnosticParams
) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
    """Answer `textDocument/diagnostic`."""
    items = convert.to_diagnostics(plan.document, plan.analysis, plan.client)
    result_id = _digest(items)
    if params.previous_result_id == result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=result_id)


@plans_request(types.WORKSPACE_DIAGNOSTIC)
def workspace_diagnostic(
    plans: Iterable[PlanSnapshot], params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """Answer `workspace/diagnostic`. What the client shows for a plan that is gone is cleared."""
    before = {known.uri: known.value for known in params.previous_result_ids}
    reports = {plan.document.uri: _report(plan, before.get(plan.document.uri)) for plan in plans}
    gone = [types.WorkspaceFullDocumentDiagnosticReport(uri, []) for uri in before if uri not in reports]
    return types.WorkspaceDiagnosticReport([*reports.values(), *gone])


def _report(
    plan: PlanSnapshot, before: str | None
) -> types.WorkspaceFullDocumentDiagnosticReport | types.WorkspaceUnchangedDocumentDiagnosticReport:
    uri, version = plan.document.uri, plan.document.version
    items = convert.to_diagnostics(plan.document, plan.analysis, plan.client)
    result_id = _digest(items)
    if before == result_id:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, result_id, version)
    return types.WorkspaceFullDocumentDiagnosticReport(uri, items, version, result_id=result_id)


def _digest(items: Sequence[types.Diagnostic]) -> str:
    """Equal for diagnostics that show alike, and for no others."""
    digest = blake2b(digest_size=12)
    for item in items:
        digest.update(repr(_shown(item)).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _shown(item: types.Diagnostic) -> tuple[object, ...]:
    related = [(_place(each.location.range), each.message) for each in item.related_information or ()]
    return _place(item.range), item.severity, item.code, item.message, item.tags, item.data, related


def _place(span: types.Range) -> tuple[int, int, int, int]:
    return span.start.line, span.start.character, span.end.line, span.end.character
