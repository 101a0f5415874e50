"""A workspace that is followed, and ways to wait until it has caught up with the disk."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from agent_server.workspace.workspace import Workspace

DEADLINE = 60.0
"""Seconds until a condition that never comes true fails its test."""


class Following:
    """A workspace with what it has reported, and how often it has called its subscribers."""

    def __init__(self, workspace: Workspace, problems: list[str]) -> None:
        self.workspace = workspace
        self.problems = problems
        self.calls = 0
        self._changed = asyncio.Event()
        workspace.subscribe(self._note)

    @property
    def root(self) -> Path:
        return self.workspace.root

    @property
    def files(self) -> set[str]:
        return set(self.workspace.tree.paths)

    async def start(self) -> "Following":
        await self.workspace.start()
        return self

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when `condition` is true at the start or after one of the workspace's calls."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not condition():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"This never came; the files are {sorted(self.files)[:50]}") from None

    async def until_files(self, files: Iterable[str]) -> None:
        """Returns when the tree has exactly `files`."""
        wanted = set(files)
        await self.until(lambda: self.files == wanted)

    async def caught_up(self) -> None:
        """Returns when all that happened before is known: a file that is made last is seen last."""
        place = self.root / "zz-last"
        place.touch()
        await self.until(lambda: place.name in self.workspace.tree)
        place.unlink()
        await self.until(lambda: place.name not in self.workspace.tree)

    def text(self, path: str) -> str | None:
        """The text of `path` as an analysis is told it."""
        return self.workspace.tree_with([path]).contents.get(path)

    def _note(self) -> None:
        self.calls += 1
        self._changed.set()
