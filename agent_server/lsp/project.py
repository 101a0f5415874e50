"""One workspace as the language server sees it: its live tree, its executor, and its plans' analyses. Knows no LSP."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from agent_server.analysis.analyse import analyse, sources_needed
from agent_server.analysis.model import Analysis
from agent_server.execution.executor import Executor
from agent_server.plan.formats import reader_for
from agent_server.plan.model import Plan, Problem
from agent_server.settings import Settings
from agent_server.workspace.paths import relative
from agent_server.workspace.workspace import Workspace


class Project:
    """A workspace folder that is open in an editor.

    `revision` grows whenever an analysis may have a new answer although the plan's text is the same.
    """

    def __init__(self, root: Path, settings: Settings, environ: Mapping[str, str]) -> None:
        self.root = root
        self.settings = settings
        self.workspace = Workspace(root)
        self.executor = Executor(root, settings.execution, environ, self.workspace.unsaved)
        self.revision = 0
        self.ready = False
        self._parsed: dict[str, tuple[str, tuple[Plan, tuple[Problem, ...]]]] = {}
        self._changed: Callable[[], None] = lambda: None

    async def start(self, changed: Callable[[], None]) -> None:
        """List the workspace and watch it; `changed` is called after every step of `revision`."""
        self._changed = changed
        self.workspace.subscribe(self.touch)
        await self.workspace.start()
        await self.executor.recover()
        self.ready = True
        self.touch()

    async def stop(self) -> None:
        """Stop watching. A run that is going on is cancelled."""
        await self.executor.close()
        await self.workspace.stop()

    def configure(self, settings: Settings) -> None:
        """Take other settings; a run that is going on keeps the ones it began with."""
        self.settings = settings
        self.executor.settings = settings.execution
        self.touch()

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
        tree = self.workspace.tree_with(sources_needed(plan, self.workspace.tree))
        facts = replace(self.executor.facts(name), unsaved=self.workspace.unsaved())
        return analyse(plan, problems, tree, self.settings.analysis, facts)

    def _parse(self, name: str, text: str) -> tuple[Plan, tuple[Problem, ...]] | None:
        known = self._parsed.get(name)
        if known and known[0] == text:
            return known[1]
        reader = reader_for(name)
        if reader is None:
            return None
        parsed = reader.parse(text)
        self._parsed[name] = (text, parsed)
        return parsed
