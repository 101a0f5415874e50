"""A run as a client sees it: work-done progress with a Cancel button, our status notification, the plan's ticks."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.facts import TaskState
from agent_server.execution.runs.lifecycle import CANCELLABLE, GOING_ON, RunState
from agent_server.execution.runs.run import Progress, Run
from agent_server.lsp import convert
from agent_server.lsp.documents import Document
from agent_server.lsp.project import Marking, Project
from agent_server.lsp.run_state import message
from agent_server.plan.model import Edit

if TYPE_CHECKING:
    from agent_server.lsp.server import AgentLanguageServer

_INTERVAL = 0.1
# So many seconds lie at least between two requests to look at the lenses again, by what has changed: an editor asks for
# those of every open document, and a wave may have a thousand agents.
_LENS_INTERVAL = 1.0
_TASK_LENS_INTERVAL = 0.2
_RUN_LENS_INTERVAL = 0.0

_log = logging.getLogger(__name__)


class RunReporter:
    """Reports one run to one client, until it ends or is held. `token` is that of its progress."""

    def __init__(self, server: "AgentLanguageServer", project: Project, run: Run) -> None:
        # A token is good for one begin and one end (LSP 3.17), so a run that goes on after a stop needs another one,
        # and so does a client that comes later.
        is_first = run.record.state is RunState.PREPARING and not run.is_resumed
        self.token = run.id if is_first else f"{run.id}-{uuid4().hex[:8]}"
        self.run = run
        self._server = server
        self._project = project
        self._shown: tuple[RunState, tuple[TaskState, ...]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._lens_timer: asyncio.TimerHandle | None = None
        self._lenses_refreshed = float("-inf")
        self._has_progress = False
        self._reported: tuple[bool, str, int] | None = None

    async def report(self) -> None:
        """Report from now on, until nothing more happens by itself."""
        # Nothing waits for the client's yes to the progress: it may come late, or never.
        opening = self._server.go(self._open_progress()) if self._server.client.shows_progress else None
        unwatch = self.run.watch(self._changed)
        try:
            self._changed(self.run.progress)
            await self.run.wait()
        finally:
            unwatch()
            for pending in (self._timer, self._lens_timer, opening):
                if pending is not None:
                    pending.cancel()
        self._send(self.run.progress)
        self._server.refresh_lenses()
        self._close_progress()

    def _changed(self, progress: Progress) -> None:
        """Send changes of state at once; what happens in between at most every tenth of a second.

        The end is told by `report`, once the run has let go of the workspace: then the next may begin.
        """
        if progress.record.state not in GOING_ON:
            return
        states = (progress.record.state, tuple(task.state for task in progress.record.tasks.values()))
        shown, self._shown = self._shown, states
        if states != shown:
            self._send(progress)
            is_same_run_state = shown is not None and shown[0] is states[0]
            self._refresh_lenses_after(_TASK_LENS_INTERVAL if is_same_run_state else _RUN_LENS_INTERVAL)
            return
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self._send_later)
        self._refresh_lenses_after(_LENS_INTERVAL)

    def _send_later(self) -> None:
        self._timer = None
        if self.run.record.state in GOING_ON:
            self._send(self.run.progress)

    def _refresh_lenses_after(self, interval: float) -> None:
        """Have the lenses looked at again as soon as the last time is so long ago."""
        loop = asyncio.get_running_loop()
        due = max(loop.time(), self._lenses_refreshed + interval)
        if self._lens_timer is not None:
            if self._lens_timer.when() <= due:
                return
            self._lens_timer.cancel()
        self._lens_timer = loop.call_at(due, self._refresh_lenses)

    def _refresh_lenses(self) -> None:
        """Show in the lenses what the agents are doing now."""
        self._lens_timer, self._lenses_refreshed = None, asyncio.get_running_loop().time()
        self._server.refresh_lenses()

    def _send(self, progress: Progress) -> None:
        self._server.tell_run(self._project, progress)
        if self._has_progress and progress.record.state in GOING_ON:
            self._report_progress(progress)

    def _report_progress(self, progress: Progress) -> None:
        """Report what the client does not show already: editors keep all that they are told, some show it all."""
        cancellable = progress.record.state in CANCELLABLE
        said = (cancellable, progress.message, progress.percent)
        if said != self._reported:
            self._reported = said
            report = types.WorkDoneProgressReport(
                cancellable=cancellable, message=progress.message, percentage=progress.percent
            )
            self._server.show_progress(self.token, report)

    async def _open_progress(self) -> None:
        try:
            await self._server.create_progress(self.token)
        except JsonRpcException as error:
            _log.info("The client wants no progress: %s", error)
            return  # the status notification still tells it everything
        self._has_progress = True
        progress = self.run.progress
        self._server.show_progress(
            self.token,
            types.WorkDoneProgressBegin(
                progress.record.approval.part.capitalize(),
                cancellable=progress.record.state in CANCELLABLE,
                message=progress.message,
                percentage=progress.percent,
            ),
        )

    def _close_progress(self) -> None:
        if self._has_progress:
            self._server.show_progress(self.token, types.WorkDoneProgressEnd(message=message(self.run.progress)))


async def mark_in_editor(server: "AgentLanguageServer", project: Project, plan: str, marking: Marking) -> bool:
    """Mark the open plan through the client; False where it is closed or the client does not do it.

    Of a plan that is a folder the files are marked that are open.
    """
    while (
        server.client.applies_edits
        and (uri := server.open_file_of(project, plan)) is not None
        and (found := await server.plan(uri)) is not None
    ):
        every = found.edits(marking.edits(found.analysis.plan))
        edits = [(document, each) for document, each in every if each and document.version is not None]
        if not edits or await _apply(server, edits, marking.why):
            return True
        if found.is_current(server.documents):
            return False
        # The plan was edited in between, so the edit was refused as stale: make it anew.
    return False


async def _apply(server: "AgentLanguageServer", edits: Sequence[tuple[Document, Sequence[Edit]]], why: str) -> bool:
    edit = convert.to_workspace_edits(edits, server.client)
    try:
        answer = await server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label=why))
    except JsonRpcException as error:
        _log.warning("The client could not mark the plan: %s", error)
        return False
    return answer.applied
