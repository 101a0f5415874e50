"""The backend for agents that speak the Agent Client Protocol: a program in the sandbox, talked to over its pipes.

What such an agent may do is held by the sandbox, and by the harvest after it. That it asks before it writes, and reads
and writes through us, is early feedback: an agent need not. The protocol's package takes half a second to load, so it
is loaded when the first such agent starts, in a thread.
"""

import asyncio
import re
import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from agent_server.agents.backend import Brief, Emit, Outcome, OutcomeKind, Said, Workbench
from agent_server.agents.meter import timed_out
from agent_server.agents.programs import Program, ProgramError, RunningProgram
from agent_server.settings import AgentProgram

_MODEL = "{model}"
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)
_SHORTEST_SECRET = 8


@dataclass(frozen=True, slots=True)
class Agent:
    """Who is talked to. `has_key`: it was given a variable that may hold a key."""

    name: str
    program: AgentProgram
    has_key: bool


Converse = Callable[[Agent, Brief, Workbench, RunningProgram, Emit], Awaitable[Outcome]]
"""What carries out a brief by talking to an agent that runs."""


class AcpBackend:
    """Carries out briefs with a program that speaks the Agent Client Protocol, version 1."""

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
        """The command line that will run."""
        return shlex.join(self._program.command)

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Carry out `brief` on `workbench`."""
        try:
            async with asyncio.timeout(brief.limits.seconds):
                outcome = await self._run(brief, workbench, self._hearing(emit))
        except TimeoutError:
            return timed_out(brief.limits)
        except ProgramError as error:
            return Outcome(OutcomeKind.ERROR, f"`{self._name}` could not be started. {error}")
        except OSError as error:
            return Outcome(OutcomeKind.ERROR, f"`{self._name}` could not be started. {error.strerror}.")
        return replace(outcome, message=self._without_secrets(outcome.message))

    async def _run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        converse = await asyncio.to_thread(_load)
        program = self._wanted(brief.model)
        agent = Agent(self._name, self._program, has_key=bool(self._variables()))
        async with workbench.program(program) as running:
            return await converse(agent, brief, workbench, running, emit)

    def _wanted(self, model: str) -> Program:
        """The program to start."""
        fixed = {name: value.replace(_MODEL, model) for name, value in self._program.fixed.items()}
        return Program(
            command=tuple(word.replace(_MODEL, model) for word in self._program.command),
            environ=self._environ,
            variables={**fixed, **self._variables()},
            logins=self._program.logins,
            network=self._network,
        )

    def _variables(self) -> dict[str, str]:
        return {name: self._environ[name] for name in self._program.variables if self._environ.get(name)}

    def _hearing(self, emit: Emit) -> Emit:
        """As `emit`: an agent that prints its environment must not have its key shown, nor recorded."""
        return lambda event: emit(Said(self._without_secrets(event.text)) if isinstance(event, Said) else event)

    def _without_secrets(self, text: str) -> str:
        for name, value in self._variables().items():
            if _SECRET.search(name) and len(value) >= _SHORTEST_SECRET:
                text = text.replace(value, "***")
        return text


def _load() -> Converse:
    from agent_server.agents.acp_session import converse  # noqa: PLC0415  # loads the protocol's package

    return converse
