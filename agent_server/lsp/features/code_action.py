"""Code actions: the fixes of the diagnostics under the cursor, and the launch of the next wave."""

from lsprotocol import types

from agent_server.analysis import rules
from agent_server.analysis.model import Diagnostic
from agent_server.analysis.picture import count
from agent_server.lsp import convert
from agent_server.lsp.commands import names
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot

LAUNCH_KIND = "source.launch"


_KINDS: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, LAUNCH_KIND]


@plan_request(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=_KINDS))
def code_action(plan: PlanSnapshot, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Answer `textDocument/codeAction`."""
    actions: list[types.CodeAction] = []
    if _wanted(params.context, types.CodeActionKind.QuickFix):
        span = plan.span(params.range)
        for diagnostic in plan.analysis.diagnostics:
            if diagnostic.span.overlaps(span):
                actions += _fixes(plan, diagnostic)
    # Editors ask for all source actions when they save, and carry them out: no agent starts that way.
    automatic = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    if _wanted(params.context, LAUNCH_KIND) and not automatic:
        actions += _launch(plan)
    return actions


def _wanted(context: types.CodeActionContext, kind: str) -> bool:
    """Whether the client asked for this kind; the kind `""` stands above all others, and no kinds mean any."""
    return not context.only or any(wanted in ("", kind) or kind.startswith(f"{wanted}.") for wanted in context.only)


def _fixes(plan: PlanSnapshot, diagnostic: Diagnostic) -> list[types.CodeAction]:
    mends = [convert.to_diagnostic(plan.document, diagnostic, plan.client)]
    return [
        convert.to_code_action(plan.document, fix, mends, plan.client) for fix in rules.fixes(plan.analysis, diagnostic)
    ]


def _launch(plan: PlanSnapshot) -> list[types.CodeAction]:
    waves = plan.analysis.schedule.waves
    if not waves or plan.running is not None:
        return []
    title = f"Launch wave 1 ({count(len(waves[0]), 'agent')})"
    command = types.Command(title, names.LAUNCH, arguments=[{"uri": plan.document.uri, "wave": 1}])
    return [types.CodeAction(title=title, kind=LAUNCH_KIND, command=command)]
