"""`agentServer/serverStatus`: how the server is, as a client sees it that asked to be told."""

import asyncio
from collections.abc import Callable, Iterable

from agent_server.lsp.messages import ServerStatusParams
from agent_server.lsp.open_projects import OpenProject
from agent_server.lsp.run_state import spend

_SOON = 0.1
_BUSY = 0.25
"""While something is being listed, indexed or analysed, the status is looked at so often: nobody tells of its end."""


class ServerStatus:
    """Tells one client how its server is, whenever that has changed. `projects` are the client's."""

    def __init__(self, projects: Iterable[OpenProject], tell: Callable[[ServerStatusParams], None]) -> None:
        self._projects = projects
        self._tell = tell
        self._told: ServerStatusParams | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wanted = False

    def want(self, wanted: bool) -> None:
        """Tell from now on, beginning at once; or no more."""
        self._wanted, self._told = wanted, None
        self.close()
        if wanted:
            self._timer = asyncio.get_running_loop().call_later(0, self._look)

    def look(self) -> None:
        """Something may have changed."""
        if self._wanted and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self._look)

    def close(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        now = status_of(self._projects)
        if now != self._told:
            self._told = now
            self._tell(now)
        if not now.quiescent or now.running:
            self._timer = asyncio.get_running_loop().call_later(_BUSY, self._look)


def status_of(projects: Iterable[OpenProject]) -> ServerStatusParams:
    """How the server is, as far as it concerns these projects."""
    every = [(each, each.project) for each in projects]
    problems = [problem for _, project in every for problem in project.workspace.problems]
    runs = [run for _, project in every for run in project.executor.runs]
    prices = every[0][0].settings.given.analysis.prices if every else {}
    return ServerStatusParams(
        health="warning" if problems else "ok",
        message=" ".join(problems),
        quiescent=all(project.is_quiescent for _, project in every),
        spend=spend((run.progress for run in runs), prices),
        running=sum(run.is_going_on for run in runs),
    )
