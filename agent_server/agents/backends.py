"""The backends by name. To add one, write its module and give it a line here."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Protocol

from agent_server.agents.anthropic import AnthropicBackend
from agent_server.agents.backend import Backend
from agent_server.agents.replay import ReplayBackend
from agent_server.agents.transcript import Recorder, ToolAgent
from agent_server.settings import ExecutionSettings


class UnknownBackend(ValueError):
    """There is no backend of that name. The message says which there are."""


def backend_named(name: str, settings: ExecutionSettings, environ: Mapping[str, str]) -> Backend:
    """The backend that plans and settings call `name`. `environ` is where it finds keys and addresses.

    It records what it does where the settings say so. Making one is cheap and touches nothing. Raises `UnknownBackend`.
    """
    make = BACKENDS.get(name)
    if make is None:
        near = get_close_matches(name, BACKENDS, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else f"There are {', '.join(f'`{each}`' for each in BACKENDS)}."
        raise UnknownBackend(f"There is no agent named `{name}`. {hint}")
    backend = make(settings, environ)
    return backend if settings.record is None else Recorder(backend, settings.record)


class ToolBackend(Backend, ToolAgent, Protocol):
    """A backend whose agents work through the toolbox alone, and so can be recorded."""


def _anthropic(settings: ExecutionSettings, environ: Mapping[str, str]) -> ToolBackend:
    return AnthropicBackend(environ, requests=settings.requests)


def _replay(settings: ExecutionSettings, _environ: Mapping[str, str]) -> ToolBackend:
    return ReplayBackend(settings.transcripts or {}, settings.speed)


BACKENDS: Mapping[str, Callable[[ExecutionSettings, Mapping[str, str]], ToolBackend]] = {
    "anthropic": _anthropic,
    "replay": _replay,
}
"""What makes each backend."""
