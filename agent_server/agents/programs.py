"""A program that is an agent, or that an agent uses: what to start, and what it is like while it runs.

The sandbox starts it, and is what holds it: this module only says what is wanted.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)


def is_secret(variable: str) -> bool:
    """Whether an environment variable of that name holds something that nobody else may see."""
    return _SECRET.search(variable) is not None


class ProgramError(Exception):
    """A program cannot be started in the sandbox. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to start in a sandbox, at the root of its tree.

    Of `environ`, the user's whole environment, only what a build needs is passed on, and never a key. What the program
    is given beyond that, keys included, stands in `variables`: nothing else in the sandbox ever sees those.

    `logins` are files or folders below the user's home, as paths relative to it, that the program finds at their place
    in its own private home, read-only where the sandbox can do that. `shown` are places of the host that it needs to
    run, where they would be hidden. Without `network` it reaches no other host, nor this one.
    """

    command: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    logins: tuple[str, ...] = ()
    shown: tuple[Path, ...] = ()
    network: bool = True


class RunningProgram(Protocol):
    """A program that runs in a sandbox. Its streams are pipes; who reads `output` sees its end when it ends."""

    @property
    def given(self) -> asyncio.StreamWriter:
        """Where to write what it reads on its standard input."""

    @property
    def output(self) -> asyncio.StreamReader:
        """What it writes to its standard output."""

    @property
    def errors(self) -> str:
        """The end of what it wrote to its standard error so far, as text."""

    async def wait(self) -> int:
        """Its exit status, once it and all that it started are dead; 128 plus the signal where one ended it."""

    async def end(self) -> None:
        """Kill it and all that it started, and wait until that is dead."""


class Written(Protocol):
    """One path that a program changed, relative to the root of its tree."""

    @property
    def path(self) -> str:
        """Where."""

    @property
    def kind(self) -> str:
        """`create`, `modify` or `delete`."""

    @property
    def type(self) -> str:
        """What stands there now: `file`, `executable` or `symlink`."""

    @property
    def content(self) -> Path | None:
        """A file that holds the new bytes, or the target of a symbolic link; None for a delete."""
