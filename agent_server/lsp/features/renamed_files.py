"""`workspace/willRenameFiles` and `workspace/didRenameFiles`: what plans declare follows the files that move.

A client that asks first gets the edits, of all plans, and applies them together with the move. To one that only tells
afterwards they are offered, for the plans that are open: nothing is edited that the user did not ask for.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.moves import Move, follow
from agent_server.analysis.picture import count
from agent_server.lsp import convert
from agent_server.lsp.documents import path_of
from agent_server.lsp.features.watched_files import ANY_FILE, tell
from agent_server.lsp.handlers import notification, plans_request
from agent_server.lsp.server import AgentLanguageServer
from agent_server.lsp.snapshot import PlanSnapshot

_LABEL = "Keep the plan's paths true"

_log = logging.getLogger(__name__)


@plans_request(types.WORKSPACE_WILL_RENAME_FILES, ANY_FILE)
def will_rename_files(plans: Iterable[PlanSnapshot], params: types.RenameFilesParams) -> types.WorkspaceEdit | None:
    """Answer `workspace/willRenameFiles`."""
    return _edit(tuple(plans), params.files)


@notification(types.WORKSPACE_DID_RENAME_FILES, ANY_FILE)
def renamed(session: AgentLanguageServer, params: types.RenameFilesParams) -> None:
    """Pass on what the user renamed; a client that does not ask beforehand is offered the edits now."""
    if session.client.applies_edits and not session.client.renames_with_us:
        session.go(_offer(session, params.files))
    tell(session, (uri for file in params.files for uri in (file.old_uri, file.new_uri)))


def _edit(plans: Sequence[PlanSnapshot], files: Iterable[types.FileRename]) -> types.WorkspaceEdit | None:
    files = tuple(files)
    followed = [(plan, follow(plan.analysis, _moves(plan, files))) for plan in plans]
    followed = [(plan, edits) for plan, edits in followed if edits]
    if not followed:
        return None
    paths = count(sum(len(edits) for _, edits in followed), "path")
    why = types.ChangeAnnotation(_LABEL, needs_confirmation=False, description=f"{paths} that a plan declares moved.")
    edits = [each for plan, edits in followed for each in plan.edits(edits)]
    return convert.to_workspace_edits(edits, followed[0][0].client, why)


def _moves(plan: PlanSnapshot, files: Iterable[types.FileRename]) -> list[Move]:
    """What moves within the plan's workspace, as the plan would spell it; what leaves it cannot be followed."""
    pairs = [(_within(plan, file.old_uri), _within(plan, file.new_uri)) for file in files]
    return [Move(old, new) for old, new in pairs if old and new]


def _within(plan: PlanSnapshot, uri: str) -> str | None:
    """The path of a URI as the plan's workspace spells it. Asks no disk: the root may be spelled as the plan's URI."""
    path = path_of(uri)
    if path is None:
        return None
    base = next((root for root in _roots(plan) if path.is_relative_to(root)), None)
    return path.relative_to(base).as_posix() if base is not None and path != base else None


def _roots(plan: PlanSnapshot) -> tuple[Path, ...]:
    """The root as it is, and as the client spells it, which may lead through symbolic links."""
    own = plan.document.path if plan.files is None or plan.document.path is None else plan.document.path.parent
    depth = len(Path(plan.name).parts)
    if own is None or Path(plan.name).is_absolute() or own.parts[-depth:] != Path(plan.name).parts:
        return (plan.root,)
    return plan.root, Path(*own.parts[:-depth])


async def _offer(session: AgentLanguageServer, files: Sequence[types.FileRename]) -> None:
    """Ask whether the open plans shall follow what has moved, and let the client edit them after a yes."""
    plans = [plan for document in session.documents if (plan := await session.plan(document.uri))]
    plans = list({(plan.root, plan.name): plan for plan in plans}.values())
    if await asyncio.to_thread(_edit, plans, files) is None:
        return
    yes, no = types.MessageActionItem("Change the plan"), types.MessageActionItem("Leave it")
    question = "A plan declares paths that you moved. Shall it name them by their new paths?"
    try:
        answer = await session.window_show_message_request_async(
            types.ShowMessageRequestParams(types.MessageType.Info, question, [yes, no])
        )
        if answer is None or answer.title != yes.title:
            return
        plans = [now for plan in plans if (now := await _as_it_is(session, plan))]
        edit = await asyncio.to_thread(_edit, plans, files)
        if edit is not None:
            await session.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, _LABEL))
    except JsonRpcException as error:
        _log.info("The plans do not follow what was renamed: %s", error)


async def _as_it_is(session: AgentLanguageServer, plan: PlanSnapshot) -> PlanSnapshot | None:
    """The plan, or its newest version: only the first still knows the files that an import meant before the move."""
    return plan if plan.is_current(session.documents) else await session.plan(plan.document.uri)
