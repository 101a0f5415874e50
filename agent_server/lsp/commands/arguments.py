"""What every command takes: one object that names a plan, `{"uri": ..., "wave": ..., "task": ...}`."""

from collections.abc import Mapping
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from agent_server.lsp.documents import path_of
from agent_server.lsp.markdown import unlinked
from agent_server.lsp.server import AgentLanguageServer, OpenPlan
from agent_server.plan.formats import is_plan


def plan_of(
    server: AgentLanguageServer, command: str, arguments: tuple[Any, ...]
) -> tuple[OpenPlan, Mapping[str, Any]]:
    """The open plan that the arguments name, and the arguments; raises a `JsonRpcException` where there is none."""
    given = arguments[0] if len(arguments) == 1 else None
    if not isinstance(given, Mapping) or not isinstance(given.get("uri"), str):
        raise JsonRpcInvalidParams(f'`{command}` takes one argument: {{"uri": the plan\'s URI}}.')
    found = server.plan(given["uri"])
    if found is not None:
        return found, given
    if server.documents.get(given["uri"]) is None:
        raise JsonRpcInvalidParams(f"`{given['uri']}` is not open. Open the plan first.")
    path = path_of(given["uri"])
    if path is None or not is_plan(str(path)):
        raise JsonRpcInvalidParams(f"`{given['uri']}` is no plan. A plan is a file whose name ends in `.plan.md`.")
    raise refusal("The workspace is still being listed. Try again in a moment.")


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


def refusal(message: str) -> JsonRpcException:
    """An error that tells the user why the command was not carried out (LSP 3.17: RequestFailed)."""
    return JsonRpcException(unlinked(message), types.LSPErrorCodes.RequestFailed.value)
