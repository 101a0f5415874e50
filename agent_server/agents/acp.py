"""The backend for agents that speak the Agent Client Protocol: a program in the sandbox, talked to over its pipes.

What such an agent may do is held by the sandbox, and by the harvest after it. That it asks before it writes, and reads
and writes through us, is early feedback: an agent need not. The protocol's package takes half a second to load, so it
is loaded when the first such agent starts, in a thread.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent_server.agents.backend import Brief, Emit, Outcome, Workbench
from agent_server.agents.program_backend import ProgramBackend, filled
from agent_server.agents.programs import RunningProgram
from agent_server.settings import AgentProgram


@dataclass(frozen=True, slots=True)
class Agent:
    """Who is talked to. `has_key`: it was given a variable that may hold a key, which `masked` leaves out of texts."""

    name: str
    program: AgentProgram
    has_key: bool
    masked: Callable[[str], str]


Converse = Callable[[Agent, Brief, Workbench, RunningProgram, Emit], Awaitable[Outcome]]
"""What carries out a brief by talking to an agent that runs."""


class AcpBackend(ProgramBackend):
    """Carries out briefs with a program that speaks the Agent Client Protocol, version 1."""

    def _words(self, brief: Brief, _place: Path) -> Iterator[str]:
        _load()  # while nobody waits for an answer yet
        yield from (filled(word, brief.model) for word in self._program.command)

    async def _talk(self, brief: Brief, workbench: Workbench, running: RunningProgram, emit: Emit) -> Outcome:
        agent = Agent(self._name, self._program, bool(self._given), self._masked)
        return await _load()(agent, brief, workbench, running, emit)


def _load() -> Converse:
    from agent_server.agents.acp_session import converse  # noqa: PLC0415  # loads the protocol's package

    return converse
