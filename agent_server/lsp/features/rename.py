"""Rename: another name for the task, the path or the lock under the cursor, wherever the plan names it."""

from lsprotocol import types

from agent_server.analysis.occurrences import Occurrences
from agent_server.analysis.renaming import CannotRename, renameable, renamed
from agent_server.lsp.handlers import plan_request
from agent_server.lsp.refusals import refusal
from agent_server.lsp.snapshot import PlanSnapshot


@plan_request(types.TEXT_DOCUMENT_PREPARE_RENAME)
def prepare_rename(plan: PlanSnapshot, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """Answer `textDocument/prepareRename`. A task that is named by its title alone is offered an id of its own."""
    known = Occurrences(plan.analysis)
    found = renameable(known.find(plan.offset(params.position)), known)
    return None if found is None else types.PrepareRenamePlaceholder(plan.range(found.span), found.name)


@plan_request(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
def rename(plan: PlanSnapshot, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Answer `textDocument/rename`; a name that cannot be given is refused with the reason."""
    known = Occurrences(plan.analysis)
    found = renameable(known.find(plan.offset(params.position)), known)
    if found is None:
        return None
    try:
        edits = renamed(plan.analysis, known, found, params.new_name)
    except CannotRename as error:
        raise refusal(str(error)) from error
    return plan.workspace_edit(edits)
