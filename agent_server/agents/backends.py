"""The backends by name: what the user's settings define, what is built in, and programs that need no settings.

A backend that works in this process has its module and a line in `BACKENDS`; a program that is an agent has a file in
`presets/`.
"""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import PurePath
from typing import Protocol

from agent_server.agents.anthropic import AnthropicBackend
from agent_server.agents.backend import Backend
from agent_server.agents.command import CommandBackend
from agent_server.agents.presets import PRESETS
from agent_server.agents.recording import ProgramRecorder
from agent_server.agents.replay import ReplayBackend
from agent_server.agents.transcript import Recorder, ToolAgent
from agent_server.analysis.model import Analysis
from agent_server.settings import AgentProgram, ExecutionSettings


class UnknownBackend(ValueError):
    """There is no backend of that name. The message says which there are."""


def backend_named(name: str, settings: ExecutionSettings, environ: Mapping[str, str]) -> Backend:
    """The backend that plans and settings call `name`. `environ` is where it finds keys and addresses.

    It records what it does where the settings say so. Making one is cheap and touches nothing. Raises `UnknownBackend`.
    """
    if program := program_named(name, settings):
        backend = _of_program(name, program, settings, environ)
        return backend if settings.record is None else ProgramRecorder(backend, settings.record)
    make = BACKENDS.get(name)
    if make is None:
        raise UnknownBackend(f"There is no agent named `{name}`. {_hint(name, settings)}")
    agent = make(settings, environ)
    return agent if settings.record is None else Recorder(agent, settings.record)


def program_named(name: str, settings: ExecutionSettings) -> AgentProgram | None:
    """The program that the agent `name` is; None where it works in this process, or is not known.

    Such an agent has tools of its own; all others have ours (`tools.py`).
    """
    if name in settings.backends:
        return settings.backends[name]
    return None if name in BACKENDS else PRESETS.get(name)


def agent_of(analysis: Analysis, task_id: str, settings: ExecutionSettings) -> str:
    """The name of the agent that carries out a task: the task's own word, the plan's, or the settings'.

    Raises `KeyError` where there is no such task.
    """
    chosen = analysis.tasks[task_id].task.agent or analysis.plan.settings.agent
    return chosen.text if chosen else settings.agent


def agent_names(settings: ExecutionSettings | None = None) -> tuple[str, ...]:
    """The names that plans may use."""
    own = settings.backends if settings else ()
    return tuple(dict.fromkeys((*own, *BACKENDS, *PRESETS)))


def agent_words(name: str, settings: ExecutionSettings) -> str:
    """What the agent of that name is, in a few words; empty where there is none."""
    program = program_named(name, settings)
    if program is None:
        return _IN_OUR_PROCESS.get(name, "")
    how = "over the Agent Client Protocol" if program.protocol == "acp" else "as a command"
    own = ", from your settings" if name in settings.backends else ""
    return f"the program {PurePath(program.command[0]).name}, {how}{own}"


class ToolBackend(Backend, ToolAgent, Protocol):
    """A backend whose agents work through the toolbox alone."""


def _of_program(name: str, program: AgentProgram, settings: ExecutionSettings, environ: Mapping[str, str]) -> Backend:
    network = settings.network != "off"
    if program.protocol == "acp":
        from agent_server.agents.acp import AcpBackend  # noqa: PLC0415  # loads the protocol's package

        return AcpBackend(name, program, environ, network=network)
    return CommandBackend(name, program, environ, network=network)


def _hint(name: str, settings: ExecutionSettings) -> str:
    names = agent_names(settings)
    near = get_close_matches(name, names, n=1)
    return f"Did you mean `{near[0]}`?" if near else f"There are {', '.join(f'`{each}`' for each in names)}."


def _anthropic(settings: ExecutionSettings, environ: Mapping[str, str]) -> ToolBackend:
    return AnthropicBackend(environ, requests=settings.requests)


def _replay(settings: ExecutionSettings, _environ: Mapping[str, str]) -> ToolBackend:
    return ReplayBackend(settings.transcripts or {}, settings.speed)


BACKENDS: Mapping[str, Callable[[ExecutionSettings, Mapping[str, str]], ToolBackend]] = {
    "anthropic": _anthropic,
    "replay": _replay,
}
"""What makes each backend that works in this process."""

_IN_OUR_PROCESS: Mapping[str, str] = {
    "anthropic": "a model behind the Messages API, without a shell",
    "replay": "a recorded transcript, played again",
}
