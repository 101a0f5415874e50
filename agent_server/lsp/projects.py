"""The projects of one process, shared by its sessions: each workspace is listed, watched and indexed once."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

from agent_server.lsp.project import Listener, Project


class Projects:
    """The open projects by their roots.

    One that no session has open any more is closed, that of `home` after `linger` seconds: it is the one that somebody
    is likely to open again. A run that goes on goes to its end first, whatever becomes of the editors; where there is
    no home, it is cancelled. `changed` is called when a project comes or goes.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        home: Path | None = None,
        linger: float = 0.0,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._environ = environ
        self._home = home
        self._linger = linger
        self._changed = changed
        self._open: dict[Path, Project] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._ending: dict[Project, asyncio.Future[None]] = {}

    def __iter__(self) -> Iterator[Project]:
        """All open projects."""
        return iter(tuple(self._open.values()))

    def is_open(self, root: Path) -> bool:
        """Whether some session has the workspace open, or had it a moment ago."""
        return root in self._open

    def at(self, root: Path) -> Project:
        """The project of a root, made if need be. Who takes it attaches to it, and opens it."""
        if root not in self._open:
            self._open[root] = Project(root, self._environ)
            self._changed()
        return self._open[root]

    def detach(self, project: Project, listener: Listener) -> None:
        """One session less has it open."""
        project.detach(listener)
        if not project.listeners:
            self._go(self._close_when_idle(project))

    async def close(self) -> None:
        """Close all; a run that is going on is cancelled, a landing goes to its end."""
        for task in self._closing:
            task.cancel()
        projects, self._open = tuple(self._open.values()), {}
        await asyncio.gather(*(project.close() for project in projects), *self._ending.values())

    async def _close_when_idle(self, project: Project) -> None:
        await asyncio.sleep(self._linger if project.root == self._home else 0.0)
        if self._home is not None and (run := project.executor.going_on) is not None:
            await run.wait()
        if not project.listeners and self._open.get(project.root) is project:
            del self._open[project.root]
            # Somebody else waits for this end, and does not break it off: see `close`.
            self._ending[project] = ending = asyncio.ensure_future(project.close())
            await asyncio.shield(ending)
            del self._ending[project]
            self._changed()

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
