"""The language server: one client's session over the projects that it has open."""

import asyncio
import logging
import os
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsprotocol import converters, types
from pygls.lsp.server import LanguageServer

from agent_server import __version__
from agent_server.analysis.model import Analysis
from agent_server.execution.approval import NotLaunchable
from agent_server.lsp import convert
from agent_server.lsp.documents import Document, Documents, path_of
from agent_server.lsp.project import Project
from agent_server.lsp.transport import Connection
from agent_server.plan.formats import is_plan
from agent_server.plan.text import Encoding
from agent_server.settings import Settings, load_user_settings, read_settings
from agent_server.workspace.paths import find_root

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenPlan:
    """An open document, the project it belongs to, and what the analysis says of it."""

    document: Document
    project: Project
    analysis: Analysis

    @property
    def name(self) -> str:
        """The plan's path as runs and approvals name it."""
        if self.document.path is None:
            raise ValueError("A plan is always a file.")
        return self.project.name_of(self.document.path)


class AgentLanguageServer(LanguageServer):
    """The server for one client.

    `trusted` is what the editor says of the workspace: nothing runs in one that is not. Diagnostics are pushed whenever
    a plan, the workspace or a run changes.
    """

    protocol: Connection

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(
            "agent-server",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=Connection,
            converter_factory=converters.get_converter,
        )
        self.environ = dict(os.environ if environ is None else environ)
        self.documents = Documents()
        self.settings = Settings()
        self.trusted = True
        self._given: Mapping[str, Any] = {}
        self._folders: tuple[Path, ...] = ()
        self._projects: dict[Path, Project] = {}
        self._analyses: dict[str, tuple[tuple[int, int], OpenPlan]] = {}
        self._background: set[asyncio.Task[Any]] = set()

    @property
    def encoding(self) -> Encoding:
        """What the client counts positions in."""
        return self.documents.encoding

    def begin(self, params: types.InitializeParams) -> tuple[str, ...]:
        """Take in what `initialize` says; returns what was wrong with the settings."""
        folders = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
        self._folders = tuple(path.resolve() for path in map(path_of, folders) if path)
        return self.configure(params.initialization_options)

    def configure(self, values: Any) -> tuple[str, ...]:
        """Take the client's settings, laid over the user's own; returns what was wrong with them."""
        own, problems = load_user_settings(self.environ)
        given = dict(values) if isinstance(values, Mapping) else {}
        self.trusted = given.pop("trusted", True) is not False
        self.settings, wrong = read_settings({**own, **given})
        for project in self._projects.values():
            project.configure(self.settings)
        return (*problems, *wrong)

    def project_of(self, path: Path) -> Project:
        """The project of a file, opened if need be: the deepest workspace folder above it, or a root of its own."""
        above = [folder for folder in self._folders if path.is_relative_to(folder)]
        root = max(above, key=lambda folder: len(folder.parts)) if above else find_root(path)
        if root not in self._projects:
            project = Project(root, self.settings, self.environ)
            self._projects[root] = project
            self.go(project.start(lambda: self.refresh(project)))
        return self._projects[root]

    def plan(self, uri: str) -> OpenPlan | None:
        """The open plan of that URI, analysed; None for other documents, and while its workspace is being listed."""
        document = self.documents.get(uri)
        if document is None or document.path is None or not is_plan(str(document.path)):
            return None
        project = self.project_of(document.path)
        if not project.ready:
            return None
        key = (document.version, project.revision)
        known = self._analyses.get(uri)
        if known and known[0] == key and known[1].document is document:
            return known[1]
        analysis = project.analyse(document.path, document.text)
        if analysis is None:
            return None
        self._analyses[uri] = (key, OpenPlan(document, project, analysis))
        return self._analyses[uri][1]

    def publish(self, uri: str) -> None:
        """Push the diagnostics of one open plan, for its present version."""
        found = self.plan(uri)
        if found is None:
            return
        diagnostics = [
            convert.to_diagnostic(found.document, diagnostic, self.encoding)
            for diagnostic in found.analysis.diagnostics
        ]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, diagnostics, version=found.document.version)
        )

    def forget(self, uri: str) -> None:
        """Let go of a closed plan, and of what the client shows for it."""
        if self._analyses.pop(uri, None):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def refresh(self, project: Project) -> None:
        """Push anew whatever depends on the project's files or runs."""
        for document in self.documents:
            if document.path and is_plan(str(document.path)) and self.project_of(document.path) is project:
                self.publish(document.uri)
        workspace = self.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)

    @property
    def projects(self) -> tuple[Project, ...]:
        """The projects that are open."""
        return tuple(self._projects.values())

    def insist_on_trust(self) -> None:
        """Raise `NotLaunchable` in a workspace that the editor does not trust."""
        if not self.trusted:
            raise NotLaunchable("This workspace is not trusted, so nothing runs in it. Trust it in the editor first.")

    def say(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show the user a message."""
        self.window_show_message(types.ShowMessageParams(kind, message))

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background; a fault in it is shown and logged, and takes nothing else down."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._ended)

    async def wind_down(self) -> None:
        """Stop the projects and the background work."""
        for project in self._projects.values():
            await project.stop()
        for task in tuple(self._background):
            task.cancel()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("Background work failed", exc_info=error)
            self.say(f"Agent Server met a fault of its own: {error}. Please report it.", types.MessageType.Error)
