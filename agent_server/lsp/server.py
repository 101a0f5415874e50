"""The language server: one client's session over the projects that it has open."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from agent_server import __version__
from agent_server.analysis.model import Analysis
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.run import Run
from agent_server.lsp import convert
from agent_server.lsp.client import Client, client_of
from agent_server.lsp.connection import Connection, ContentModified, Request, Table, converter
from agent_server.lsp.documents import Document, Documents, path_of
from agent_server.lsp.handlers import Handler, Needs
from agent_server.lsp.indexing import IndexingProgress
from agent_server.lsp.live_settings import LiveSettings
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.parent import ended, is_running
from agent_server.lsp.project import Project
from agent_server.lsp.projects import Projects
from agent_server.lsp.reporting import RunReporter, tick_in_editor
from agent_server.lsp.settings_problems import SettingsProblems
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.lsp.wire import Wire
from agent_server.plan.formats import is_plan
from agent_server.plan.text import Encoding, LineIndex
from agent_server.settings import EDITOR, Layer, Settings, layered, user_layer
from agent_server.workspace.index.live import Indexing
from agent_server.workspace.paths import find_root

_REFRESH_SECONDS = 0.1
"""A client is asked at most so often to ask again for what it shows."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Open:
    """A project as one session sees it."""

    project: Project
    settings: LiveSettings
    indexing: IndexingProgress
    waiting: list[Callable[[], None]] = field(default_factory=list)
    """What is to be done once the workspace is listed."""


class AgentLanguageServer(LanguageServer):
    """The server for one client.

    `client` is what the client can do. `trusted` is what the editor says of the workspace: nothing runs in one that is
    not. Diagnostics are pushed whenever a plan, the workspace or a run changes.

    Latest wins: of several versions of a plan that wait for the worker, only the last is analysed, and a request about
    an older one is told so. Mutations happen on the event loop, in the order of arrival; everything that takes longer
    than a moment happens in the project's worker, on values that do not change.
    """

    protocol: Connection

    def __init__(self, table: Table, projects: Projects, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(
            "agent-server",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Connection,
            converter_factory=lambda: converter,
        )
        self.environ = dict(os.environ if environ is None else environ)
        self.client = Client()
        self.client_info: types.ClientInfo | None = None
        self.documents = Documents()
        self.settings = Settings()
        self.trusted = True
        self.to_say: list[str] = []
        self.reporters: dict[str, RunReporter] = {}
        self.protocol.table = table
        self.protocol.answer = self._answer
        self._all_projects = projects
        self._folders: tuple[Path, ...] = ()
        self._roots: dict[Path, Path] = {}
        self._open: dict[Path, _Open] = {}
        self._analysed: dict[str, PlanSnapshot] = {}
        self._queued: set[str] = set()
        self._published: dict[str, PlanSnapshot] = {}
        self._stale: set[Project] = set()
        self._refreshing: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._background: set[asyncio.Task[None]] = set()
        self._leaving = False
        self._told: tuple[str, ...] = ()
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

    @property
    def encoding(self) -> Encoding:
        """What the client counts positions in."""
        return self.client.encoding

    @property
    def projects(self) -> tuple[Project, ...]:
        """The projects that are open in this session."""
        return tuple(each.project for each in self._open.values())

    def begin(self, params: types.InitializeParams) -> types.InitializeResult:
        """Take in what `initialize` says; what was wrong with the settings is said once the client listens."""
        self.client = client_of(params.capabilities)
        self.client_info = params.client_info
        self.documents.encoding = self.client.encoding
        path = Path(params.root_path or "")
        root = params.root_uri or (convert.to_uri(path) if path.is_absolute() else "")
        self._folders = _folders([folder.uri for folder in params.workspace_folders or ()] or [root])
        if params.process_id is not None and is_running(params.process_id):
            self.go(self._leave_after(params.process_id))
        self.to_say.extend(self.configure(params.initialization_options))
        return types.InitializeResult(
            self._capabilities(params.capabilities), types.ServerInfo("agent-server", __version__)
        )

    def join(self) -> None:
        """Show what goes on already in the workspaces of this client, where another one has them open."""
        for folder in self._folders:
            if self._all_projects.at(folder) is not None:
                self._project_at(folder)

    def configure(self, values: Any) -> tuple[str, ...]:
        """Take the client's settings, laid over the user's own; returns what is wrong with them and was not before."""
        given = dict(values) if isinstance(values, Mapping) else {}
        self.trusted = given.pop("trusted", self.trusted) is not False
        self.settings, problems = layered([user_layer(self.environ), Layer(EDITOR, given)])
        for each in self._open.values():
            each.settings.given = self.settings
            self.project_changed(each.project)
        told, self._told = self._told, tuple(map(str, problems))
        return tuple(problem for problem in self._told if problem not in told)

    def wind_down(self) -> None:
        """Let go of everything. What runs goes on where the process does. Doing it twice does nothing more."""
        self._leaving = True
        if self._refreshing is not None:
            self._refreshing.cancel()
        for each in tuple(self._open.values()):
            self._all_projects.detach(each.project, self)
        self._open.clear()
        for task in tuple(self._background):
            task.cancel()

    # Projects

    def change_folders(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Take other workspace folders (URIs); open documents move to the project that they belong to now."""
        before = {document.uri: self.project_of(document.path) for document in self.documents if document.path}
        gone = set(_folders(removed))
        self._folders = (*(folder for folder in self._folders if folder not in gone), *_folders(added))
        self._roots.clear()
        for document in self.documents:
            if document.path and self.project_of(document.path) is not before[document.uri]:
                before[document.uri].close_document(self, document.path)
                self.project_of(document.path).open_document(self, document.path, document.text)
                self.publish(document.uri)
        self.drop_idle_projects()

    def project_of(self, path: Path) -> Project:
        """The project of a file, opened if need be: the deepest workspace folder above it, or a root of its own."""
        return self._project_at(self._root_at(path)).project

    def settings_of(self, project: Project) -> Settings:
        """What this session has set for a project. Reads the workspace's own file; may be asked in any thread."""
        return self._open[project.root].settings.now

    def drop_idle_projects(self) -> None:
        """Let go of roots that are no workspace folder, when no document of theirs is open and nothing ran."""
        used = {self.project_of(document.path) for document in self.documents if document.path}
        for root, each in tuple(self._open.items()):
            if root not in self._folders and each.project not in used and each.project.executor.current is None:
                del self._open[root]
                self._stale.discard(each.project)
                self._settings_problems.forget(root)
                self._all_projects.detach(each.project, self)

    # Plans

    def uri_of(self, project: Project, name: str) -> str:
        """The URI of a plan, as the client spells it where it has it open."""
        for document in self.documents:
            if document.path is not None and project.name_of(document.path) == name:
                return document.uri
        return convert.to_uri(project.root / name)

    async def plan(self, uri: str) -> PlanSnapshot | None:
        """The open plan of that URI, analysed; None for other documents, and while its workspace is being listed."""
        document = self.documents.get(uri)
        if document is None or document.path is None or not is_plan(str(document.path)):
            return None
        each = self._project_at(self._root_at(document.path))
        if not each.project.ready.is_set():
            return None
        return await each.project.worker.run(partial(self._snapshot, each, uri))

    def publish(self, uri: str) -> None:
        """Push the diagnostics of an open plan for its latest version, unless the client has just these already."""
        document = self.documents.get(uri)
        if uri in self._queued or document is None or document.path is None or not is_plan(str(document.path)):
            return
        each = self._project_at(self._root_at(document.path))
        if each.project.ready.is_set():
            self._queued.add(uri)
            each.project.worker.submit(partial(self._analyse, each, uri))

    def forget(self, uri: str) -> None:
        """Let go of a closed plan, and of what the client shows for it."""
        self._analysed.pop(uri, None)
        if self._published.pop(uri, None):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    # What happens in projects

    def project_changed(self, project: Project) -> None:
        """Push anew, once this turn of the loop is over, whatever depends on the project's files or runs."""
        if not self._stale and not self._leaving:
            self._loop.call_soon(self._push_stale)
        self._stale.add(project)

    def project_says(self, _project: Project, message: str) -> None:
        """Show a sentence of a project's."""
        self.warn(message)

    def project_indexes(self, project: Project, indexing: Indexing | None) -> None:
        """Show how far the index is."""
        if project.root in self._open:
            self._open[project.root].indexing.update(indexing)

    def run_began(self, project: Project, run: Run) -> None:
        """Show a run, whoever launched it."""
        reporter = RunReporter(self, project, run)
        self.reporters[reporter.token] = reporter
        self.go(self._report(reporter))

    def run_ended(self, _project: Project, _run: Run, message: str, *, well: bool) -> None:
        """Say how a run ended."""
        self.say(message, types.MessageType.Info if well else types.MessageType.Error)

    async def tick(self, project: Project, run: Run) -> bool:
        """Mark in the open plan what landed as done; False where it is not open here, or the client does not do it."""
        return await tick_in_editor(self, project, run)

    # What the user is told

    def insist_on_trust(self) -> None:
        """Raise `NotLaunchable` in a workspace that the editor does not trust."""
        if not self.trusted:
            raise NotLaunchable("This workspace is not trusted, so nothing runs in it. Trust it in the editor first.")

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
        self.protocol.notify(
            types.PROGRESS, types.ProgressParams(token, converter.unstructure(value)), replaces=replaces
        )

    def refresh_lenses(self) -> None:
        """Have the client ask for the lenses again, where it can be told to."""
        if self.client.refreshes_lenses and not self._leaving:
            self.workspace_code_lens_refresh(None)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002  # pygls has it so
        """Show a fault that no answer tells of."""
        self._say_fault(error)

    def go(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something in the background; a fault in it is shown and logged, and takes nothing else down."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._ended)
        return task

    # Answering

    def _answer(self, request: Request, handler: Handler, params: Any) -> None:
        """Answer what is asked about plans, in the worker of their project."""
        if handler.needs is Needs.PLANS:
            request.task = asyncio.get_running_loop().create_task(self._answer_of_plans(request, handler, params))
            return
        uri = handler.uri_of(params)
        document = self.documents.get(uri) if uri else None
        if uri is None or document is None or document.path is None or not is_plan(str(document.path)):
            self.protocol.succeed(request, b"null")
            return
        each = self._project_at(self._root_at(document.path))
        answer = partial(self._answer_of_plan, each, document, request, handler, params)
        if each.project.ready.is_set():
            each.project.worker.submit(answer)
        else:
            each.waiting.append(answer)

    def _answer_of_plan(self, each: _Open, document: Document, request: Request, handler: Handler, params: Any) -> None:
        """In the worker."""
        if request.answered:
            return
        try:
            plan = self._snapshot(each, document.uri)
            if plan is not None and plan.document is not document:
                self._post(self.protocol.fail, request, ContentModified())
                return
            result = b"null" if plan is None else self.protocol.encoded(handler.function(plan, params))
        except Exception as error:  # noqa: BLE001  # the boundary between a handler and everything else
            self._post(self.protocol.fail, request, error)
        else:
            self._post(self.protocol.succeed, request, result)

    async def _answer_of_plans(self, request: Request, handler: Handler, params: Any) -> None:
        try:
            plans: list[PlanSnapshot] = []
            opened = [self._project_at(folder) for folder in self._folders]
            for each in (*opened, *(one for one in self._open.values() if one not in opened)):
                await each.project.ready.wait()
                plans += await each.project.worker.run(partial(self._all_plans, each))

            def answer() -> bytes:
                return self.protocol.encoded(handler.function(tuple(plans), params))

            worker = opened[0].project.worker if opened else None
            self.protocol.succeed(request, await worker.run(answer) if worker else answer())
        except asyncio.CancelledError:
            self.protocol.fail(request, JsonRpcException("Cancelled.", types.LSPErrorCodes.RequestCancelled.value))
        except Exception as error:  # noqa: BLE001  # the boundary between a handler and everything else
            self.protocol.fail(request, error)

    # In the worker

    def _snapshot(self, each: _Open, uri: str) -> PlanSnapshot | None:
        """The latest version of an open plan, analysed."""
        document = self.documents.get(uri)
        if document is None or document.path is None:
            return None
        project, name = each.project, each.project.name_of(document.path)
        analysis = project.analyse(name, document.text, each.settings.now.analysis)
        if analysis is None:
            return None
        known = self._analysed.get(uri)
        if known is None or known.document is not document or known.analysis is not analysis:
            known = self._analysed[uri] = self._seen(project, document, name, analysis)
        return self._with_run(project, known)

    def _all_plans(self, each: _Open) -> list[PlanSnapshot]:
        """All plans of a project: the client's versions of those that are open, and the others' files."""
        project = each.project
        opened = {
            project.name_of(document.path): document.uri
            for document in self.documents
            if document.path is not None
            and is_plan(str(document.path))
            and self._root_at(document.path) == project.root
        }
        names = dict.fromkeys((*opened, *project.plans()))
        plans = [
            self._snapshot(each, opened[name]) if name in opened else self._closed_plan(each, name) for name in names
        ]
        return [plan for plan in plans if plan is not None]

    def _closed_plan(self, each: _Open, name: str) -> PlanSnapshot | None:
        project = each.project
        text = project.text_of(name)
        analysis = None if text is None else project.analyse(name, text, each.settings.now.analysis)
        if text is None or analysis is None:
            return None
        path = project.root / name
        document = Document(convert.to_uri(path), path, None, LineIndex(text))
        return self._with_run(project, self._seen(project, document, name, analysis))

    def _seen(self, project: Project, document: Document, name: str, analysis: Analysis) -> PlanSnapshot:
        return PlanSnapshot(document, project.root, name, analysis, self.client)

    def _with_run(self, project: Project, plan: PlanSnapshot) -> PlanSnapshot:
        run = project.executor.last_run(plan.name)
        if run is None:
            return plan
        return replace(plan, run=run.progress, is_running=run.is_going_on, can_land=run.can_land)

    def _analyse(self, each: _Open, uri: str) -> None:
        """Analyse the latest version of a plan, and have its diagnostics pushed."""
        self._queued.discard(uri)  # before the document is looked at: what comes later is analysed once more
        plan = self._snapshot(each, uri)
        if plan is None:
            return
        known = self._published.get(uri)
        self._published[uri] = plan
        if known and known.document is plan.document and known.analysis.diagnostics == plan.analysis.diagnostics:
            return
        diagnostics = [convert.to_diagnostic(plan.document, each, plan.client) for each in plan.analysis.diagnostics]
        params = types.PublishDiagnosticsParams(uri, diagnostics, version=plan.document.version)
        self._post(self._push, plan, self.protocol.encoded(params))

    def _post(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have the event loop call `function`."""
        if not self._leaving:
            self._loop.call_soon_threadsafe(function, *arguments)

    # On the loop again

    def _push(self, plan: PlanSnapshot, params: bytes) -> None:
        if self.documents.get(plan.document.uri) is not None:
            self.protocol.notify_encoded(
                types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params, replaces=("diagnostics", plan.document.uri)
            )

    def _push_stale(self) -> None:
        stale, self._stale = self._stale, set()
        for project in stale:
            each = self._open.get(project.root)
            if each is None or not project.ready.is_set():
                continue
            waiting, each.waiting = each.waiting, []
            for job in waiting:
                project.worker.submit(job)
            self.go(self._tell_settings_problems(each))
        for document in self.documents:
            if document.path and is_plan(str(document.path)) and self.project_of(document.path) in stale:
                self.publish(document.uri)
        if self._refreshing is None:
            self._refreshing = self._loop.call_later(_REFRESH_SECONDS, self._refresh)

    def _refresh(self) -> None:
        self._refreshing = None
        self.refresh_lenses()

    async def _tell_settings_problems(self, each: _Open) -> None:
        problems = await each.project.worker.run(lambda: each.settings.problems)
        if each.project.root in self._open:
            self._settings_problems.tell(each.project.root, problems)

    async def _report(self, reporter: RunReporter) -> None:
        try:
            await reporter.report()
        finally:
            del self.reporters[reporter.token]

    # The rest

    def _project_at(self, root: Path) -> _Open:
        if root not in self._open:
            project = self._all_projects.attach_to(root)
            settings = LiveSettings(project.workspace, self.settings)
            self._open[root] = _Open(project, settings, IndexingProgress(self))
            project.attach(self)
            project.open()
        return self._open[root]

    def _root_at(self, path: Path) -> Path:
        """The root of the project that a file belongs to."""
        if path not in self._roots:
            real = Path(os.path.realpath(path.parent), path.name)
            above = [folder for folder in self._folders if real.is_relative_to(folder)]
            self._roots[path] = max(above, key=lambda folder: len(folder.parts)) if above else find_root(path)
        return self._roots[path]

    def _capabilities(self, client: types.ClientCapabilities) -> types.ServerCapabilities:
        table = self.protocol.table
        options = {name: handler.options for name, handler in table.messages.items() if handler.options is not None}
        builder = ServerCapabilitiesBuilder(
            client,
            set(table.messages),
            options,
            list(table.commands),
            types.TextDocumentSyncKind.Incremental,
            None,
            self.client.encoding.value,
        )
        capabilities: types.ServerCapabilities = builder.build()  # type: ignore[no-untyped-call]
        return capabilities

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
