"""Diagnostics for clients that ask for them: of one open plan, and of all plans of the workspaces, closed ones too.

A result id is a digest of what was sent. So it holds across versions, clients and restarts, and nothing has to be kept
to know that the client has this answer already.

VS Code's library asks for all plans again and again: it waits for the answer, then two seconds more. LSP lets a server
hold an answer back that would say nothing new, from clients that send a token for partial results.
"""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec
from lsprotocol import types

from agent_server.lsp.build_problems import file_problems
from agent_server.lsp.converter import converter
from agent_server.lsp.diagnostics_json import SOURCE
from agent_server.lsp.encoded import Encoded
from agent_server.lsp.handlers import plan_request, plans_request
from agent_server.lsp.snapshot import PlanSnapshot

OPTIONS = types.DiagnosticOptions(identifier=SOURCE, inter_file_dependencies=True, workspace_diagnostics=True)
"""What a plan says depends on all files of its workspace, and on no other document alone."""


class _Report(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """LSP's reports, full or unchanged, of a document or in a workspace's; `version` is null for a closed plan."""

    kind: str
    result_id: str | None = None
    items: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    uri: str | msgspec.UnsetType = msgspec.UNSET
    version: int | msgspec.UnsetType | None = msgspec.UNSET


class _WorkspaceReport(msgspec.Struct, frozen=True):
    items: list[_Report]


@plan_request(types.TEXT_DOCUMENT_DIAGNOSTIC, OPTIONS, otherwise=b'{"kind":"full","items":[]}')
def diagnostic(
    plan: PlanSnapshot, params: types.DocumentDiagnosticParams
) -> Encoded[types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport]:
    """Answer `textDocument/diagnostic`."""
    return Encoded(msgspec.json.encode(_report(plan.diagnostics, params.previous_result_id)))


@plans_request(types.WORKSPACE_DIAGNOSTIC, waits=lambda params: params.partial_result_token is not None)
def workspace_diagnostic(
    plans: Iterable[PlanSnapshot], params: types.WorkspaceDiagnosticParams
) -> Encoded[types.WorkspaceDiagnosticReport]:
    """Answer `workspace/diagnostic`: of plans, and of files that the last verifications say something of.

    What the client shows for a document that is gone, or of which nothing is said any more, is cleared.
    """
    before = {known.uri: known.value for known in params.previous_result_ids}
    plans = tuple([view for plan in plans for view in plan.views()])
    reports = {plan.document.uri: _report_in_workspace(plan, before.get(plan.document.uri)) for plan in plans}
    for uri, found in _of_files(plans).items():
        reports.setdefault(uri, msgspec.structs.replace(_report(found, before.get(uri)), uri=uri, version=None))
    nothing = msgspec.Raw(b"[]")
    gone = [_Report("full", items=nothing, uri=uri, version=None) for uri in before if uri not in reports]
    items = [*reports.values(), *gone]
    return Encoded(msgspec.json.encode(_WorkspaceReport(items)), is_news=any(item.kind == "full" for item in items))


def _report_in_workspace(plan: PlanSnapshot, before: str | None) -> _Report:
    report = _report(plan.diagnostics, before)
    return msgspec.structs.replace(report, uri=plan.document.uri, version=plan.document.version)


def _report(diagnostics: bytes, before: str | None) -> _Report:
    result_id = blake2b(diagnostics, digest_size=12).hexdigest()
    if before == result_id:
        return _Report("unchanged", result_id)
    return _Report("full", result_id, msgspec.Raw(diagnostics))


def _of_files(plans: Iterable[PlanSnapshot]) -> dict[str, bytes]:
    """The diagnostics of files, as JSON lists by their URIs."""
    found: dict[str, list[types.Diagnostic]] = {}
    for plan in plans:
        for uri, said in file_problems(plan.root, (plan.analysis.facts,), plan.analysis.tree).items():
            found.setdefault(uri, []).extend(said)
    return {uri: msgspec.json.encode(converter.unstructure(said)) for uri, said in found.items()}
