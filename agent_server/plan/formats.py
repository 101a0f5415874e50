"""The plan formats that Agent Server reads. A new one is a module with a `parse`, and a line in `READERS`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent_server.plan import native
from agent_server.plan.model import Plan, Problem


class Parse(Protocol):
    """Reads a text: the plan, and its problems. An earlier version of the plan may save work; it changes no answer."""

    def __call__(self, text: str, before: Plan | None = None, /) -> tuple[Plan, tuple[Problem, ...]]:
        """Never raises, whatever the text."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one format. `matches` takes a `/`-separated path or a bare file name."""

    name: str
    matches: Callable[[str], bool]
    parse: Parse


def _is_native(path: str) -> bool:
    return path.lower().endswith(".plan.md")


READERS: tuple[Reader, ...] = (Reader(native.FORMAT, _is_native, native.parse),)
"""Every reader, the most specific first."""


def reader_for(path: str) -> Reader | None:
    """The reader for the file at `path`, or None when it is no plan."""
    return next((reader for reader in READERS if reader.matches(path)), None)


def is_plan(path: str) -> bool:
    """Whether some reader takes the file at `path`."""
    return reader_for(path) is not None
