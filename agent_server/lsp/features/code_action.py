"""Code actions: the fixes of the diagnostics under the cursor, what can be decided about the last run, the launch.

An editor may ask about diagnostics that are not under the cursor: Neovim names all those of the line.

A client that can resolve an edit gets it when the user has chosen; until then an action only says which fix of which
finding it is, and of which version of the plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from agent_server.analysis import rules
from agent_server.analysis.model import Diagnostic, Fix
from agent_server.analysis.rules.wording import listed
from agent_server.analysis.scheduling.written_waves import wave_edits, why_not_written
from agent_server.execution.runs.next_steps import lands_alone, retryable
from agent_server.lsp.commands import names
from agent_server.lsp.connection import ContentModified
from agent_server.lsp.converter import converter
from agent_server.lsp.diagnostics_json import to_diagnostic
from agent_server.lsp.features.code_lens import launch_commands
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.lsp.step_commands import land_command, retry_command, step_commands
from agent_server.plan.model import Edit
from agent_server.plan.text import Span

LAUNCH_KIND = "source.launch"
RUN_KIND = "run"
"""What is offered about the last run where no diagnostic tells of it. Of no kind that editors carry out unasked."""

REWRITE_KIND = types.CodeActionKind.RefactorRewrite.value

_KINDS: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, REWRITE_KIND, LAUNCH_KIND, RUN_KIND]
_ABOUT_THE_RUN = frozenset({"verify-failed", "not-landed"})
_ABOUT_A_TASK_OF_IT = frozenset({"verify-failed", "task-failed", "undeclared-write", "broken-contract"})
_WRITE_WAVES = "Write the computed waves into the plan"
_NOWHERE = Span(0, 0)
_OUTDATED = "The plan has changed since this was offered. Nothing was edited: ask for the actions again."


@plan_request(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=_KINDS, resolve_provider=True))
def code_action(plan: PlanSnapshot, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Answer `textDocument/codeAction`."""
    actions: list[types.CodeAction] = []
    span = plan.span(params.range)
    if _wanted(params.context, types.CodeActionKind.QuickFix):
        asked_about = {(each.code, plan.span(each.range)) for each in params.context.diagnostics}
        for diagnostic in plan.analysis.diagnostics:
            if not plan.is_here(diagnostic.span):
                continue
            if diagnostic.span.overlaps(span) or (diagnostic.code, diagnostic.span) in asked_about:
                actions += _fixes(plan, diagnostic)
                actions += _decisions(plan, diagnostic)
    if _wanted(params.context, RUN_KIND):
        offered = {action.title for action in actions}
        actions += [action for action in _at(plan, span) if action.title not in offered]
    if _wanted(params.context, REWRITE_KIND):
        actions += _rewrites(plan, span, asked_for=bool(params.context.only))
    # Editors ask for all source actions when they save, and carry them out: no agent starts that way.
    automatic = params.context.trigger_kind is types.CodeActionTriggerKind.Automatic
    if _wanted(params.context, LAUNCH_KIND) and not automatic:
        actions += _launch(plan, asked_for=bool(params.context.only))
    return actions


@plan_request(types.CODE_ACTION_RESOLVE, uri_of=lambda action: _uri_of(action.data), otherwise=None)
def code_action_resolve(plan: PlanSnapshot, action: types.CodeAction) -> types.CodeAction:
    """Answer `codeAction/resolve`: the edit of an action that was offered without it.

    Some editors ask for the edit of every action that has none. Of one that is a command it comes back as it was.
    """
    if action.command is not None:
        return action
    origin = _origin(action.data)
    if origin.version != plan.document.version:
        raise ContentModified(_OUTDATED)
    action.edit = _edit(plan, origin.title, _edits(plan, origin))
    return action


def _wanted(context: types.CodeActionContext, kind: str) -> bool:
    """Whether the client asked for this kind; the kind `""` stands above all others, and no kinds mean any."""
    return not context.only or any(wanted in ("", kind) or kind.startswith(f"{wanted}.") for wanted in context.only)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Which action it is: of which version of the plan, under which title, for which finding (no `code`: for none)."""

    version: int | None
    title: str
    code: str = ""
    span: Span = _NOWHERE


def _fixes(plan: PlanSnapshot, diagnostic: Diagnostic) -> list[types.CodeAction]:
    mends = [_mended(plan, diagnostic)]
    return [_fix(plan, fix, mends, diagnostic) for fix in rules.fixes(plan.analysis, diagnostic)]


def _mended(plan: PlanSnapshot, diagnostic: Diagnostic) -> types.Diagnostic:
    told = to_diagnostic(diagnostic, plan.client, plan.root, plan.file_at)
    return converter.structure(told, types.Diagnostic)


def _fix(plan: PlanSnapshot, fix: Fix, mends: list[types.Diagnostic], diagnostic: Diagnostic) -> types.CodeAction:
    origin = _Origin(plan.document.version, fix.title, diagnostic.code, diagnostic.span)
    action = types.CodeAction(
        title=fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=mends,
        is_preferred=fix.preferred or None,
    )
    return _with_edit(plan, action, origin, fix.edits)


def _rewrites(plan: PlanSnapshot, span: Span, *, asked_for: bool) -> list[types.CodeAction]:
    """What rewrites the plan as a whole: offered at its title, or where the client asked for this kind of action."""
    if not asked_for and not plan.top.overlaps(span):
        return []
    action = types.CodeAction(_WRITE_WAVES, kind=REWRITE_KIND)
    reason = why_not_written(plan.analysis)
    if reason:
        return _disabled(plan, action, reason, asked_for=asked_for)
    edits = () if plan.client.resolves_edits else wave_edits(plan.analysis)
    return [_with_edit(plan, action, _Origin(plan.document.version, _WRITE_WAVES), edits)]


def _decisions(plan: PlanSnapshot, diagnostic: Diagnostic) -> list[types.CodeAction]:
    """What can be done about a diagnostic that tells how the last run went: none of it edits the plan."""
    commands = [] if diagnostic.tasks else step_commands(plan) if diagnostic.code in _ABOUT_THE_RUN else []
    if diagnostic.code in _ABOUT_A_TASK_OF_IT:
        for task in diagnostic.tasks:
            commands += _task_commands(plan, task)
    mends = [_mended(plan, diagnostic)] if commands else []
    return [_carried_out(plan, command, types.CodeActionKind.QuickFix.value, mends) for command in commands]


def _at(plan: PlanSnapshot, span: Span) -> list[types.CodeAction]:
    """What can be decided at the plan's title about the whole run, and at a task's heading about that."""
    commands = step_commands(plan) if plan.top.overlaps(span) else []
    for task in plan.analysis.plan.tasks:
        if task.heading.overlaps(span) and plan.is_here(task.span):
            commands += _task_commands(plan, task.id)
            if plan.client.opens_documents and task.is_open and task.id in plan.analysis.tasks:
                arguments = [{"uri": plan.document.uri, "task": task.id}]
                commands.append(types.Command(f"Show the brief of `{task.id}`", names.SHOW_BRIEF, arguments=arguments))
    return [_carried_out(plan, command, RUN_KIND) for command in commands]


def _task_commands(plan: PlanSnapshot, task: str) -> list[types.Command]:
    """What can be decided about one task of the last run."""
    if plan.record is None or plan.is_running or task not in retryable(plan.record):
        return []
    commands = [retry_command(plan, task)]
    if lands_alone(plan.record, task):
        commands.append(land_command(plan, task))
    return commands


def _carried_out(
    plan: PlanSnapshot, command: types.Command, kind: str, mends: list[types.Diagnostic] | None = None
) -> types.CodeAction:
    """An action that is a command. Nothing of it is preferred: it is for people to choose."""
    data = {"uri": plan.document.uri}
    return types.CodeAction(command.title, kind=kind, command=command, data=data, diagnostics=mends or None)


def _launch(plan: PlanSnapshot, *, asked_for: bool) -> list[types.CodeAction]:
    commands = launch_commands(plan)
    if not commands:
        action = types.CodeAction("Launch wave 1", kind=LAUNCH_KIND)
        reason = "A run of this plan is going on." if plan.running is not None else "No task can run now."
        return _disabled(plan, action, reason, asked_for=asked_for)
    return [_carried_out(plan, command, LAUNCH_KIND) for command in commands]


def _disabled(plan: PlanSnapshot, action: types.CodeAction, reason: str, *, asked_for: bool) -> list[types.CodeAction]:
    """The action with the reason why it cannot be chosen, where somebody asked for its kind and can be shown that."""
    if not asked_for or not plan.client.disabled_actions:
        return []
    action.disabled = types.CodeActionDisabled(reason)
    return [action]


def _with_edit(
    plan: PlanSnapshot, action: types.CodeAction, origin: _Origin, edits: Sequence[Edit]
) -> types.CodeAction:
    """The action with its edit or, for a client that asks for it later, with what will be needed then."""
    if plan.client.resolves_edits:
        action.data = {
            "uri": plan.document.uri,
            "version": origin.version,
            "title": origin.title,
            "code": origin.code,
            "span": [origin.span.start, origin.span.end],
        }
    else:
        action.edit = _edit(plan, action.title, edits)
    return action


def _edit(plan: PlanSnapshot, title: str, edits: Sequence[Edit]) -> types.WorkspaceEdit:
    """The edit, with what it is for.

    It asks for no confirmation, whatever it touches: it is one whole, and one step to undo. VS Code would show each
    piece of it unticked, and "Apply" would then do nothing. Who wants to look first can still ask for a preview.
    """
    touched = {task.id: None for edit in edits if (task := plan.analysis.plan.task_at(edit.span.start))}
    description = f"Edits {listed(tuple(touched))}." if touched else None
    why = types.ChangeAnnotation(title, needs_confirmation=False, description=description)
    return plan.workspace_edit(edits, why if plan.client.annotated_actions else None)


def _edits(plan: PlanSnapshot, origin: _Origin) -> tuple[Edit, ...]:
    """The edits of an action; raises `ContentModified` where it is no longer offered."""
    if not origin.code and origin.title == _WRITE_WAVES and not why_not_written(plan.analysis):
        return wave_edits(plan.analysis)
    for diagnostic in plan.analysis.diagnostics:
        if diagnostic.code == origin.code and diagnostic.span == origin.span:
            for fix in rules.fixes(plan.analysis, diagnostic):
                if fix.title == origin.title:
                    return fix.edits
    raise ContentModified(_OUTDATED)  # the files of the workspace, or a run, have made it needless


def _uri_of(data: Any) -> str | None:
    uri = data.get("uri") if isinstance(data, Mapping) else None
    return uri if isinstance(uri, str) else None


def _origin(data: Any) -> _Origin:
    """What the client was given as `data`; whatever else it sends is refused."""
    match data:
        case {
            "version": int() | None as version,
            "title": str(title),
            "code": str(code),
            "span": [int(start), int(end)],
        }:
            return _Origin(version, title, code, Span(start, end))
        case _:
            raise JsonRpcInvalidParams("This action was not offered by Agent Server, so it has no edit.")
