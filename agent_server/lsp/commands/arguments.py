"""What every command takes: one object that names a plan, `{"uri": ..., "wave": ..., "task": ...}`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams

from agent_server.execution.approval import Approval, is_fingerprint
from agent_server.execution.runs.run import Run
from agent_server.lsp.documents import path_of
from agent_server.lsp.messages import APPROVAL
from agent_server.lsp.project import Project
from agent_server.lsp.server import AgentLanguageServer
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.visible import visible
from agent_server.settings import Settings

_MOST_SHOWN = 200  # characters of what a client sent, in an error


@dataclass(frozen=True, slots=True)
class Target:
    """The plan that a command is about, its project, the user's settings, and the command's whole argument."""

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
        self.project.follow(run, session, len(self.plan.analysis.schedule.waves), self.settings.formats)


async def target_of(
    session: AgentLanguageServer, command: str, arguments: tuple[Any, ...], *, closed: bool = False
) -> Target:
    """What the arguments of a command are about; raises a `JsonRpcException` where they name no open plan.

    `closed`: it may also be a plan that is not open, in a workspace that is. Its file says then what counts.
    """
    given = arguments[0] if len(arguments) == 1 else None
    if not isinstance(given, Mapping) or not isinstance(given.get("uri"), str):
        raise JsonRpcInvalidParams(f'`{command}` takes one argument: {{"uri": the plan\'s URI}}.')
    uri = given["uri"]
    plan, path = await session.plan(uri), path_of(uri)
    if plan is not None and path is not None:
        return await _target(session, plan, session.project_of(path), given)
    is_open = session.documents.get(uri) is not None
    if closed and not is_open and (found := await session.closed_plan(uri)) is not None:
        return await _target(session, *found, given)
    if is_open or (path is not None and not session.is_plan(path)):
        known = "a file whose name ends in `.plan.md`, or of a format that is known by its path"
        raise JsonRpcInvalidParams(f"`{_shown(uri)}` is no plan. A plan is {known}; the setting `plans` adds paths.")
    if closed:
        raise JsonRpcInvalidParams(f"There is no plan `{_shown(uri)}` in the folders that are open here.")
    raise JsonRpcInvalidParams(f"`{_shown(uri)}` is not open. Open the plan first.")


async def _target(
    session: AgentLanguageServer, plan: PlanSnapshot, project: Project, given: Mapping[str, Any]
) -> Target:
    settings = await project.worker.run(partial(session.settings_of, project))
    return Target(plan, project, settings, given)


def _shown(uri: str) -> str:
    return visible(uri, _MOST_SHOWN)


def wave_of(command: str, given: Mapping[str, Any]) -> int:
    """The wave that the arguments name, counted from 1; the first where they name none."""
    wave = given.get("wave", 1)
    if isinstance(wave, bool) or not isinstance(wave, int):
        raise JsonRpcInvalidParams(f"`wave` of `{command}` takes a whole number from 1, not {wave!r}.")
    return wave


def fingerprint_of(command: str, given: Mapping[str, Any]) -> str | None:
    """What the arguments say was approved elsewhere; None where they say nothing of that."""
    seen = given.get("approved")
    if seen is not None and not (isinstance(seen, str) and is_fingerprint(seen)):
        raise JsonRpcInvalidParams(f"`approved` of `{command}` takes what `{APPROVAL}` gave, and nothing else.")
    return seen


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
