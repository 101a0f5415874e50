"""The language server: one client's session over the projects that it has open."""

import asyncio
import logging
import os
from collections.abc import Coroutine, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from lsprotocol import types
from pygls.lsp.server import LanguageServer

from agent_server import __version__
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.runs.run import Progress, Run
from agent_server.lsp import build_problems, convert
from agent_server.lsp.build_problems import PushedProblems
from agent_server.lsp.capabilities import capabilities_of
from agent_server.lsp.client import Client, client_of
from agent_server.lsp.connection import Connection
from agent_server.lsp.converter import converter
from agent_server.lsp.documents import Document, Documents, path_of
from agent_server.lsp.indexing import IndexingProgress
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.messages import (
    PLANS_CHANGED,
    RUN_STATE,
    SERVER_STATUS,
    STATUS,
    PlansChangedParams,
    PlansParams,
    PlansResult,
    RunReport,
    ServerStatusParams,
    SubscribeParams,
    SubscribeResult,
)
from agent_server.lsp.open_projects import OpenProject, OpenProjects
from agent_server.lsp.parent import ended, is_running
from agent_server.lsp.plan_list import PlanList
from agent_server.lsp.plans import Plans
from agent_server.lsp.project import Marking, Project
from agent_server.lsp.projects import Projects
from agent_server.lsp.reporting import RunReporter, mark_in_editor
from agent_server.lsp.run_state import run_state, status
from agent_server.lsp.server_status import ServerStatus
from agent_server.lsp.settings_problems import SettingsProblems
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.lsp.table import Table
from agent_server.lsp.versions import OLDEST, negotiated
from agent_server.lsp.wire import Wire
from agent_server.settings import EDITOR, Layer, Settings, layered, user_layer
from agent_server.workspace.index.live import Indexing

_REFRESH_SECONDS = 0.1
"""So soon a client is told to ask again for what it shows: what happens until then is told at once."""

_REFRESH_PAUSE = 0.5
"""It is not told again before so many seconds have gone by."""

_NAME = "agent-server"

_THE_CLIENTS_OWN = frozenset({"trace"})
"""What editors keep in a server's section for themselves: VS Code's library reads `trace.server` there."""

_NOT_TRUSTED = "This workspace is not trusted, so nothing runs in it. Trust it in the editor first."

_log = logging.getLogger(__name__)


class AgentLanguageServer(LanguageServer):
    """The server for one client; all methods belong to the event loop, unless they say otherwise.

    `client` is what the client can do, `options` what it sent along with `initialize`; `pulls` are the questions for
    its settings whose answers are to be taken. `trusted` is what the editor says of the workspace: nothing runs in one
    that is not. Diagnostics are pushed whenever a plan, the workspace or a run changes.
    """

    protocol: Connection

    def __init__(self, table: Table, projects: Projects, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(
            _NAME,
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Connection,
            converter_factory=lambda: converter,
        )
        self.environ = dict(os.environ if environ is None else environ)
        self.client = Client()
        self.client_info: types.ClientInfo | None = None
        self.documents = Documents()
        self.trusted = True
        self.protocol_version = OLDEST
        self.options: Mapping[str, Any] = {}
        self.pulls: set[asyncio.Future[Any]] = set()
        self.to_say: list[str] = []
        self.reporters: dict[str, RunReporter] = {}
        self._open = OpenProjects(projects, self, self.documents)
        self._plans = Plans(self.protocol, self.documents, self._open)
        self.protocol.table = table
        self.protocol.answer = self._plans.answer
        self._wants_runs = False
        self._status = ServerStatus(self._open, self._tell_status)
        self._plan_list = PlanList(self._plans, self._open, self._distrust, self._tell_plans, self.go)
        self._loop = asyncio.get_running_loop()
        self._indexing: dict[Path, IndexingProgress] = {}
        self._stale: set[Project] = set()
        self._refreshing: asyncio.TimerHandle | None = None
        self._refreshed = 0.0
        self._background: set[asyncio.Task[None]] = set()
        self._leaving = False
        self._told: tuple[str, ...] = ()
        self._build_problems = PushedProblems(self.text_document_publish_diagnostics)
        self._settings_problems = SettingsProblems(self.documents, self.text_document_publish_diagnostics, self.warn)

    # The session

    def connect(self) -> Wire:
        """The wire to be given to the client's transport."""

        def receiver(wire: Wire) -> Connection:
            self.protocol.wire = wire
            return self.protocol

        return Wire(receiver)

    async def serve(self) -> int:
        """Serve until the client leaves, and let go of what it had open; returns the exit status that LSP asks for."""
        await asyncio.wait((self.protocol.wire.closed,))
        self.protocol.abandon()
        self.wind_down()
        return 0 if self.protocol.is_shut_down else 1

    def begin(self, params: types.InitializeParams) -> types.InitializeResult:
        """Take in what `initialize` says; what was wrong with the settings is said once the client listens."""
        self.client = self._plans.client = client_of(params.capabilities)
        self.client_info = params.client_info
        self.protocol_version = negotiated(params.capabilities.experimental)
        self.documents.encoding = self.client.encoding
        path = Path(params.root_path or "")
        root = params.root_uri or (convert.to_uri(path) if path.is_absolute() else "")
        self._open.folders = _folders([folder.uri for folder in params.workspace_folders or ()] or [root])
        if params.process_id is not None and is_running(params.process_id):
            self.go(self._leave_after(params.process_id))
        if isinstance(params.initialization_options, Mapping):
            self.options = params.initialization_options
        self.to_say.extend(self.configure(self.options))
        capabilities = capabilities_of(self.protocol.table, params.capabilities, self.client)
        capabilities.experimental = msgspec.to_builtins(self.protocol_version.capabilities)
        return types.InitializeResult(capabilities, types.ServerInfo(_NAME, __version__))

    def join(self) -> None:
        """Show what goes on already in the workspaces of this client, where another one has them open."""
        self._open.join()

    def configure(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Take the client's settings, laid over the user's own; returns what is wrong with them and was not before."""
        given = {name: value for name, value in values.items() if name not in _THE_CLIENTS_OWN}
        self.trusted = given.pop("trusted", self.trusted) is not False
        settings, problems = layered([user_layer(self.environ), Layer(EDITOR, given)])
        self._open.configure(settings)
        for each in self._open:
            self.project_changed(each.project)
        told, self._told = self._told, tuple(map(str, problems))
        return tuple(problem for problem in self._told if problem not in told)

    def wind_down(self) -> None:
        """Let go of everything. What runs goes on where the process does. Doing it twice does nothing more."""
        self._leaving = True
        self._plans.close()
        self._status.close()
        self._plan_list.close()
        self._open.close()
        if self._refreshing is not None:
            self._refreshing.cancel()
        for task in tuple(self._background):
            task.cancel()

    # Projects and plans

    @property
    def settings(self) -> Settings:
        """What the client and the user have set."""
        return self._open.given

    @property
    def projects(self) -> tuple[Project, ...]:
        """The projects that are open in this session."""
        return tuple(each.project for each in self._open)

    def project_of(self, path: Path) -> Project:
        """The project of a file, opened if need be: the deepest workspace folder above it, or a root of its own."""
        return self._open.of(path).project

    def is_plan(self, path: Path) -> bool:
        """Whether a file may be a plan, as far as the settings of its project are known."""
        return self._open.is_plan(path)

    def project_around(self, path: Path) -> tuple[Project, str] | None:
        """The deepest open project above a file, and what that calls it; None where there is none. Opens nothing."""
        around = self._open.around(path)
        return None if around is None else (around[0].project, around[1])

    def take(self, document: Document) -> None:
        """A document was opened, changed or saved: lay it over the disk."""
        self._open.take(document)
        self._plans.news.tell()
        self._plan_list.edited(document)

    def let_go(self, document: Document) -> None:
        """A document was closed: the disk says again what its file holds."""
        self._open.let_go(document)
        self._plans.news.tell()
        self._plan_list.edited(document)
        if self._plans.forget(document.uri):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, []))
        if document.path is not None and (around := self.project_around(document.path)) is not None:
            self._plans.publish_folder(around[0], document.path)
        self.drop_idle_projects()

    def settings_of(self, project: Project) -> Settings:
        """What this session has set for a project. Reads the workspace's own file; may be asked in any thread."""
        each = self._open.get(project.root)
        return each.settings.now if each is not None else self.settings

    def change_folders(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Take other workspace folders (URIs); open documents move to the project that they belong to now."""
        for uri in self._open.change_folders(_folders(added), _folders(removed)):
            self.publish(uri)
        self._plans.news.tell()
        self.drop_idle_projects()

    def drop_idle_projects(self) -> None:
        """Let go of roots that are no workspace folder, when no document of theirs is open and nothing ran."""
        for root in self._open.drop_idle():
            if (progress := self._indexing.pop(root, None)) is not None:
                progress.update(None)
            self._settings_problems.forget(root)
            self._plan_list.forget(root)
            self._build_problems.forget(root)

    def uri_of(self, project: Project, name: str) -> str:
        """The URI of a plan, as the client spells it where it has it open; of a folder, that of its first open task."""
        known = self._plans.first_file(project, name) or self.open_file_of(project, name)
        return known or convert.to_uri(project.root / name)

    def open_file_of(self, project: Project, name: str) -> str | None:
        """The URI of a plan that the client has open; of a folder, that of one of its files."""
        for document in self.documents:
            if document.path is not None and self.plan_name(project, document.path) == name:
                return document.uri
        return None

    def plan_name(self, project: Project, path: Path) -> str:
        """What runs call the plan that a file belongs to: the file, or its folder."""
        return self._plans.plan_name(project, path)

    async def plan(self, uri: str) -> PlanSnapshot | None:
        """The open plan of that URI, analysed, once its workspace is listed; None for other documents."""
        return await self._plans.plan(uri)

    async def closed_plan(self, uri: str) -> tuple[PlanSnapshot, Project] | None:
        """The plan of that URI as its file says, where it is not open here, and its project; None where there is none.

        Its workspace must be open.
        """
        return await self._plans.closed_plan(uri)

    async def list_plans(self, params: PlansParams) -> PlansResult:
        """All plans of the workspaces, as a list shows them."""
        return await self._plan_list.answer(params)

    def publish(self, uri: str) -> None:
        """Push the diagnostics of an open plan for its latest version, unless the client has just these already."""
        self._plans.publish(uri)

    # What happens in projects

    def project_changed(self, project: Project) -> None:
        """Push anew, once this turn of the loop is over, whatever depends on the project's files or runs."""
        if not self._stale and not self._leaving:
            self._loop.call_soon(self._push_stale)
        self._stale.add(project)
        self._plans.news.tell()
        self._status.look()
        self._plan_list.look(project)

    def document_edited(self, project: Project, name: str) -> None:
        """Have the client ask again for what it shows of a plan that another one edits."""
        if self._open.is_plan(project.root / name):
            self._plans.news.tell()
            self._plan_list.look(project, self.plan_name(project, project.root / name))
            self._plans.publish_folder(project, project.root / name)
            self._refresh_soon()

    def project_says(self, _project: Project, message: str) -> None:
        """Show a sentence of a project's."""
        self.warn(message)

    def project_indexes(self, project: Project, indexing: Indexing | None) -> None:
        """Show how far the index is."""
        self._indexing.setdefault(project.root, IndexingProgress(self)).update(indexing)

    def run_began(self, project: Project, run: Run) -> None:
        """Show a run, whoever launched it."""
        reporter = RunReporter(self, project, run)
        self.reporters[reporter.token] = reporter
        self.go(self._report(reporter))

    def run_ended(self, _project: Project, _run: Run, message: str, *, well: bool) -> None:
        """Say how a run ended."""
        self.say(message, types.MessageType.Info if well else types.MessageType.Error)

    def run_settled(self, project: Project, progress: Progress) -> None:
        """Send how a run stands of which something was decided."""
        self.tell_run(project, progress)
        self.refresh_lenses()

    def tell_run(self, project: Project, progress: Progress) -> None:
        """Send how a run stands, in the way that the client knows."""
        uri, run = self.uri_of(project, progress.record.approval.plan), progress.record.id
        if self.protocol_version.has(STATUS):
            self.protocol.notify(STATUS, status(uri, progress), replaces=(STATUS, run))
        if self._wants_runs and self.protocol_version.has(RUN_STATE):
            self.protocol.notify(RUN_STATE, self._run_state(project, progress), replaces=(RUN_STATE, run))
        self._status.look()
        self._plan_list.look(project, progress.record.approval.plan)

    def subscribe(self, wanted: SubscribeParams) -> SubscribeResult:
        """Tell the client of all runs of its workspaces from now on, and how the server is; or no more."""
        self._wants_runs = wanted.runs
        self._status.want(wanted.status and self.protocol_version.has(SERVER_STATUS))
        self._plan_list.want(bool(wanted.plans) and self.protocol_version.has(PLANS_CHANGED))
        if wanted.runs or wanted.plans:
            for folder in self._open.folders:
                self._open.at(folder)
        runs = [self._run_state(project, run.progress) for project in self.projects for run in project.executor.runs]
        return SubscribeResult(version=str(self.protocol_version), runs=runs if wanted.runs else [])

    def _run_state(self, project: Project, progress: Progress) -> RunReport:
        uri = self.uri_of(project, progress.record.approval.plan)
        waves, prices = project.waves.get(progress.record.id, 1), self.settings.analysis.prices
        return run_state(uri, progress, waves, prices, self.protocol_version)

    async def mark(self, project: Project, plan: str, marking: Marking) -> bool:
        """Mark the open plan; False where it is not open here, or the client does not do it."""
        return await mark_in_editor(self, project, plan, marking)

    # What the user is told

    def insist_on_trust(self) -> None:
        """Raise `NotLaunchable` in a workspace that the editor does not trust."""
        if (why := self._distrust()) is not None:
            raise NotLaunchable(why)

    def _distrust(self) -> str | None:
        """Why nothing runs in this workspace, where the editor does not trust it. Can be asked in any thread."""
        return None if self.trusted else _NOT_TRUSTED

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user a message."""
        self.window_show_message(types.ShowMessageParams(kind, unlinked(message)))

    def warn(self, message: str) -> None:
        """Show the user a warning."""
        self.say(message, types.MessageType.Warning)

    async def create_progress(self, token: str) -> None:
        """Have the client make room for progress; raises `JsonRpcException` where it does not."""
        await self.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))

    def show_progress(
        self, token: str, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        """Begin, go on with or end some progress that was created."""
        replaces = ("progress", token) if isinstance(value, types.WorkDoneProgressReport) else None
        params = types.ProgressParams(token, converter.unstructure(value))
        self.protocol.notify(types.PROGRESS, params, replaces=replaces)

    def refresh_lenses(self) -> None:
        """Have the client ask for the lenses again, where it can be told to."""
        if self.client.refreshes_lenses and not self._leaving:
            self.workspace_code_lens_refresh(None)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002  # pygls has it so
        """Show a fault that no answer tells of."""
        self._say_fault(error)

    def go(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something in the background; a fault in it is shown and logged, and takes nothing else down."""
        task = self._loop.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._ended)
        return task

    # The rest

    def _push_stale(self) -> None:
        stale, self._stale = self._stale, set()
        for project in stale:
            each = self._open.get(project.root)
            if each is not None and project.ready.is_set():
                each.begin()
                self.go(self._look_at_settings(each))
                self.go(self._tell_build_problems(each))
        self._plans.publish_all(stale)
        self._refresh_soon()

    def _refresh_soon(self) -> None:
        if self._refreshing is None:
            pause = max(_REFRESH_SECONDS, self._refreshed + _REFRESH_PAUSE - self._loop.time())
            self._refreshing = self._loop.call_later(pause, self._refresh)

    def _refresh(self) -> None:
        """Have the client ask again for what it shows, as far as it can be told to."""
        self._refreshing, self._refreshed = None, self._loop.time()
        self.refresh_lenses()
        if self._leaving:
            return
        if self.client.pulls_diagnostics:
            self.workspace_diagnostic_refresh(None)
        if self.client.refreshes_hints:
            self.workspace_inlay_hint_refresh(None)

    async def _look_at_settings(self, each: OpenProject) -> None:
        """Tell what is wrong with a workspace's own settings; take other files for plans where they say so."""
        settings = each.settings
        problems, formats = await each.project.worker.run(lambda: (settings.problems, settings.now.formats))
        if self._open.get(each.project.root) is not each:
            return
        self._settings_problems.tell(each.project.root, problems)
        each.is_settled = True
        if formats != each.formats:
            each.formats = formats
            for document in self.documents:
                if document.path is not None and not self._open.is_plan(document.path):
                    self._plans.take_back(document.uri)
            self.project_changed(each.project)

    async def _tell_build_problems(self, each: OpenProject) -> None:
        """Push what verifications say of files, where the client does not ask for that itself."""
        launched = [run.record.approval.plan for run in each.project.executor.runs]
        look = partial(build_problems.of_project, each.project, launched, each.settings)
        problems = {} if self._plans.are_all_asked_for else await each.project.worker.run(look)
        if self._open.get(each.project.root) is each:
            self._build_problems.tell(each.project.root, problems)

    async def _report(self, reporter: RunReporter) -> None:
        try:
            await reporter.report()
        finally:
            del self.reporters[reporter.token]

    def _tell_plans(self, changed: PlansChangedParams) -> None:
        self.protocol.notify(PLANS_CHANGED, changed)

    def _tell_status(self, status: ServerStatusParams) -> None:
        self.protocol.notify(SERVER_STATUS, status, replaces=SERVER_STATUS)

    async def _leave_after(self, pid: int) -> None:
        await ended(pid)
        _log.warning("The editor's process %d has ended without a word", pid)
        self.protocol.wire.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._leaving:
            _log.error("Background work failed", exc_info=error)
            self._say_fault(error)

    def _say_fault(self, error: BaseException) -> None:
        words = f"Agent Server met a fault of its own: {type(error).__name__}. Its log says more; please report it."
        self.say(words, types.MessageType.Error)


def _folders(uris: Iterable[str]) -> tuple[Path, ...]:
    return tuple(path.resolve() for path in map(path_of, uris) if path)
