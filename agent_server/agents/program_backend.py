"""What all backends share whose agent is a program: how it is started, what it gets, and what is shown of its words.

How it is talked to is the affair of its protocol, `acp.py` or `command.py`. What holds the program is the sandbox.
"""

import asyncio
import os
import shlex
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from agent_server.agents.backend import (
    Brief,
    Denied,
    Emit,
    Event,
    Outcome,
    OutcomeKind,
    Retrying,
    Said,
    ToolCall,
    Workbench,
)
from agent_server.agents.meter import timed_out
from agent_server.agents.programs import Program, ProgramError, RunningProgram, is_secret
from agent_server.agents.unseen import out_of_sight
from agent_server.settings import AgentProgram

_MODEL = "{model}"
_SHORTEST_SECRET = 8


class ProgramBackend(ABC):
    """Carries out briefs with a program. Every fault is an outcome."""

    def __init__(self, name: str, program: AgentProgram, environ: Mapping[str, str], *, network: bool = True) -> None:
        """`environ` is the user's environment, of which the program gets what a build gets, and its own variables.

        Without `network` it reaches no model, unless that runs inside its own program. Touches nothing until an agent
        starts.
        """
        self._name = name
        self._program = program
        self._environ = environ
        self._network = network

    @property
    def name(self) -> str:
        """The name that plans and settings use."""
        return self._name

    @property
    def runs(self) -> str:
        """See `Backend.runs`. What differs from task to task stands there as `{model}`, `{write}`, `{prompt_file}`."""
        return shlex.join(self._program.command)

    @property
    def problem(self) -> str:
        """That the program is nowhere on this host. Where it is hidden in a sandbox, only its start tells."""
        name = self._program.command[0]
        # One that is named by a relative path is looked for in the sandbox, in the agent's own tree.
        if "/" in name and not name.startswith("/"):
            return ""
        return "" if shutil.which(name, path=self._path) else _absent(self._program, "")

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Carry out `brief` on `workbench`."""
        try:
            async with asyncio.timeout(brief.limits.seconds):
                outcome = await self._run(brief, workbench, emit)
        except TimeoutError:
            return timed_out(brief.limits)
        except ProgramError as error:
            return Outcome(OutcomeKind.ERROR, f"`{self._name}` could not be started. {error}")
        except OSError as error:
            return Outcome(OutcomeKind.ERROR, f"`{self._name}` could not be started. {error.strerror}.")
        return replace(outcome, message=self._masked(outcome.message))

    @abstractmethod
    def _words(self, brief: Brief, place: Path, /) -> Iterator[str]:
        """The command line for a brief, where the tree is at `place`. Blocks. Raises `ProgramError`."""

    @abstractmethod
    async def _talk(self, brief: Brief, workbench: Workbench, running: RunningProgram, emit: Emit) -> Outcome:
        """Have the brief carried out by the program that runs on `workbench`."""

    async def _run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        program = await asyncio.to_thread(self._wanted, brief, workbench.place)
        async with out_of_sight(workbench, self._program.unseen), workbench.program(program) as running:
            return await self._talk(brief, workbench, running, lambda event: emit(self._without_secrets(event)))

    def _wanted(self, brief: Brief, place: Path) -> Program:
        """The program to start."""
        return Program(
            tuple(self._words(brief, place)),
            {**self._environ, "PATH": self._path},
            variables={**filled(self._program.fixed, brief.model), **self._given},
            logins=self._program.logins,
            shown=tuple(named_places(self._program.command)),
            network=self._network,
        )

    @property
    def _path(self) -> str:
        return _absolute(self._environ.get("PATH", os.defpath))

    @cached_property
    def _given(self) -> Mapping[str, str]:
        """The variables of the user that the program gets, beyond those of a build."""
        return {name: self._environ[name] for name in self._program.variables if self._environ.get(name)}

    def _without_secrets(self, event: Event) -> Event:
        """The event as it may be shown and recorded: agents print their environment, and with it their keys."""
        match event:
            case Said(text):
                return Said(self._masked(text))
            case ToolCall(kind, paths, status):
                return ToolCall(self._masked(kind), tuple(map(self._masked, paths)), status)
            case Denied(kind, path, reason):
                return Denied(self._masked(kind), self._masked(path), self._masked(reason))
            case Retrying(attempt, reason):
                return Retrying(attempt, self._masked(reason))
            case _:
                return event

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        """What must not be shown, the longest first: one may be a part of another."""
        variables = {**self._program.fixed, **self._given}
        secrets = {value for name, value in variables.items() if is_secret(name) and len(value) >= _SHORTEST_SECRET}
        return tuple(sorted(secrets, key=len, reverse=True))


def _absolute(path: str) -> str:
    """PATH without what is relative: it would be looked for in the workspace, which may hold a stranger's programs."""
    return os.pathsep.join(entry for entry in path.split(os.pathsep) if entry.startswith("/"))


def filled(value: Any, model: str) -> Any:
    """`value` with the model's name where its texts say `{model}`."""
    if isinstance(value, str):
        return value.replace(_MODEL, model)
    if isinstance(value, Mapping):
        return {key: filled(inner, model) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [filled(inner, model) for inner in value]
    return value


def is_told_its_model(program: AgentProgram) -> bool:
    """Whether a program is told which model to use; otherwise it uses the one that it is set to."""
    told = program.command, program.fixed, program.meta
    return bool(filled(told, "") != filled(told, _MODEL))


def named_places(command: Sequence[str]) -> Iterator[Path]:
    """What a command names by absolute paths, which is to be seen inside the sandbox."""
    return (Path(word) for word in command[1:] if word.startswith("/") and "{" not in word)


def not_found(program: AgentProgram) -> str:
    """What to tell where the sandbox's shell does not find the program."""
    return _absent(program, ", or it is hidden in the sandbox")


def _absent(program: AgentProgram, perhaps: str) -> str:
    install = f"Install it with `{program.install}`" if program.install else "Install it"
    return f"There is no program `{program.command[0]}` on PATH{perhaps}. {install}, or choose another agent."
