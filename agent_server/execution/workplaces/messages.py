"""What the daemon and a worker say to each other about one attempt.

The daemon gives an `Order` with the Dask task, and gets a `Report` as its result. While the agent works, letters go to
the daemon through a Dask queue, each with the token of the play that it is from:

    [token, kind, content]

`began`: from now on this play is the one that counts. `forked`: its sandbox is there. `event`: what the agent does.
`base`: the worker does not see the base and wants it; content is the name of a queue for it, and the digests that the
worker has. What it gets is the digest of the base's archive and, where that is none of those, its bytes in pieces, and
`b""` behind them.
The daemon itself puts `None` where nothing more is to be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import msgspec

from agent_server import __version__
from agent_server.agents.backend import Brief, Event, Outcome
from agent_server.execution.approval import ApprovedTask
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.workplaces.packed_changes import PackedChanges
from agent_server.settings import ExecutionSettings

PIECE = 8_000_000
"""How many bytes of a base travel at once."""

PIECES_AHEAD = 2
"""How many pieces may wait for a worker, so that a base is never as a whole in somebody's memory."""


@dataclass(frozen=True, slots=True)
class BasePlace:
    """Where the daemon has the base: `mark` is written in the file `base-id` of its state directory `state`.

    Who sees that mark there sees this base, and no other; it is gone when the base is.
    """

    state: Path
    workspace: Path
    mark: str

    @property
    def mark_file(self) -> Path:
        """The file with the mark."""
        return self.state / "base-id"

    def is_here(self) -> bool:
        """Whether this process sees the base. Reads the disk."""
        try:
            return self.mark_file.read_text("ascii") == self.mark
        except (OSError, ValueError):
            return False


@dataclass(frozen=True, slots=True)
class Order:
    """One attempt, as it is given to a worker. `key` names its event and its queues, and begins its Dask tasks' keys.

    `number` counts how often it was given out.

    There is no key of a model's provider in it: those are in the worker's own environment.
    """

    key: str
    approved: ApprovedTask
    brief: Brief
    expected_seconds: float
    settings: ExecutionSettings
    inherited: PackedChanges
    base: BasePlace
    isolation: Isolation | None
    number: int = 1
    version: str = __version__

    @property
    def task_key(self) -> str:
        """The key of the Dask task."""
        return f"{self.key}-{self.number}"

    @property
    def letters(self) -> str:
        """The name of the queue to the daemon."""
        return f"{self.key}-letters"


@dataclass(frozen=True, slots=True)
class Report:
    """How one play of an attempt ended. `token` is the play's, `transcript` the text of one, where it was recorded."""

    token: str
    outcome: Outcome
    changes: PackedChanges
    transcript: str = ""


_EVENTS: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


def event_out(event: Event) -> list[Any]:
    """The event in the plain values that a queue takes."""
    return [type(event).__name__, msgspec.to_builtins(event)]


def event_in(values: Any) -> Event:
    """The event that `event_out` wrote; raises `ValueError` for anything else."""
    try:
        kind, fields = values
        return msgspec.convert(fields, _EVENTS[kind])
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise ValueError(f"That is no event: {values!r}") from error
