import json
from typing import Any, TypeVar

import pytest
from lsprotocol import types

from agent_server.lsp.client import Client, client_of
from agent_server.lsp.converter import converter
from agent_server.lsp.encoded import Encoded
from agent_server.lsp.features.diagnostics import diagnostic, workspace_diagnostic
from agent_server.lsp.snapshot import PlanSnapshot
from tests.lsp.cursor import URI, plan_at

T = TypeVar("T")

TEXT = "# P\n\n## a\n- writes: `x`\n\nDo it.\n\n## b\n- writes: `x`\n- needs: nope\n\nDo it.\n"
GONE = "file:///w/gone.plan.md"


def pulled(plan: PlanSnapshot, before: str | None = None) -> types.RelatedFullDocumentDiagnosticReport:
    report = diagnostic(plan, types.DocumentDiagnosticParams(types.TextDocumentIdentifier(URI), None, before))
    return decoded(report, types.RelatedFullDocumentDiagnosticReport)


def decoded(result: Encoded[Any], kind: type[T]) -> T:
    """What a handler has encoded, read as LSP's type."""
    return converter.structure(json.loads(result.json), kind)


def codes(report: types.RelatedFullDocumentDiagnosticReport) -> set[object]:
    return {item.code for item in report.items}


def test_who_asks_again_is_told_that_nothing_changed() -> None:
    first = pulled(plan_at(TEXT)[0])
    assert {"unknown-task", "write-conflict"} <= codes(first)
    again = diagnostic(
        plan_at(TEXT)[0],
        types.DocumentDiagnosticParams(types.TextDocumentIdentifier(URI), previous_result_id=first.result_id),
    )
    kind = types.RelatedUnchangedDocumentDiagnosticReport
    assert decoded(again, kind) == kind(first.result_id or "")


@pytest.mark.parametrize("changed", [TEXT.replace("nope", "nopes"), f"\n{TEXT}", TEXT.replace("`x`\n- n", "`y`\n- n")])
def test_other_words_and_other_places_are_sent_anew(changed: str) -> None:
    first = pulled(plan_at(TEXT)[0])
    assert pulled(plan_at(changed)[0], first.result_id).result_id != first.result_id


def test_what_the_client_cannot_show_is_told_in_words() -> None:
    rich = pulled(plan_at(TEXT, related_information=True)[0])
    plain = pulled(plan_at(TEXT)[0])
    assert rich.result_id != plain.result_id
    conflict = next(item for item in plain.items if item.code == "write-conflict")
    assert conflict.related_information is None
    assert "\nLine " in conflict.message


def test_all_plans_are_reported_and_those_that_are_gone_cleared() -> None:
    plan, _ = plan_at(TEXT)
    known = pulled(plan).result_id or ""
    params = types.WorkspaceDiagnosticParams([types.PreviousResultId(GONE, "x")])
    new = decoded(workspace_diagnostic([plan], params), types.WorkspaceDiagnosticReport)
    full, gone = new.items
    assert isinstance(full, types.WorkspaceFullDocumentDiagnosticReport)
    assert (full.uri, full.version, full.result_id) == (URI, 1, known)
    assert gone == types.WorkspaceFullDocumentDiagnosticReport(GONE, ())
    params = types.WorkspaceDiagnosticParams([types.PreviousResultId(URI, known)])
    same = decoded(workspace_diagnostic([plan], params), types.WorkspaceDiagnosticReport)
    assert list(same.items) == [types.WorkspaceUnchangedDocumentDiagnosticReport(URI, known, 1)]


DONE = "# P\n\n## a\n- status: done\n\nDo it.\n\n\n## b\n- status: skip\n\n## c\n- writes: `x`\n\nDo it.\n"


def test_tasks_that_are_done_are_faded() -> None:
    plan, _ = plan_at(DONE, fades=True)
    faded = [item for item in pulled(plan).items if item.tags]
    assert [(item.code, plan.span(item.range).of(plan.document.text)) for item in faded] == [
        ("done", "## a\n- status: done\n\nDo it."),
        ("skip", "## b\n- status: skip"),
    ]
    assert {item.severity for item in faded} == {types.DiagnosticSeverity.Hint}
    assert not any(item.tags or item.code == "done" for item in pulled(plan_at(DONE)[0]).items)


def test_data_goes_to_clients_that_hand_it_back() -> None:
    found = pulled(plan_at(TEXT, diagnostic_data=True)[0])
    data = {item.code: item.data for item in found.items}
    assert data["unknown-task"] == {"tasks": ["b"]}
    assert data["write-conflict"] == {"tasks": ["a", "b"], "paths": ["x"]}
    assert all(item.data is None for item in pulled(plan_at(TEXT)[0]).items)


def test_abilities_are_read_from_what_the_client_says() -> None:
    assert client_of(types.ClientCapabilities()) == Client()
    capabilities = types.ClientCapabilities(
        text_document=types.TextDocumentClientCapabilities(
            diagnostic=types.DiagnosticClientCapabilities(data_support=True),
            publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                tag_support=types.ClientDiagnosticsTagOptions([types.DiagnosticTag.Unnecessary])
            ),
            folding_range=types.FoldingRangeClientCapabilities(range_limit=5000),
            document_symbol=types.DocumentSymbolClientCapabilities(hierarchical_document_symbol_support=True),
            document_link=types.DocumentLinkClientCapabilities(tooltip_support=True),
            semantic_tokens=types.SemanticTokensClientCapabilities(
                types.ClientSemanticTokensRequestOptions(), ["keyword"], ["done"], []
            ),
        ),
        workspace=types.WorkspaceClientCapabilities(
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True),
            folding_range=types.FoldingRangeWorkspaceClientCapabilities(refresh_support=True),
            inlay_hint=types.InlayHintWorkspaceClientCapabilities(refresh_support=True),
            semantic_tokens=types.SemanticTokensWorkspaceClientCapabilities(refresh_support=True),
        ),
    )
    client = client_of(capabilities)
    assert (client.pulls_diagnostics, client.diagnostic_data, client.fades) == (True, True, True)
    assert (client.most_folds, client.nested_symbols, client.related_information) == (5000, True, False)
    assert (client.token_types, client.token_modifiers) == ({"keyword"}, {"done"})
    assert client.link_tooltips
    assert client.refreshes_diagnostics
    assert client.refreshes_folding
    assert client.refreshes_hints
    assert client.refreshes_tokens
