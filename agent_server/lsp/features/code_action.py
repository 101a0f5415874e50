"""Code actions: the fixes of the diagnostics under the cursor, and the launch of the next wave."""

from lsprotocol import types

from agent_server.analysis import rules
from agent_server.analysis.model import Diagnostic
from agent_server.analysis.picture import count
from agent_server.lsp import convert
from agent_server.lsp.commands import names
from agent_server.lsp.features.code_lens import running
from agent_server.lsp.server import AgentLanguageServer, OpenPlan

LAUNCH_KIND = "source.launch"


def register(server: AgentLanguageServer) -> None:
    """Answer `textDocument/codeAction`."""
    kinds: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, LAUNCH_KIND]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds))
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        found = server.plan(params.text_document.uri)
        if found is None:
            return []
        actions: list[types.CodeAction] = []
        if _wanted(params.context, types.CodeActionKind.QuickFix):
            span = convert.to_span(found.document.lines, params.range, server.encoding)
            for diagnostic in found.analysis.diagnostics:
                if diagnostic.span.overlaps(span):
                    actions += _fixes(server, found, diagnostic)
        # Editors ask for all source actions when they save, and carry them out: no agent starts that way.
        automatic = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
        if _wanted(params.context, LAUNCH_KIND) and not automatic:
            actions += _launch(found)
        return actions


def _wanted(context: types.CodeActionContext, kind: str) -> bool:
    """Whether the client asked for this kind; the kind `""` stands above all others, and no kinds mean any."""
    return not context.only or any(wanted in ("", kind) or kind.startswith(f"{wanted}.") for wanted in context.only)


def _fixes(server: AgentLanguageServer, found: OpenPlan, diagnostic: Diagnostic) -> list[types.CodeAction]:
    mends = [convert.to_diagnostic(found.document, diagnostic, server.client)]
    return [
        convert.to_code_action(found.document, fix, mends, server.client)
        for fix in rules.fixes(found.analysis, diagnostic)
    ]


def _launch(found: OpenPlan) -> list[types.CodeAction]:
    waves = found.analysis.schedule.waves
    if not waves or running(found) is not None:
        return []
    title = f"Launch wave 1 ({count(len(waves[0]), 'agent')})"
    command = types.Command(title, names.LAUNCH, arguments=[{"uri": found.document.uri, "wave": 1}])
    return [types.CodeAction(title=title, kind=LAUNCH_KIND, command=command)]
