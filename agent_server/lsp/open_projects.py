"""The projects that one session has open, and which of them a file belongs to."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.lsp.documents import Document, Documents
from agent_server.lsp.live_settings import LiveSettings
from agent_server.lsp.project import Listener, Project
from agent_server.lsp.projects import Projects
from agent_server.plan.formats import Formats
from agent_server.settings import Settings, may_name_plans
from agent_server.workspace.paths import find_root, relative


@dataclass(slots=True, eq=False)
class OpenProject:
    """A project as one session sees it: with the session's own settings.

    `formats` are those of the settings that were looked at last: the event loop asks them, and waits for no disk.
    `is_settled` says that there was such a look.
    `waiting` is what is to be done in its worker once the workspace is listed.
    """

    project: Project
    settings: LiveSettings
    formats: Formats
    is_settled: bool = False
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def submit(self, job: Callable[[], None]) -> None:
        """Do `job` in the project's worker, as soon as the workspace is listed."""
        if self.project.ready.is_set():
            self.project.worker.submit(job)
        else:
            self.waiting.append(job)

    def begin(self) -> None:
        """The workspace is listed, or let go of: do what waits for it. Whatever comes too late finds so by itself."""
        waiting, self.waiting = self.waiting, []
        for job in waiting:
            self.project.worker.submit(job)


class OpenProjects:
    """One session's projects by their roots: its workspace folders, and the roots of documents that lie elsewhere.

    `projects` are those of the process, `listener` is the session, `given` what the client and the user have set.
    """

    def __init__(self, projects: Projects, listener: Listener, documents: Documents) -> None:
        self.given = Settings()
        self.folders: tuple[Path, ...] = ()
        self._all = projects
        self._listener = listener
        self._documents = documents
        self._places: dict[Path, tuple[Path, str]] = {}
        self._may_name_plans: dict[Path, bool] = {}
        self._open: dict[Path, OpenProject] = {}

    def __iter__(self) -> Iterator[OpenProject]:
        """All that are open."""
        return iter(tuple(self._open.values()))

    def get(self, root: Path) -> OpenProject | None:
        """The project at a root, if it is open. Can be asked in any thread."""
        return self._open.get(root)

    def of(self, path: Path) -> OpenProject:
        """The project of a file, opened if need be: the deepest workspace folder above it, or a root of its own."""
        return self.at(self.root_of(path))

    def around(self, path: Path) -> tuple[OpenProject, str] | None:
        """The deepest open project above a file, and what that calls it; None where there is none."""
        above = [(each, name) for each in self if (name := relative(each.project.root, path))]
        return max(above, key=lambda found: len(found[0].project.root.parts), default=None)

    def at(self, root: Path) -> OpenProject:
        """The project at a root, opened if need be."""
        if root not in self._open:
            project = self._all.at(root)
            settings = LiveSettings(project.workspace, self.given, project.settled)
            self._open[root] = OpenProject(project, settings, self.given.formats)
            project.attach(self._listener)
            project.open()
            for document in self._documents:
                if document.path is not None and self.root_of(document.path) == root:
                    project.open_document(self._listener, document.path, document.text)
        return self._open[root]

    def take(self, document: Document) -> None:
        """A document was opened or changed. A plan opens its project; others matter only where that is open.

        What may be a plan only by what its workspace says opens it as well: that is known once it is listed.
        """
        if document.path is not None:
            root = self.root_of(document.path)
            if root in self._open or self.is_plan(document.path) or self._asks_its_workspace(root):
                self.at(root).project.open_document(self._listener, document.path, document.text)

    def let_go(self, document: Document) -> None:
        """A document was closed."""
        if document.path is not None and (each := self._open.get(self.root_of(document.path))) is not None:
            each.project.close_document(self._listener, document.path)

    def join(self) -> None:
        """Open those workspace folders that another session has open: something may go on there already."""
        for folder in self.folders:
            if self._all.is_open(folder):
                self.at(folder)

    def root_of(self, path: Path) -> Path:
        """The root of the project that a file belongs to. Can be asked in any thread."""
        return self._place_of(path)[0]

    def is_plan(self, path: Path) -> bool:
        """Whether a file may be a plan, as far as the settings of its project are known. Can be asked in any thread.

        Until they are, any file may, where the workspace may say so: whoever asks about it waits for the answer.
        """
        root, name = self._place_of(path)
        each = self._open.get(root)
        if each is None:
            return self.given.formats.is_plan(name)
        return each.formats.is_plan(name) or (not each.is_settled and self._asks_its_workspace(root))

    def _place_of(self, path: Path) -> tuple[Path, str]:
        """The root of a file's project, and what that calls it."""
        places = self._places  # before the folders are looked at: see `change_folders`
        if (known := places.get(path)) is not None:
            return known
        real = Path(os.path.realpath(path.parent), path.name)
        above = [folder for folder in self.folders if real.is_relative_to(folder)]
        root = max(above, key=lambda folder: len(folder.parts)) if above else find_root(path)
        place = places[path] = (root, relative(root, path) or str(path))
        return place

    def _asks_its_workspace(self, root: Path) -> bool:
        known = self._may_name_plans
        return known[root] if root in known else known.setdefault(root, may_name_plans(root))

    def configure(self, given: Settings) -> None:
        """Take other settings."""
        self.given = given
        for each in self:
            each.settings.given = given

    def change_folders(self, added: Iterable[Path], removed: Iterable[Path]) -> list[str]:
        """Take other workspace folders; returns the open documents (URIs) that belong to another project now."""
        files = [(document, document.path) for document in self._documents if document.path is not None]
        before = [self.root_of(path) for _, path in files]
        gone = set(removed)
        self.folders = tuple(dict.fromkeys((*(each for each in self.folders if each not in gone), *added)))
        # Another thread may be at work on an old place: what it makes of it goes where nobody looks any more.
        self._places, self._may_name_plans = {}, {}
        moved = []
        for (document, path), then in zip(files, before, strict=True):
            if self.root_of(path) != then:
                if then in self._open:
                    self._open[then].project.close_document(self._listener, path)
                self.take(document)
                moved.append(document.uri)
        return moved

    def drop_idle(self) -> list[Path]:
        """Let go of roots that are no workspace folder, when no document of theirs is open and nothing ran; which."""
        used = {self.root_of(document.path) for document in self._documents if document.path is not None}
        idle = [
            root
            for root, each in self._open.items()
            if root not in self.folders and root not in used and each.project.executor.current is None
        ]
        for root in idle:
            self._let_go_of(root)
        return idle

    def close(self) -> None:
        """Let go of all."""
        for root in tuple(self._open):
            self._let_go_of(root)

    def _let_go_of(self, root: Path) -> None:
        each = self._open.pop(root)
        each.begin()
        self._all.detach(each.project, self._listener)
