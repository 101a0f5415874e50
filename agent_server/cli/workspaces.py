"""The workspaces that a command is about: each is listed once, and asked for its settings."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent_server.cli.configuration import settings_over
from agent_server.demo.folders import settings_in
from agent_server.plan.formats import FORMATS, Formats, Reader, recognised
from agent_server.settings import WORKSPACE_FILES, Settings
from agent_server.workspace.scanning import Scan, scan

Choose = Callable[[Settings], Settings]
"""What the command's own options make of the settings that hold in a workspace."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace as it is now, and the settings that hold in it."""

    root: Path
    files: Scan
    settings: Settings

    @property
    def formats(self) -> Formats:
        """Which files are plans."""
        return self.settings.formats

    def may_be_plan(self, name: str) -> bool:
        """Whether the file of that name may be a plan. The folders above the workspace tell, too."""
        return self.formats.is_plan(name) or FORMATS.is_plan(self._path_of(name))

    def reader_for(self, name: str, text: str) -> Reader | None:
        """The reader for a plan: by the path that it has in the workspace, else by its whole path."""
        return self.formats.reader_for(name, text) or FORMATS.reader_for(self._path_of(name), text)

    def reader_of_any(self, name: str, text: str) -> Reader | None:
        """The reader for a file that somebody says is a plan: by its path, else by what it says."""
        return self.reader_for(name, text) or recognised(text)

    def _path_of(self, name: str) -> str:
        return f"{self.root}/{name}"


class Workspaces:
    """Those that were looked at so far, by their roots."""

    def __init__(self, settings: Settings, choose: Choose = lambda settings: settings) -> None:
        self._settings = settings
        self._choose = choose
        self._known: dict[Path, Workspace] = {}

    def at(self, root: Path) -> Workspace:
        """The workspace at a root. What is wrong with it, or with its settings, is said on standard error."""
        if root not in self._known:
            files = scan(root)
            for problem in files.problems:
                print(f"agent-server: {problem}", file=sys.stderr)
            configured = settings_over(self._settings, files.read(WORKSPACE_FILES).contents)
            self._known[root] = Workspace(root, files, self._choose(settings_in(root, os.environ, configured)))
        return self._known[root]
