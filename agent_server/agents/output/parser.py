"""The interface of a parser of a program's output, and what the parsers share."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from agent_server.agents.backend import Event, Outcome


@dataclass(frozen=True, slots=True)
class Turn:
    """The agent has begun another exchange with its model."""


Heard = Event | Turn | Outcome
"""What a line may tell. An `Outcome` says that the agent has ended, whatever its program still does."""


class OutputParser(Protocol):
    """Reads one agent's output, line by line, for that agent alone. It never raises, whatever the line."""

    def read(self, line: str) -> Iterable[Heard]:
        """What a line tells, without its line end."""

    @property
    def last_words(self) -> str:
        """The last that the agent said; empty where it said nothing."""

    @property
    def failure(self) -> str:
        """What kept the agent from its work, where its program would not say so by its exit status; else empty."""


def json_object(line: str) -> dict[str, Any]:
    """The JSON object that a line is; an empty one for any other line: programs also warn on their output."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing where it is none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def number(table: object, name: str) -> int:
    """A count in a table; 0 where there is none."""
    value = table.get(name) if isinstance(table, dict) else None
    return value if type(value) is int and value > 0 else 0


def amount(value: object) -> float | None:
    """An amount of money; None where the value is none."""
    is_amount = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
    return float(value) if is_amount else None  # type: ignore[arg-type]  # see above


def shown(path: str, place: Path) -> str:
    """A path as the user knows it: relative to the tree, which the program finds at `place`, where it is in there."""
    try:
        return PurePosixPath(path).relative_to(place).as_posix()
    except ValueError:
        return path
