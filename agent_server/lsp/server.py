"""The language server: one client's session over the projects that it has open."""

import asyncio
import logging
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

from lsprotocol import converters, types
from pygls.exceptions import FeatureRequestError
from pygls.lsp.server import LanguageServer

from agent_server import __version__
from agent_server.execution.approval import NotLaunchable
from agent_server.lsp import convert
from agent_server.lsp.client import Client, client_of
from agent_server.lsp.documents import Documents, path_of
from agent_server.lsp.handlers import Handler, Needs
from agent_server.lsp.indexing import IndexingProgress
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.parent import ended, is_running
from agent_server.lsp.project import Project
from agent_server.lsp.settings_problems import SettingsProblems
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.lsp.transport import Connection
from agent_server.plan.formats import is_plan
from agent_server.plan.text import Encoding
from agent_server.settings import EDITOR, Layer, Settings, layered, user_layer
from agent_server.workspace.paths import find_root

_log = logging.getLogger(__name__)


class AgentLanguageServer(LanguageServer):
    """The server for one client.

    `client` is what the client can do. `trusted` is what the editor says of the workspace: nothing runs in one that is
    not. Diagnostics are pushed whenever a plan, the workspace or a run changes.
    """

    protocol: Connection

    def __init__(self, handlers: Iterable[Handler] = (), environ: Mapping[str, str] | None = None) -> None:
        super().__init__(
            "agent-server",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Connection,
            converter_factory=converters.get_converter,
        )
        self.environ = dict(os.environ if environ is None else environ)
        self.client = Client()
        self.documents = Documents()
        self.settings = Settings()
        self.trusted = True
        self.to_say: list[str] = []
        self._folders: tuple[Path, ...] = ()
        self._roots: dict[Path, Path] = {}
        self._projects: dict[Path, Project] = {}
        self._analyses: dict[str, tuple[int, PlanSnapshot]] = {}
        self._published: dict[str, PlanSnapshot] = {}
        self._stale: set[Project] = set()
        self._background: set[asyncio.Task[None]] = set()
        self._leaving = False
        self._told: tuple[str, ...] = ()
        for handler in handlers:
            self._register(handler)
        self._settings_problems = SettingsProblems(self.documents, self.text_document_publish_diagnostics, self._warn)

    @property
    def encoding(self) -> Encoding:
        """What the client counts positions in."""
        return self.client.encoding

    @property
    def projects(self) -> tuple[Project, ...]:
        """The projects that are open."""
        return tuple(self._projects.values())

    def begin(self, params: types.InitializeParams) -> tuple[str, ...]:
        """Take in what `initialize` says; returns what was wrong with the settings."""
        self.client = client_of(params.capabilities)
        self.documents.encoding = self.client.encoding
        root = params.root_uri or (Path(params.root_path).as_uri() if params.root_path else "")
        self._folders = _folders([folder.uri for folder in params.workspace_folders or ()] or [root])
        if params.process_id is not None and is_running(params.process_id):
            self.go(self._leave_after(params.process_id))
        return self.configure(params.initialization_options)

    def configure(self, values: Any) -> tuple[str, ...]:
        """Take the client's settings, laid over the user's own; returns what is wrong with them and was not before."""
        given = dict(values) if isinstance(values, Mapping) else {}
        self.trusted = given.pop("trusted", self.trusted) is not False
        self.settings, problems = layered([user_layer(self.environ), Layer(EDITOR, given)])
        for project in self.projects:
            project.configure(self.settings)
        told, self._told = self._told, tuple(map(str, problems))
        return tuple(problem for problem in self._told if problem not in told)

    def change_folders(self, added: Iterable[str], removed: Iterable[str]) -> None:
        """Take other workspace folders (URIs); open documents move to the project that they belong to now."""
        before = {document.uri: self.project_of(document.path) for document in self.documents if document.path}
        gone = set(_folders(removed))
        self._folders = (*(folder for folder in self._folders if folder not in gone), *_folders(added))
        self._roots.clear()
        for document in self.documents:
            if document.path and self.project_of(document.path) is not before[document.uri]:
                before[document.uri].close_document(document.path)
                self.project_of(document.path).open_document(document.path, document.text)
                self.publish(document.uri)
        self.drop_idle_projects()

    def project_of(self, path: Path) -> Project:
        """The project of a file, opened if need be: the deepest workspace folder above it, or a root of its own."""
        if path not in self._roots:
            self._roots[path] = self._root_of(path)
        root = self._roots[path]
        if root not in self._projects:
            project = Project(root, self.settings, self.environ, self._warn, IndexingProgress(self).update)
            self._projects[root] = project
            project.opening = self.go(project.start(lambda: self.refresh(project)))
        return self._projects[root]

    def drop_idle_projects(self) -> None:
        """Stop following roots that are no workspace folder, when no document of theirs is open and nothing ran."""
        used = {self.project_of(document.path) for document in self.documents if document.path}
        for root, project in tuple(self._projects.items()):
            if root not in self._folders and project not in used and project.executor.current is None:
                del self._projects[root]
                self._stale.discard(project)
                self._settings_problems.forget(root)
                self.go(project.stop())

    async def plan(self, uri: str) -> PlanSnapshot | None:
        """The open plan of that URI, analysed; None for other documents, and while its workspace is being listed."""
        return self._plan(uri)

    def _plan(self, uri: str) -> PlanSnapshot | None:
        document = self.documents.get(uri)
        if document is None or document.path is None or not is_plan(str(document.path)):
            return None
        project = self.project_of(document.path)
        if not project.ready:
            return None
        revision, known = self._analyses.get(uri, (None, None))
        if (
            known is None
            or known.document is not document
            or known.root != project.root
            or revision != project.revision
        ):
            analysis = project.analyse(document.path, document.text)
            if analysis is None:
                return None
            known = PlanSnapshot(document, project.root, project.name_of(document.path), analysis, self.client)
            self._analyses[uri] = (project.revision, known)
        run = project.executor.last_run(known.name)
        if run is None:
            return known
        return replace(known, run=run.progress, is_running=run.is_going_on, can_land=run.can_land)

    def publish(self, uri: str) -> None:
        """Push the diagnostics of one open plan for its present version, unless the client has just these already."""
        found = self._plan(uri)
        if found is None:
            return
        known = self._published.get(uri)
        self._published[uri] = found
        if known and known.document is found.document and known.analysis.diagnostics == found.analysis.diagnostics:
            return
        diagnostics = [
            convert.to_diagnostic(found.document, diagnostic, self.client) for diagnostic in found.analysis.diagnostics
        ]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, diagnostics, version=found.document.version)
        )

    def forget(self, uri: str) -> None:
        """Let go of a closed plan, and of what the client shows for it."""
        self._analyses.pop(uri, None)
        if self._published.pop(uri, None):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def refresh(self, project: Project) -> None:
        """Push anew, once this turn of the loop is over, whatever depends on the project's files or runs."""
        if not self._stale:
            asyncio.get_running_loop().call_soon(self._refresh)
        self._stale.add(project)

    def refresh_lenses(self) -> None:
        """Have the client ask for the lenses again, where it can be told to."""
        if self.client.refreshes_lenses and not self._leaving:
            self.workspace_code_lens_refresh(None)

    def insist_on_trust(self) -> None:
        """Raise `NotLaunchable` in a workspace that the editor does not trust."""
        if not self.trusted:
            raise NotLaunchable("This workspace is not trusted, so nothing runs in it. Trust it in the editor first.")

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user a message."""
        self.window_show_message(types.ShowMessageParams(kind, unlinked(message)))

    def report_server_error(self, error: Exception, source: type[Exception]) -> None:
        """Show a fault that no answer tells of (called by pygls)."""
        if source is not FeatureRequestError:
            _log.error("A message could not be handled", exc_info=error)
            self._say_fault(error)

    def go(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something in the background; a fault in it is shown and logged, and takes nothing else down."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._ended)
        return task

    async def wind_down(self) -> None:
        """Stop the projects and the background work. Doing it twice does nothing more."""
        self._leaving = True
        await asyncio.gather(*(project.stop() for project in self.projects))
        for task in tuple(self._background):
            task.cancel()

    def _register(self, handler: Handler) -> None:
        """Have pygls call a handler."""
        function = handler.function
        if handler.is_command:
            self.command(handler.name)(_with_session(self, function))
        elif handler.needs is Needs.PLAN:
            self.feature(handler.name, handler.options)(_with_plan(self, handler))
        else:
            self.feature(handler.name, handler.options)(_with_session(self, function))

    async def _leave_after(self, pid: int) -> None:
        await ended(pid)
        _log.warning("The editor's process %d has ended without a word", pid)
        self.protocol.leave()

    def _root_of(self, path: Path) -> Path:
        real = Path(os.path.realpath(path.parent), path.name)
        above = [folder for folder in self._folders if real.is_relative_to(folder)]
        return max(above, key=lambda folder: len(folder.parts)) if above else find_root(path)

    def _refresh(self) -> None:
        stale, self._stale = self._stale, set()
        for project in stale:
            self._settings_problems.tell(project)
        for document in self.documents:
            if document.path and is_plan(str(document.path)) and self.project_of(document.path) in stale:
                self.publish(document.uri)
        self.refresh_lenses()

    def _warn(self, message: str) -> None:
        self.say(message, types.MessageType.Warning)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self._leaving:
            _log.error("Background work failed", exc_info=error)
            self._say_fault(error)

    def _say_fault(self, error: BaseException) -> None:
        self.say(f"Agent Server met a fault of its own: {error}. Please report it.", types.MessageType.Error)


def _with_session(session: AgentLanguageServer, function: Callable[..., Any]) -> Callable[..., Any]:
    if iscoroutinefunction(function):

        async def wait(*given: Any) -> Any:
            return await function(session, *given)

        return wait

    def call(*given: Any) -> Any:
        return function(session, *given)

    return call


def _with_plan(session: AgentLanguageServer, handler: Handler) -> Callable[..., Any]:
    async def answer(params: Any) -> Any:
        uri = handler.uri_of(params)
        plan = await session.plan(uri) if uri else None
        return handler.function(plan, params) if plan else None

    return answer


def _folders(uris: Iterable[str]) -> tuple[Path, ...]:
    return tuple(path.resolve() for path in map(path_of, uris) if path)
