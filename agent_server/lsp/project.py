"""One workspace as the language server sees it: its live tree, its executor, and its plans' analyses. Knows no LSP."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from agent_server.analysis.incremental import Analyser
from agent_server.analysis.model import Analysis
from agent_server.execution.executor import Executor
from agent_server.lsp.live_settings import LiveSettings
from agent_server.plan.formats import reader_for
from agent_server.plan.model import Plan, Problem
from agent_server.settings import Settings
from agent_server.workspace.index.live import Indexing, LiveIndex
from agent_server.workspace.paths import relative
from agent_server.workspace.workspace import Workspace


class Project:
    """A workspace folder that is open in an editor.

    `revision` grows whenever an analysis may have a new answer although the plan's text is the same. `ready` says that
    the workspace has been listed; `opening` is the task that does it. `report` is called with sentences for the user,
    `progress` while files are indexed, and with None when they are.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        environ: Mapping[str, str],
        report: Callable[[str], None],
        progress: Callable[[Indexing | None], None] = lambda _indexing: None,
    ) -> None:
        self.root = root
        self.opening: asyncio.Task[None] | None = None
        self.workspace = Workspace(root, report=report)
        self.index = LiveIndex(self.workspace, environ, changed=self.touch, report=report, progress=progress)
        self.settings = LiveSettings(self.workspace, settings)
        self.executor = Executor(root, settings.execution, environ, self.workspace.unsaved)
        self.revision = 0
        self.ready = False
        self._parsed: dict[str, tuple[str, tuple[Plan, tuple[Problem, ...]]]] = {}
        self._analysers: dict[str, Analyser] = {}
        self._unsaved: frozenset[str] = frozenset()
        self._report = report
        self._changed: Callable[[], None] = lambda: None

    async def start(self, changed: Callable[[], None]) -> None:
        """List the workspace and watch it; `changed` is called after every step of `revision`."""
        self._changed = changed
        self.workspace.subscribe(self.touch)
        await self.workspace.start()
        for message in await self.executor.recover():
            self._report(message)
        self.ready = True
        self.touch()

    async def stop(self) -> None:
        """Stop watching. A run that is going on is cancelled; a landing or its recovery goes to its end."""
        if self.opening is not None and not self.ready:
            await self.workspace.stop()
            await asyncio.gather(self.opening, return_exceptions=True)
        await self.index.stop()
        await self.executor.close()
        await self.workspace.stop()

    def configure(self, settings: Settings) -> None:
        """Take other settings; a run that is going on keeps the ones it began with."""
        self.settings.given = settings
        self.executor.settings = settings.execution
        self.touch()

    def open_document(self, path: Path, text: str) -> None:
        """A document is open in the editor, or has changed or been saved there; its text is now `text`."""
        self.workspace.open_buffer(self.name_of(path), text)
        self._compare()

    def close_document(self, path: Path) -> None:
        """A document is no longer open: the disk says again what the file holds."""
        name = self.name_of(path)
        self._parsed.pop(name, None)
        self._analysers.pop(name, None)
        self.index.forget(name)
        self.workspace.close_buffer(name)
        self._compare()

    def has_unsaved(self, path: Path) -> bool:
        """Whether the document has changes that its file does not hold."""
        return self.name_of(path) in self.workspace.unsaved()

    def files_changed(self, paths: Iterable[Path]) -> None:
        """An editor saw these files appear, vanish or change. Files that lie elsewhere are left out."""
        inside = [name for path in paths if (name := relative(self.root, path))]
        if inside:
            self.workspace.files_changed(inside)

    def touch(self) -> None:
        """Something that analyses rest on has changed."""
        self.revision += 1
        if self.ready:
            self._changed()

    def name_of(self, path: Path) -> str:
        """A file's path as plans and runs name it: relative to the root where it lies below, else absolute."""
        return relative(self.root, path) or str(path)

    def analyse(self, path: Path, text: str) -> Analysis | None:
        """The analysis of a plan's text over the live workspace; None where no reader takes such a file."""
        name = self.name_of(path)
        parsed = self._parse(name, text)
        if parsed is None:
            return None
        plan, problems = parsed
        tree = self.workspace.tree.with_answers(self.index.known)
        analyser = self._analysers.setdefault(name, Analyser())
        tree = analyser.with_sources(plan, tree, lambda paths: self.workspace.tree_with(paths).contents)
        # The plan itself is unsaved at every other key, and what tasks write is not the plan.
        facts = replace(self.executor.facts(name), unsaved=self.workspace.unsaved() - {name})
        analysis = analyser.analyse(plan, problems, tree, self.settings.now.analysis, facts)
        self.index.asked(name, analysis.unanswered)
        return analysis

    def _compare(self) -> None:
        """Step the revision where another set of files has unsaved changes now."""
        unsaved = self.workspace.unsaved()
        if unsaved != self._unsaved:
            self._unsaved = unsaved
            self.touch()

    def _parse(self, name: str, text: str) -> tuple[Plan, tuple[Problem, ...]] | None:
        known = self._parsed.get(name)
        if known and known[0] == text:
            return known[1]
        reader = reader_for(name)
        if reader is None:
            return None
        parsed = reader.parse(text, known[1][0] if known else None)
        self._parsed[name] = (text, parsed)
        return parsed
