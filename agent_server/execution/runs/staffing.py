"""Who carries out the tasks of a run: of each task the brief, the backend that plays its agent, and the time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent_server.agents.backend import Backend
from agent_server.agents.backends import UnknownBackend, program_named
from agent_server.agents.brief import brief_for
from agent_server.agents.repair import repair_brief
from agent_server.analysis.facts import VerifyFacts
from agent_server.analysis.model import Analysis
from agent_server.execution.approval import ApprovedTask, NotLaunchable
from agent_server.execution.records.record import RunRecord
from agent_server.execution.runs.attempt import Assignment
from agent_server.execution.runs.decisions import how_it_ended
from agent_server.plan.visible import visible
from agent_server.settings import ExecutionSettings

FindBackend = Callable[[str, ExecutionSettings, Mapping[str, str]], Backend]


@dataclass(frozen=True, slots=True)
class Staff:
    """The agents that a user's settings give. `environ` is where backends find keys and addresses."""

    settings: ExecutionSettings
    environ: Mapping[str, str]
    find_backend: FindBackend

    def backend(self, name: str) -> Backend:
        """The backend of that name; raises `NotLaunchable`."""
        try:
            return self.find_backend(name, self.settings, self.environ)
        except UnknownBackend as error:
            raise NotLaunchable(str(error)) from error

    def runs(self, name: str) -> str:
        """The command line of the program that the agent of that name is; raises `NotLaunchable`."""
        return self.backend(name).runs

    def expect_able(self, tasks: Iterable[ApprovedTask]) -> None:
        """Raise `NotLaunchable` where an agent of these tasks is known to be unable to work. Workers know their own."""
        if self.settings.scheduler is not None:
            return
        for agent in dict.fromkeys(task.agent for task in tasks):
            if problem := self.backend(agent).problem:
                raise NotLaunchable(f"The agent `{visible(agent)}` cannot work. {problem}")

    def assignment(
        self, task: ApprovedTask, analysis: Analysis, record: RunRecord, before: RunRecord | None = None
    ) -> Assignment:
        """What the agent of a task is to do in the run of `record`, which stood as `before` where it is tried again."""
        comment = record.tasks[task.id].comment
        ended = how_it_ended(before, task.id) if before is not None else ""
        own = self._has_own_tools(task)
        brief = brief_for(
            analysis,
            task.id,
            record.approval.limits,
            own_tools=own,
            comment=comment,
            before=ended,
            plan=record.approval.plan,
        )
        seconds = self._seconds(task, analysis.tasks[task.id].minutes)
        return Assignment(task, brief, self.backend(task.agent), seconds)

    def repair(
        self, repair: ApprovedTask, analysis: Analysis, tasks: Sequence[str], failed: VerifyFacts, record: RunRecord
    ) -> Assignment:
        """What the agent is to do that mends what `tasks` made together, when their verification has `failed`."""
        own = self._has_own_tools(repair)
        brief = repair_brief(analysis, tasks, failed, record.approval.limits, own_tools=own)
        brief = replace(brief, task=repair.id, title=repair.title, model=repair.model or brief.model)
        seconds = self._seconds(repair, max(analysis.tasks[name].minutes for name in tasks))
        return Assignment(repair, brief, self.backend(repair.agent), seconds)

    def _has_own_tools(self, task: ApprovedTask) -> bool:
        return program_named(task.agent, self.settings) is not None

    def _seconds(self, task: ApprovedTask, minutes: float) -> float:
        return minutes * 60 / (self.settings.speed if task.agent == "replay" else 1.0)
