"""The interface of a sandbox: a private tree over the frozen base, what changed in it, and commands that run in it."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from agent_server.agents.programs import Program, RunningProgram
from agent_server.execution.changes.changes import Change
from agent_server.execution.state import StateError


class SandboxError(Exception):
    """A base or a sandbox cannot be made or used. The message is for the user."""


def in_words(error: Exception) -> str:
    """Why something did not go, as a sentence for the user. What the system itself says names a file and a reason."""
    if not isinstance(error, OSError) or isinstance(error, StateError):
        return str(error)
    where = f"`{os.fsdecode(error.filename)}`: " if isinstance(error.filename, str | bytes) else ""
    return f"{where}{error.strerror or error}."


class Isolation(StrEnum):
    """How sandboxes are kept apart from each other and from the workspace.

    OVERLAY: a copy-on-write mount in namespaces of its own; commands see it at the workspace's own path, on a host that
    is read-only, without the user's home. WORKTREE: ordinary files in the state directory, which Git writes out of a
    shadow repository; commands run among them as the user, with a private HOME, and nothing but goodwill keeps them
    inside. COPY: the same, copied without Git. In none does a process outlive its command, or this server (in a
    worktree or a copy on Linux alone: elsewhere a process may leave its session).
    """

    OVERLAY = "overlay"
    WORKTREE = "worktree"
    COPY = "copy"


class Network(StrEnum):
    """Who in the sandboxes of a run reaches the network: everybody, the agents' programs alone, or nobody.

    Where it is cut, there is still a loopback device of the sandbox's own.
    """

    ON = "on"
    AGENTS = "agents"
    OFF = "off"

    @property
    def commands(self) -> bool:
        """Whether commands, such as that of a verification, reach it."""
        return self is Network.ON

    @property
    def programs(self) -> bool:
        """Whether programs that are agents reach it."""
        return self is not Network.OFF


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended. `exit_status` is 128 plus the signal where one ended it.

    `output` is the tail of what it wrote, standard output and error together; `command.OUTPUT_LIMIT` says how much.
    """

    exit_status: int
    output: str
    timed_out: bool


class Sandbox(Protocol):
    """One private tree. Its coroutines run on one event loop, one at a time.

    In an overlay, `root` goes through the `root` of a process in `/proc`, a link that the kernel follows but that reads
    as `/`. **Never resolve it**: `os.path.realpath` and `Path.resolve` would lead to the live workspace. Walk from a
    descriptor of `root`, with `O_NOFOLLOW`. Ask for `root` anew after `execute`, and keep no descriptor below it across
    that.
    """

    @property
    def root(self) -> Path:
        """Where this process reaches the tree. In an overlay the tree's own programs see it at the workspace's path."""

    @property
    def place(self) -> Path:
        """Where programs in the sandbox find the tree: in an overlay at the workspace's path."""

    @property
    def isolation(self) -> Isolation:
        """How this sandbox is kept apart."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """What the last `changes` left out, because it never lands: Git's own files, sockets, pipes, devices."""

    async def changes(self, store: Path) -> tuple[Change, ...]:
        """All that differs from what it was forked with, sorted by path; contents are copied into the folder `store`.

        A file that was touched, or deleted and made again with the same bytes, is no change; neither is a directory
        without files. A renamed file is a delete and a create. Raises `SandboxError`.
        """

    async def apply(self, changes: Sequence[Change]) -> None:
        """Write a change set into the tree. Raises `SandboxError`, also for a path that leaves the tree."""

    async def execute(  # noqa: PLR0913  # as many things can be said of a command, each by its name
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        timeout: float,  # noqa: ASYNC109  # running out of time is an outcome here, not an exception
        on_output: Callable[[str], None] | None = None,
        network: bool = True,
        keep: bool = True,
    ) -> Completed:
        """Run a command at the root of the tree and wait for it, `timeout` seconds at most.

        Of `env` only what a build needs reaches the command, and never a key or a token (`host_view.scrubbed`); HOME
        and the temporary directory are private to the sandbox. Each line goes to `on_output` without its line end, on
        the event loop; it must not raise. All processes of the command are dead when this returns, or is
        cancelled. Without `network`, or where the base cuts it, the command reaches no host but a loopback device of
        its own. Without `keep`, all that can be done with the sandbox afterwards is to close it. Raises `SandboxError`
        where the command cannot be started, or where the network cannot be cut.
        """

    def program(self, program: Program) -> AbstractAsyncContextManager[RunningProgram]:
        """See `Workbench.program`. While it runs, `execute` cannot be used."""

    async def close(self) -> None:
        """Remove the tree. What was copied into a store stays. Closing twice does nothing."""
