"""One session's list of plans: what is answered about all of them, and when the client is told to ask again.

An edit must not pay for the list. So it is only noted which plans may be another now; a little later, at most twice a
second, these are looked at in the project's worker, behind the edits that wait there, and compared with what the
client knows. Of a plan whose analysis is the same object nothing is made anew.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from agent_server.analysis.model import Analysis
from agent_server.execution.approval import NotLaunchable
from agent_server.execution.runs.lifecycle import GOING_ON
from agent_server.lsp.documents import Document, path_of
from agent_server.lsp.messages import PlanReport, PlansChangedParams, PlansParams, PlansResult, RunReport
from agent_server.lsp.open_projects import OpenProject, OpenProjects
from agent_server.lsp.plan_reports import plan_report
from agent_server.lsp.plans import Plans
from agent_server.lsp.project import Project, Superseded
from agent_server.lsp.run_state import run_state
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.settings import ExecutionSettings

_SOON = 0.1
"""So soon after something happened it is looked at, with all that happens until then."""

_PAUSE = 0.5
"""Nothing is looked at again before so many seconds have gone by."""

_CHANGES_BY_ITSELF = frozenset(state.value for state in GOING_ON)


@dataclass(frozen=True, slots=True)
class _Made:
    """A report without its run, and what it was made from."""

    analysis: Analysis
    chosen: ExecutionSettings
    uri: str
    distrust: str | None
    report: PlanReport

    def is_of(self, plan: PlanSnapshot, distrust: str | None) -> bool:
        """Whether it would be made from this again."""
        # An analysis is compared by what it is: to compare all that it says would take longer than to tell it anew.
        same = self.analysis is plan.analysis and self.chosen == plan.chosen
        return same and (self.uri, self.distrust) == (plan.document.uri, distrust)


@dataclass(slots=True)
class _Known:
    """What the client knows of the plans of one project, by their names; it belongs to the project's worker."""

    reports: dict[str, PlanReport] = field(default_factory=dict)
    made: dict[str, _Made] = field(default_factory=dict)


class PlanList:
    """The plans of a session's projects.

    `distrust` says why nothing runs here, if that is so. `tell` sends what has changed, `go` does work in the
    background.
    """

    def __init__(
        self,
        plans: Plans,
        projects: OpenProjects,
        distrust: Callable[[], str | None],
        tell: Callable[[PlansChangedParams], None],
        go: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._plans = plans
        self._projects = projects
        self._distrust = distrust
        self._tell = tell
        self._go = go
        self._loop = asyncio.get_running_loop()
        self._wanted = False
        self._stale: dict[Path, set[str] | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._looked = 0.0
        self._known: dict[Path, _Known] = {}

    # On the event loop

    def want(self, wanted: bool) -> None:
        """Tell of changes from now on; or no more."""
        self._wanted = wanted
        if not wanted:
            self.close()

    def edited(self, document: Document) -> None:
        """A document was opened, changed or closed."""
        if self._wanted and document.path is not None and self._projects.is_plan(document.path):
            project = self._projects.of(document.path).project
            self.look(project, self._plans.plan_name(project, document.path))

    def look(self, project: Project, plan: str | None = None) -> None:
        """That plan of a project may be another now; without one any may be, or there are others."""
        if not self._wanted:
            return
        known = self._stale.setdefault(project.root, set())
        if plan is None:
            self._stale[project.root] = None
        elif known is not None:
            known.add(plan)
        if self._timer is None:
            self._timer = self._loop.call_later(max(_SOON, self._looked + _PAUSE - self._loop.time()), self._look)

    def forget(self, root: Path) -> None:
        """The project at a root is open here no longer."""
        self._known.pop(root, None)

    def close(self) -> None:
        """Tell nothing more."""
        self._stale.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def answer(self, params: PlansParams) -> PlansResult:
        """All plans, or those of one folder. Those of a workspace that is still being listed come later."""
        folder = path_of(params.folder) if params.folder is not None else None
        root = folder.resolve() if folder is not None else None
        places = {each: number for number, each in enumerate(self._projects.folders)}
        every = sorted(
            (each for each in self._plans.every_project() if params.folder is None or each.project.root == root),
            key=lambda each: (places.get(each.project.root, len(places)), each.project.root),
        )
        listed = [each for each in every if each.project.ready.is_set()]
        reports: list[PlanReport] = []
        for each in listed:
            known = self._known.setdefault(each.project.root, _Known())
            await self._bring_up_to_date(each, known, None)
            reports += known.reports.values()
        return PlansResult(plans=reports, listing=len(listed) < len(every) or None)

    def _look(self) -> None:
        self._timer, self._looked = None, self._loop.time()
        stale, self._stale = self._stale, {}
        for root, names in stale.items():
            each = self._projects.get(root)
            if each is not None and each.project.ready.is_set():
                self._go(self._tell_changes(each, names))

    async def _tell_changes(self, each: OpenProject, names: set[str] | None) -> None:
        known = self._known.setdefault(each.project.root, _Known())
        changed = await self._bring_up_to_date(each, known, names)
        if changed and self._wanted and self._projects.get(each.project.root) is each:
            self._tell(PlansChangedParams(plans=changed))

    async def _bring_up_to_date(self, each: OpenProject, known: _Known, names: set[str] | None) -> list[str]:
        changed, missed = await each.project.worker.run(partial(self._compare, each, known, names))
        for name in missed:
            self.look(each.project, name)
        return changed

    # In the worker

    def _compare(self, each: OpenProject, known: _Known, names: set[str] | None) -> tuple[list[str], list[str]]:
        """Bring what is known of these plans, or of all, up to date.

        Returns the URIs of those that are others now, and the names of those of which a newer version waits: they have
        to be looked at again.
        """
        before, now = known.reports, self._plans.names(each)
        found: dict[str, PlanReport | None] = {}
        missed: list[str] = []
        for name in now if names is None else [name for name in now if name in names]:
            try:
                found[name] = self._report(each, known, name)
            except Superseded:
                missed.append(name)
        reports = {name: report for name in now if (report := found.get(name) or before.get(name))}
        gone = [report.uri for name, report in before.items() if name not in reports]
        known.reports = reports
        known.made = {name: made for name, made in known.made.items() if name in reports}
        changed = [uri for name, report in reports.items() for uri in _changed(report, before.get(name))]
        return [*changed, *gone], missed

    def _report(self, each: OpenProject, known: _Known, name: str) -> PlanReport | None:
        """A plan as it stands; None where it cannot be read. Raises `Superseded`."""
        plan = self._plans.named(each, name)
        if plan is None:
            return None
        distrust = self._distrust()
        made = known.made.get(name)
        if made is None or not made.is_of(plan, distrust):
            report = plan_report(plan, distrust or _blocked(each.project, plan))
            made = known.made[name] = _Made(plan.analysis, plan.chosen, plan.document.uri, distrust, report)
        return msgspec.structs.replace(made.report, run=_run_of(each.project, plan))


def _blocked(project: Project, plan: PlanSnapshot) -> str | None:
    """Why the plan's first wave cannot be launched as it stands."""
    try:
        project.executor.expect_runnable(plan.name, plan.analysis, plan.chosen)
    except NotLaunchable as error:
        return str(error)
    return None


def _run_of(project: Project, plan: PlanSnapshot) -> RunReport | None:
    progress = project.executor.last_progress(plan.name)
    if progress is None:
        return None
    # How many waves the plan had when an earlier process launched it, nobody has written down.
    waves = project.waves.setdefault(progress.record.id, max(1, len(plan.analysis.schedule.waves)))
    return run_state(plan.document.uri, progress, waves, plan.analysis.settings.prices)


def _changed(now: PlanReport, before: PlanReport | None) -> list[str]:
    """The URI of a plan that a list shows otherwise; and the one before, where another file stands for it now."""
    if not _is_another(now, before):
        return []
    return [now.uri] if before is None or before.uri == now.uri else [now.uri, before.uri]


def _is_another(now: PlanReport, before: PlanReport | None) -> bool:
    """Whether a list shows it otherwise. What a run that goes on does in between is told by its own messages."""
    return before is None or _shown(now) != _shown(before)


def _shown(report: PlanReport) -> tuple[PlanReport, object]:
    run = report.run
    state = (run.run, run.state) if run is not None and run.state in _CHANGES_BY_ITSELF else run
    return msgspec.structs.replace(report, run=None), state
