"""Which version of our own messages a client is spoken to in: the older of the two sides' newest. Pure.

A version's third number changes no message, so it does not count. Before 1.0 every second number may change them.
"""

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from agent_server.analysis.facts import TaskState
from agent_server.execution.runs.lifecycle import RunState
from agent_server.lsp import messages
from agent_server.lsp.messages import ADDED, SINCE, STATUS, VERSION, AgentServerCapabilities, ExperimentalCapabilities

_NUMBERS = re.compile(r"([0-9]{1,4})\.([0-9]{1,4})(?:\.|\Z)")


@dataclass(frozen=True, order=True, slots=True)
class Version:
    """A version of the protocol. The newer one is the greater one."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.0"

    def has(self, method: str) -> bool:
        """Whether this version has a message of ours; what another message has replaced counts no more."""
        replaced = _REPLACED.get(method)
        return _read(SINCE[method]) <= self and (replaced is None or self < replaced)

    @property
    def tells_steps(self) -> bool:
        """Whether reports of runs say how these can go on, and when each agent began."""
        return self >= _WITH_STEPS

    def run_state(self, state: RunState) -> messages.RunState:
        """How a run's state is called in this version."""
        return state.value if self._knows("RunState", state.value) else _ENDED

    def task_state(self, state: TaskState) -> messages.TaskState:
        """How a task's state is called in this version."""
        return state.value if self._knows("TaskState", state.value) else _ENDED

    def _knows(self, enumeration: str, value: str) -> bool:
        since = ADDED[enumeration].get(value)
        return since is None or _read(since) <= self

    @property
    def capabilities(self) -> ExperimentalCapabilities:
        """What the answer to `initialize` says in `capabilities.experimental`."""
        return ExperimentalCapabilities(agent_server=AgentServerCapabilities(version=str(self)))


def negotiated(experimental: object) -> Version:
    """The version to speak with a client. `experimental` is what it says in `capabilities.experimental`, if anything.

    A client that names none, or none that can be read, is one of 0.1: those were built before there was a choice.
    """
    try:
        said = msgspec.convert(experimental, ExperimentalCapabilities).agent_server
    except msgspec.ValidationError:
        return OLDEST
    if said is None or not _NUMBERS.match(said.version):
        return OLDEST
    return max(OLDEST, min(NEWEST, _read(said.version)))


def _read(text: str) -> Version:
    found = _NUMBERS.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no version.")
    return Version(int(found[1]), int(found[2]))


OLDEST = Version(0, 1)
NEWEST = _read(VERSION)

_ENDED: Final = "cancelled"  # all versions have it, and nothing follows it by itself

_REPLACED = {STATUS: Version(0, 2)}

_WITH_STEPS = Version(0, 4)
