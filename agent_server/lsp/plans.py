"""The plans of one session, analysed: what is pushed to the client of them, and what is answered about them.

Latest wins. Of several versions of a plan that wait for the worker only the last is analysed, and a request about an
older one is told so. Whatever takes longer than a moment happens in the project's worker, on values that do not change,
and comes back to the event loop as bytes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from agent_server.analysis.model import Analysis
from agent_server.lsp import convert
from agent_server.lsp.client import Client
from agent_server.lsp.connection import Connection, ContentModified, Request
from agent_server.lsp.diagnostics_json import DiagnosticsJson
from agent_server.lsp.documents import Document, Documents, path_of
from agent_server.lsp.encoded import Encoded
from agent_server.lsp.handlers import Handler, Needs
from agent_server.lsp.news import News
from agent_server.lsp.open_projects import OpenProject, OpenProjects
from agent_server.lsp.plan_files import PlanFiles
from agent_server.lsp.project import Project, Superseded
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.folders import FolderText, is_folder, plan_of
from agent_server.plan.formats import FORMATS
from agent_server.plan.text import LineIndex
from agent_server.workspace.paths import relative

T = TypeVar("T")

_NO_PLAN = "This is about no plan that is open here. Open the plan, and ask again."


class Plans:
    """One session's plans. `client` is replaced once it has said what it can do.

    `are_all_asked_for`: the client has asked for the diagnostics of the whole workspace, and so will again. `news` is
    told of whatever may change an answer about all plans.
    """

    def __init__(self, connection: Connection, documents: Documents, projects: OpenProjects) -> None:
        self.client = Client()
        self._connection = connection
        self._documents = documents
        self._projects = projects
        self._loop = asyncio.get_running_loop()
        self._analysed: dict[str, PlanSnapshot] = {}
        self._queued: set[tuple[OpenProject, str]] = set()
        self._published: dict[str, tuple[Document, bytes]] = {}
        self._encodings: dict[str, DiagnosticsJson] = {}
        self._folders: dict[tuple[Path, str], PlanFiles] = {}
        self._firsts: dict[tuple[Path, str], str] = {}
        self._closed = False
        self.are_all_asked_for = False
        self.news = News()

    # On the event loop

    async def plan(self, uri: str) -> PlanSnapshot | None:
        """The open plan of that URI, analysed, once its workspace is listed; None for other documents."""
        while not self._closed and (found := self._open_plan(uri)) is not None:
            each = found[1]
            await each.project.ready.wait()
            with suppress(Superseded):
                return await each.project.worker.run(partial(self._snapshot, each, uri))
        return None

    async def closed_plan(self, uri: str) -> tuple[PlanSnapshot, Project] | None:
        """The plan of that URI that the client has not open, as its file says, and its project.

        None where there is no such plan in the workspaces that are open: for a client's path none is opened.
        """
        path = path_of(uri)
        around = None if path is None else self._projects.around(path)
        if around is None:
            return None
        each, name = around
        await each.project.ready.wait()
        plan = await each.project.worker.run(partial(self._closed_plan, each, name))
        return None if plan is None else (plan, each.project)

    def publish(self, uri: str) -> None:
        """Push the diagnostics of an open plan for its latest version, unless the client has just these already.

        A client that pulls them is not pushed to: it asks when it has changed the plan, and when it is told to.
        """
        found = None if self.client.pulls_diagnostics else self._open_plan(uri)
        if found is None or not found[1].project.ready.is_set():
            return
        document, opened = found
        name = plan_of(opened.project.name_of(document.path), opened.formats) if document.path else ""
        # What one file of a folder says may change what is wrong in the others.
        for each in self._open_files(opened, name) if is_folder(name) else (uri,):
            if (opened, each) not in self._queued:
                self._queued.add((opened, each))
                opened.submit(partial(self._analyse, opened, each))

    def publish_folder(self, project: Project, path: Path) -> None:
        """Push the diagnostics of a plan that is a folder, in its open files: the one at `path` is another now."""
        each, name = self._projects.get(project.root), self.plan_name(project, path)
        for uri in self._open_files(each, name)[:1] if each is not None and is_folder(name) else ():
            self.publish(uri)

    def _open_files(self, each: OpenProject, folder: str) -> list[str]:
        """The URIs of the files of a plan that is a folder that the client has open."""
        return [found.uri for path, found in self._opened_documents(each) if plan_of(path, each.formats) == folder]

    def publish_all(self, projects: set[Project]) -> None:
        """Push the diagnostics of the open plans of these projects."""
        for document in self._documents:
            found = self._open_plan(document.uri)
            if found is not None and found[1].project in projects:
                self.publish(document.uri)

    def forget(self, uri: str) -> bool:
        """Let go of a closed plan; returns whether the client shows anything for it."""
        self._drop(uri)
        return self._published.pop(uri, None) is not None

    def take_back(self, uri: str) -> None:
        """Clear what was pushed for a document that is no plan any more."""
        if self._published.pop(uri, None) is not None and self._documents.get(uri) is not None:
            self._connection.notify(
                types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
                types.PublishDiagnosticsParams(uri, []),
                replaces=("diagnostics", uri),
            )

    def close(self) -> None:
        """Push and answer nothing any more."""
        self._closed = True

    def answer(self, request: Request, handler: Handler, params: Any) -> None:
        """Answer what is asked about plans."""
        if handler.needs is Needs.PLANS:
            self.are_all_asked_for |= handler.name == types.WORKSPACE_DIAGNOSTIC
            request.task = self._loop.create_task(self._answer_of_plans(request, handler, params))
            return
        uri = handler.uri_of(params)
        found = self._open_plan(uri) if uri else None
        if found is None and uri and handler.closed:
            request.task = self._loop.create_task(self._answer_of_closed_plan(uri, request, handler, params))
        elif found is None:
            self._answer_otherwise(request, handler)
        else:
            found[1].submit(partial(self._answer_of_plan, *found, request, handler, params))

    def _answer_otherwise(self, request: Request, handler: Handler) -> None:
        """Answer what is asked about something that is no open plan."""
        if handler.otherwise is None:
            self._connection.fail(request, JsonRpcInvalidParams(_NO_PLAN))
        else:
            self._connection.succeed(request, handler.otherwise)

    def _open_plan(self, uri: str) -> tuple[Document, OpenProject] | None:
        document = self._documents.get(uri)
        if document is None or document.path is None or not self._projects.is_plan(document.path):
            return None
        return document, self._projects.of(document.path)

    async def _answer_of_closed_plan(self, uri: str, request: Request, handler: Handler, params: Any) -> None:
        with self._answering(request):
            found = await self.closed_plan(uri)
            if found is None:
                self._answer_otherwise(request, handler)
            else:
                plan, project = found
                answer = partial(self._encoded_answer, handler, plan, params)
                self._connection.succeed(request, (await project.worker.run(answer)).json)

    async def _answer_of_plans(self, request: Request, handler: Handler, params: Any) -> None:
        with self._answering(request):
            look = partial(self._about_all_plans, handler, params)
            if handler.waits(params):
                found = await self.news.first(
                    partial(_unless_superseded, look), lambda found: bool(found and found.is_news)
                )
            else:
                found = await look()
            if found is None:
                raise Superseded
            self._connection.succeed(request, found.json)

    async def _about_all_plans(self, handler: Handler, params: Any) -> Encoded[Any]:
        """What a handler says of all plans as they are now; raises `Superseded`."""
        plans: list[PlanSnapshot] = []
        for each in self.every_project():
            await each.project.ready.wait()
            plans += await each.project.worker.run(partial(self._all_plans, each))
        answer = partial(self._encoded_answer, handler, tuple(plans), params)
        worker = next((each.project.worker for each in self._projects), None)
        return await worker.run(answer) if worker else answer()

    @contextmanager
    def _answering(self, request: Request) -> Iterator[None]:
        """Whatever is raised within is the answer to the request."""
        try:
            yield
        except asyncio.CancelledError:
            self._connection.fail(request, JsonRpcException("", types.LSPErrorCodes.RequestCancelled.value))
        except Superseded:
            self._connection.fail(request, ContentModified())
        except Exception as error:  # noqa: BLE001  # the boundary between a handler and everything else
            self._connection.fail(request, error)

    def every_project(self) -> list[OpenProject]:
        """The projects of the workspace folders, opened if need be, and whichever are open besides."""
        for folder in self._projects.folders:
            self._projects.at(folder)
        return list(self._projects)

    def _push(self, uri: str, now: tuple[Document, bytes], params: bytes) -> None:
        if self._documents.get(uri) is not None and self._published.get(uri) != now:
            self._published[uri] = now
            self._connection.notify_encoded(
                types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, params, replaces=("diagnostics", uri)
            )

    # In the worker

    def _encoded_answer(self, handler: Handler, about: Any, params: Any) -> Encoded[Any]:
        said = handler.function(about, params)
        return said if isinstance(said, Encoded) else Encoded(self._connection.encoded(said))

    def _answer_of_plan(
        self, document: Document, each: OpenProject, request: Request, handler: Handler, params: Any
    ) -> None:
        if request.answered:
            return
        try:
            plan = self._snapshot(each, document.uri)
            if plan is not None and plan.document is not document:
                self._post(self._connection.fail, request, ContentModified())
                return
            if plan is None:
                self._post(self._answer_otherwise, request, handler)
            else:
                self._post(self._connection.succeed, request, self._encoded_answer(handler, plan, params).json)
        except Superseded:
            self._post(self._connection.fail, request, ContentModified())
        except Exception as error:  # noqa: BLE001  # the boundary between a handler and everything else
            self._post(self._connection.fail, request, error)

    def _analyse(self, each: OpenProject, uri: str) -> None:
        """Analyse the latest version of a plan, and have its diagnostics pushed."""
        self._queued.discard((each, uri))  # before the document is looked at: what comes later is analysed once more
        try:
            plan = self._snapshot(each, uri)
        except Superseded:
            return
        if plan is None:
            self._post(self.take_back, uri)
            return
        now = (plan.document, plan.diagnostics)
        if self._published.get(uri) == now:
            return
        name = self._connection.encoded(uri)
        said = b'{"uri":%b,"version":%d,"diagnostics":%b}' % (name, plan.document.version or 0, plan.diagnostics)
        self._post(self._push, uri, now, said)

    def _snapshot(self, each: OpenProject, uri: str) -> PlanSnapshot | None:
        """The latest version of an open plan, analysed.

        Raises `Superseded` where a later one comes meanwhile, or where the plan belongs to another project now.
        """
        document = self._documents.get(uri)
        if document is None or document.path is None:
            return None
        if self._projects.get(each.project.root) is not each:
            raise Superseded
        name = each.project.name_of(document.path)
        now = each.settings.now
        name, opened = plan_of(name, now.formats), {name: document}
        if is_folder(name):
            opened = self._opened_files(each, name)
            opened = {path: document if other.uri == uri else other for path, other in opened.items()}
        said = each.project.text_of(name, now.formats, {path: other.text for path, other in opened.items()})

        def is_latest() -> bool:
            return not self._closed and all(self._documents.get(other.uri) is other for other in opened.values())

        analysis = None if said is None else each.project.analyse(name, said, now.analysis, is_latest, now.formats)
        if said is None or analysis is None:
            return None
        known = self._analysed.get(uri)
        chosen = each.settings.now.execution
        is_known = known is not None and known.document is document and known.analysis is analysis
        if known is None or not is_known or known.chosen != chosen:
            files = self._files(each, name, said, opened)
            known = self._analysed[uri] = self._seen(each, document, name, analysis, files)
            if self._documents.get(uri) is None:  # whoever closed it meanwhile had nothing to let go of
                self._drop(uri)
        return _with_run(each.project, known)

    def _all_plans(self, each: OpenProject) -> list[PlanSnapshot]:
        """All plans of a project: the client's versions of those that are open, and the others' files."""
        opened = self._opened(each)
        plans = [self._plan_named(each, name, opened) for name in dict.fromkeys((*opened, *self._listed(each)))]
        return [plan for plan in plans if plan is not None]

    def names(self, each: OpenProject) -> list[str]:
        """What a project's plans are called, sorted. Called in its worker's thread."""
        return sorted({*self._opened(each), *self._listed(each)})

    def plan_name(self, project: Project, path: Path) -> str:
        """What the plan is called that a file belongs to, or that is a folder. Can be asked in any thread."""
        each, name = self._projects.get(project.root), project.name_of(path)
        folder = f"{name}/"
        known = (project.root, folder) in self._firsts
        return folder if known else plan_of(name, each.formats if each is not None else FORMATS)

    def first_file(self, project: Project, name: str) -> str | None:
        """The URI of the file that stands for a plan that is a folder, once that was analysed."""
        return self._firsts.get((project.root, name))

    def named(self, each: OpenProject, name: str) -> PlanSnapshot | None:
        """The plan of that name, open or not; raises `Superseded`. Called in its project's worker's thread."""
        return self._plan_named(each, name, self._opened(each))

    def _plan_named(self, each: OpenProject, name: str, opened: Mapping[str, str]) -> PlanSnapshot | None:
        if name not in opened:
            return self._closed_plan(each, name)
        plan = self._snapshot(each, opened[name])
        return plan if plan is None or plan.files is None else plan.seen_first()

    def _listed(self, each: OpenProject) -> tuple[str, ...]:
        """What may be plans in a project, by what its settings say now."""
        return each.project.plans(each.settings.now.formats)

    def _opened(self, each: OpenProject) -> dict[str, str]:
        """The URIs of a project's plans that the client has open, by their names; of a folder, one of its files."""
        formats = each.settings.now.formats
        return {plan_of(name, formats): document.uri for name, document in self._opened_documents(each)}

    def _opened_documents(self, each: OpenProject) -> Iterator[tuple[str, Document]]:
        """The files of a project that may be plans and that the client has open, each with what it is called."""
        for document in self._documents:
            path = document.path
            if path is not None and self._projects.is_plan(path) and self._projects.root_of(path) == each.project.root:
                yield each.project.name_of(path), document

    def _opened_files(self, each: OpenProject, folder: str) -> dict[str, Document]:
        """The files of a plan that is a folder that the client has open, by their paths."""
        formats = each.settings.now.formats
        return {name: found for name, found in self._opened_documents(each) if plan_of(name, formats) == folder}

    def _files(
        self, each: OpenProject, name: str, said: str | FolderText, opened: Mapping[str, Document]
    ) -> PlanFiles | None:
        """The documents of a plan that is a folder."""
        if isinstance(said, str):
            return None
        place = (each.project.root, name)
        self._folders[place] = PlanFiles(each.project.root, said, opened, self._folders.get(place))
        return self._folders[place]

    def _closed_plan(self, each: OpenProject, name: str) -> PlanSnapshot | None:
        project, now = each.project, each.settings.now
        path = project.root / name
        if now.formats.is_plan(name):
            name = plan_of(name, now.formats)
        elif not is_folder(name):
            if not path.is_dir():
                return None
            name = f"{name}/"  # a plan that is a folder is named by that, too
        opened = self._opened_files(each, name) if is_folder(name) else {}
        said = project.text_of(name, now.formats, {file: document.text for file, document in opened.items()})
        analysis = None if said is None else project.analyse(name, said, now.analysis, formats=now.formats)
        if said is None or analysis is None:
            return None
        files = self._files(each, name, said, opened)
        if files is None:
            document = Document(convert.to_uri(path), path, None, LineIndex(analysis.plan.text))
        else:
            asked_for = relative(project.root, path) or str(path)
            is_part = any(part.path == asked_for for part in analysis.plan.parts)
            document = files.document(asked_for) if is_part else files.first(analysis.plan)
        return _with_run(project, self._seen(each, document, name, analysis, files))

    def _seen(
        self, each: OpenProject, document: Document, name: str, analysis: Analysis, files: PlanFiles | None
    ) -> PlanSnapshot:
        encoding, chosen = self._encodings.setdefault(document.uri, DiagnosticsJson()), each.settings.now.execution
        root = each.project.root
        if files is not None:
            self._firsts[root, name] = files.first(analysis.plan).uri
        return PlanSnapshot(document, root, name, analysis, self.client, files=files, chosen=chosen, encoding=encoding)

    def _drop(self, uri: str) -> None:
        self._analysed.pop(uri, None)
        self._encodings.pop(uri, None)

    def _post(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have the event loop call `function`."""
        if not self._closed:
            self._loop.call_soon_threadsafe(function, *arguments)


async def _unless_superseded(look: Callable[[], Awaitable[T]]) -> T | None:
    """What is found; None where a newer version of a plan came meanwhile: then there is something new to look at."""
    try:
        return await look()
    except Superseded:
        return None


def _with_run(project: Project, plan: PlanSnapshot) -> PlanSnapshot:
    run = project.executor.last_run(plan.name)
    if run is None:
        return replace(plan, record=project.executor.last_record(plan.name))
    is_running = run.is_going_on
    return replace(plan, run=run.progress, is_running=is_running, briefs=run.briefs, record=run.record)
