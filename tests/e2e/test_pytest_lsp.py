"""The main job with pytest-lsp's client, which checks every answer against the specification and the capabilities."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

from tests.e2e.raw_client import ENTRY
from tests.e2e.site import Site
from tests.e2e.verification import HeldVerification

DEADLINE = 60
REFRESHES = (
    types.WORKSPACE_CODE_LENS_REFRESH,
    types.WORKSPACE_INLAY_HINT_REFRESH,
)
FINAL = {"landed", "held", "cancelled", "failed"}


def make_client() -> LanguageClient:
    client = make_test_lsp_client()
    client.statuses = []

    @client.feature("agentServer/status")
    def status(params: Any) -> None:
        client.statuses.append(params)

    for method in REFRESHES:

        @client.feature(method)
        def refresh(params: None) -> None:
            pass

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams) -> None:
        pass

    @client.feature(types.WORKSPACE_APPLY_EDIT)
    def apply_edit(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        return types.ApplyWorkspaceEditResult(applied=True)

    return client


@pytest.fixture(params=["visual_studio_code", "neovim"])
async def client(request: pytest.FixtureRequest, site: Site) -> Any:
    client = await ClientServerConfig([*ENTRY, "lsp"], make_client, dict(site.env)).start()
    await client.initialize_session(
        types.InitializeParams(
            client_capabilities(request.param),
            root_uri=site.root.as_uri(),
            workspace_folders=[types.WorkspaceFolder(site.root.as_uri(), "site")],
            initialization_options=dict(site.options),
        )
    )
    yield client
    await client.shutdown_session()
    await client.stop()


async def pulled(client: LanguageClient, uri: str) -> list[types.Diagnostic]:
    """The diagnostics of a plan, as both these editors ask for them."""
    params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
    report = await client.text_document_diagnostic_async(params)
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    return list(report.items)


async def test_from_an_open_plan_to_a_landed_wave(
    client: LanguageClient, site: Site, verification: HeldVerification
) -> None:
    uri = site.good_plan.as_uri()
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "markdown", 1, site.good_plan.read_text("utf-8")))
    )
    async with asyncio.timeout(DEADLINE):
        await pulled(client, uri)
        arguments: Any = [{"uri": uri, "wave": 1}]
        await client.workspace_execute_command_async(types.ExecuteCommandParams("agentServer.approve", arguments))
        launched = await client.workspace_execute_command_async(
            types.ExecuteCommandParams("agentServer.launch", arguments)
        )
        while not client.progress_reports.get(launched["run"]):
            await client.wait_for_notification(types.PROGRESS)
        verification.release()
        while not any(status.state in FINAL for status in client.statuses):
            await client.wait_for_notification("agentServer/status")
        end = client.statuses[-1]
        assert end.state == "landed", end.message
        reports = client.progress_reports[launched["run"]]
        while not isinstance(reports[-1], types.WorkDoneProgressEnd):
            await client.wait_for_notification(types.PROGRESS)
    assert isinstance(reports[0], types.WorkDoneProgressBegin)
    percentages = [report.percentage for report in reports if isinstance(report, types.WorkDoneProgressReport)]
    assert percentages == sorted(percentages)
    build = subprocess.run([sys.executable, "build.py"], cwd=site.root, capture_output=True, check=False)
    assert build.returncode == 0


async def test_hover_lens_and_actions_keep_to_the_specification(client: LanguageClient, site: Site) -> None:
    uri = site.bad_plan.as_uri()
    text = site.bad_plan.read_text("utf-8")
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "markdown", 1, text)))
    async with asyncio.timeout(DEADLINE):
        found = await pulled(client, uri)
        document = types.TextDocumentIdentifier(uri)
        whole = types.Range(types.Position(0, 0), types.Position(text.count("\n"), 0))
        lenses = await client.text_document_code_lens_async(types.CodeLensParams(document))
        actions = await client.text_document_code_action_async(
            types.CodeActionParams(document, whole, types.CodeActionContext(found))
        )
        line = next(number for number, line in enumerate(text.splitlines()) if line.startswith("## "))
        hover = await client.text_document_hover_async(types.HoverParams(document, types.Position(line, 3)))
    assert lenses
    assert actions
    assert hover
    assert found
