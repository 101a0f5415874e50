"""The interface between a run and whatever plays the agent."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from agent_server.agents.programs import Program, RunningProgram, Written
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.settings import Tier


@dataclass(frozen=True, slots=True)
class Limits:
    """What one agent may use. `None` is no limit. Seconds are wall-clock; tokens are input and output together."""

    seconds: float | None = 3600.0
    tokens: int | None = None
    turns: int = 200


@dataclass(frozen=True, slots=True)
class Brief:
    """All that one agent is told, and all that it may do.

    `prompt` is complete and stands alone. `writes` is the set of paths, relative to the sandbox's root, that the
    agent may create, change or delete. `model` is a model id, `tier` the step it was chosen for.
    """

    task: str
    title: str
    prompt: str
    writes: PathSet
    model: str
    tier: Tier
    limits: Limits = Limits()


class ToolStatus(StrEnum):
    """How a tool call ended."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Said:
    """The agent said something."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The agent used a tool: `kind` is the tool's name (`read`, `write`, `edit`, ...), `paths` what it touched."""

    kind: str
    paths: tuple[str, ...]
    status: ToolStatus


@dataclass(frozen=True, slots=True)
class Denied:
    """The agent wanted a path that its brief does not give it. `path` is as the agent wrote it."""

    kind: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens that one exchange with a model used.

    Of the input tokens, a cache held `cache_read_tokens`, and took `cache_write_tokens` in.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    usd: float | None = None
    """What the agent itself says that this cost, with all that came before it and told no cost; None if it does not."""


@dataclass(frozen=True, slots=True)
class Retrying:
    """The backend tries again after a fault that may pass. `attempt` counts from 1."""

    attempt: int
    reason: str


Event = Said | ToolCall | Denied | Used | Retrying
Emit = Callable[[Event], None]


class OutcomeKind(StrEnum):
    """How an agent ended."""

    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    MAX_TURNS = "max-turns"
    OVER_BUDGET = "over-budget"
    TIMED_OUT = "timed-out"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one agent. `message` is for the user: what happened and, where it was not done, what to do.

    `retryable`: the same brief may well succeed when tried again later.
    """

    kind: OutcomeKind
    message: str = ""
    retryable: bool = False


class Workbench(Protocol):
    """The tree that one agent works on: a private view of the workspace, in a sandbox."""

    @property
    def root(self) -> Path:
        """Where this process reaches the tree. Never to be resolved; to be asked anew when a program has started."""

    @property
    def place(self) -> Path:
        """Where programs in the sandbox find the tree, an absolute path."""

    def program(self, program: Program) -> AbstractAsyncContextManager[RunningProgram]:
        """Run a program in the sandbox, one at a time. It and all that it started are dead when the block is left.

        While it runs, `root` shows the tree as the program sees it, from the moment on that it has written something.
        Raises `ProgramError` where it cannot be started.
        """

    async def changes(self, store: Path) -> Sequence[Written]:
        """All that differs from the tree as it was at first, sorted by path; contents are copied into `store`."""


class Backend(Protocol):
    """Something that can carry out a brief.

    `run` raises nothing but `asyncio.CancelledError`: every fault becomes an `Outcome`. Cancelling the task that
    awaits it stops the agent; what it wrote so far stays in the workbench.
    """

    @property
    def name(self) -> str:
        """The name that plans and settings use."""

    @property
    def runs(self) -> str:
        """The command line of the program that the agent is, its words quoted as in a shell; empty for none."""

    @property
    def problem(self) -> str:
        """Why it can carry out nothing on this host, and what to do; empty where nothing of that is known. Cheap."""

    async def run(self, brief: Brief, workbench: Workbench, emit: Emit) -> Outcome:
        """Carry out `brief` on `workbench`, telling `emit` what happens."""
