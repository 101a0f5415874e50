"""A run as a client sees it: work-done progress with a Cancel button, our status notification, the plan's ticks."""

import asyncio
from collections import Counter

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.analysis.facts import TaskState
from agent_server.execution.lifecycle import RunState
from agent_server.execution.run import Progress, Run
from agent_server.execution.ticking import ticks
from agent_server.lsp import convert
from agent_server.lsp.messages import STATUS, StatusParams, TaskStatus
from agent_server.lsp.project import Project
from agent_server.lsp.server import AgentLanguageServer

_INTERVAL = 0.1
_ENDED = (RunState.LANDED, RunState.HELD, RunState.CANCELLED, RunState.FAILED)


class Reporter:
    """Reports one run to one client, from `begin` until the run ends or is held."""

    def __init__(self, server: AgentLanguageServer, project: Project, uri: str, run: Run) -> None:
        self._server = server
        self._project = project
        self._uri = uri
        self._run = run
        self._shown: tuple[RunState, tuple[TaskState, ...]] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._has_progress = False

    def begin(self) -> None:
        """Report from now on."""
        self._server.go(self._report())

    async def _report(self) -> None:
        await self._open_progress()
        self._run.watch(self._changed)
        self._changed(self._run.progress)
        record = await self._run.wait()
        if self._timer is not None:
            self._timer.cancel()
        self._send(self._run.progress)
        self._close_progress()
        if record.state is RunState.LANDED:
            await self._tick()
        elif record.state is not RunState.CANCELLED:
            self._server.say(record.problem, types.MessageType.Error)

    def _changed(self, progress: Progress) -> None:
        """Send changes of state at once; what happens in between at most every tenth of a second."""
        states = (progress.record.state, tuple(task.state for task in progress.record.tasks.values()))
        if states != self._shown:
            self._shown = states
            self._send(progress)
            self._project.touch()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_INTERVAL, self._send_later)

    def _send_later(self) -> None:
        self._timer = None
        self._send(self._run.progress)

    def _send(self, progress: Progress) -> None:
        self._server.protocol.notify(STATUS, status(self._uri, progress))
        if self._has_progress and progress.record.state not in _ENDED:
            self._server.work_done_progress.report(
                self._run.id,
                types.WorkDoneProgressReport(cancellable=True, message=progress.message, percentage=progress.percent),
            )

    async def _open_progress(self) -> None:
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        try:
            await self._server.work_done_progress.create_async(self._run.id)
        except JsonRpcException:
            return  # a client may refuse; the status notification still tells it everything
        self._has_progress = True
        progress = self._run.progress
        self._server.work_done_progress.begin(
            self._run.id,
            types.WorkDoneProgressBegin(
                f"Wave {progress.record.approval.wave}",
                cancellable=True,
                message=progress.message,
                percentage=progress.percent,
            ),
        )

    def _close_progress(self) -> None:
        if self._has_progress:
            self._server.work_done_progress.end(
                self._run.id, types.WorkDoneProgressEnd(message=self._run.progress.message)
            )
            self._server.work_done_progress.tokens.pop(self._run.id, None)

    async def _tick(self) -> None:
        """Mark what landed as done in the plan, through the editor, so that the next wave becomes the first."""
        found = self._server.plan(self._uri)
        workspace = self._server.client_capabilities.workspace
        if found is None or not (workspace and workspace.apply_edit):
            return
        edits = ticks(found.analysis.plan, tuple(self._run.record.tasks))
        if edits:
            edit = convert.to_workspace_edit(found.document, edits, self._server.encoding)
            await self._server.workspace_apply_edit_async(
                types.ApplyWorkspaceEditParams(edit, label="Mark what landed as done")
            )


def status(uri: str, progress: Progress) -> StatusParams:
    """The status notification for a run's progress."""
    record = progress.record
    titles = {task.id: task.title for task in record.approval.tasks}
    return StatusParams(
        plan=uri,
        wave=record.approval.wave,
        run=record.id,
        state=record.state.value,
        message=progress.message,
        percentage=progress.percent,
        isolation=record.isolation,
        counts=dict(Counter(task.state.value for task in record.tasks.values())),
        tasks=[
            TaskStatus(
                id=name,
                title=titles[name],
                state=task.state.value,
                activity=progress.activity.get(name, ""),
                message=task.message,
                tokens=task.tokens,
                changed=list(task.changed),
                undeclared=list(task.undeclared),
            )
            for name, task in record.tasks.items()
        ],
    )
