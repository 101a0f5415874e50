"""What every command takes: one object that names a plan, `{"uri": ..., "wave": ..., "task": ...}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from agent_server.execution.approval import Approval
from agent_server.execution.runs.run import Run
from agent_server.lsp.documents import path_of
from agent_server.lsp.project import Project
from agent_server.lsp.server import AgentLanguageServer
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """The open plan that a command is about, its project, the user's settings, and the command's whole argument."""

    plan: PlanSnapshot
    project: Project
    settings: Settings
    given: Mapping[str, Any]

    @property
    def run(self) -> Run | None:
        """The plan's last run that was launched since the server started, ended or not."""
        return self.project.executor.last_run(self.plan.name)

    async def propose(self, wave: int, *, stream: bool) -> Approval:
        """What a person is asked to approve; raises `NotLaunchable`."""
        propose = self.project.executor.propose
        execution = self.settings.execution
        return await self.project.worker.run(
            partial(propose, self.plan.name, self.plan.analysis, wave, execution, stream=stream)
        )

    def follow(self, run: Run, session: AgentLanguageServer) -> None:
        """Have everybody told of a run that this session has begun, or let go on."""
        self.project.follow(run, session, len(self.plan.analysis.schedule.waves))


async def target_of(session: AgentLanguageServer, command: str, arguments: tuple[Any, ...]) -> Target:
    """What the arguments of a command are about; raises a `JsonRpcException` where they name no open plan."""
    given = arguments[0] if len(arguments) == 1 else None
    if not isinstance(given, Mapping) or not isinstance(given.get("uri"), str):
        raise JsonRpcInvalidParams(f'`{command}` takes one argument: {{"uri": the plan\'s URI}}.')
    plan = await session.plan(given["uri"])
    path = path_of(given["uri"])
    if plan is not None and path is not None:
        project = session.project_of(path)
        settings = await project.worker.run(partial(session.settings_of, project))
        return Target(plan, project, settings, given)
    if session.documents.get(given["uri"]) is None:
        raise JsonRpcInvalidParams(f"`{given['uri']}` is not open. Open the plan first.")
    raise JsonRpcInvalidParams(f"`{given['uri']}` is no plan. A plan is a file whose name ends in `.plan.md`.")


def wave_of(command: str, given: Mapping[str, Any]) -> int:
    """The wave that the arguments name, counted from 1; the first where they name none."""
    wave = given.get("wave", 1)
    if isinstance(wave, bool) or not isinstance(wave, int):
        raise JsonRpcInvalidParams(f"`wave` of `{command}` takes a whole number from 1, not {wave!r}.")
    return wave


def task_of(command: str, given: Mapping[str, Any]) -> str | None:
    """The task that the arguments name, if they name one."""
    task = given.get("task")
    if task is not None and not isinstance(task, str):
        raise JsonRpcInvalidParams(f"`task` of `{command}` takes a task's id, not {task!r}.")
    return task


def tasks_of(command: str, given: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The tasks that the arguments name; None where they name none. An empty list is refused: it could mean either."""
    tasks = texts_of(command, given, "tasks")
    if tasks == ():
        raise JsonRpcInvalidParams(f"`tasks` of `{command}` names no task. Leave it out to mean them all.")
    return tasks


def flag_of(command: str, given: Mapping[str, Any], name: str) -> bool:
    """What the arguments say of something that is so or not; it is not where they say nothing."""
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise JsonRpcInvalidParams(f"`{name}` of `{command}` takes true or false, not {value!r}.")
    return bool(value)


def text_of(command: str, given: Mapping[str, Any], name: str) -> str:
    """A text among the arguments; empty where there is none."""
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise JsonRpcInvalidParams(f"`{name}` of `{command}` takes a text, not {value!r}.")
    return value or ""


def texts_of(command: str, given: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """A list of texts among the arguments; None where there is none."""
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise JsonRpcInvalidParams(f"`{name}` of `{command}` takes a list of texts, not {value!r}.")
    return tuple(value)
