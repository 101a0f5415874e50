"""Where and how a run takes place."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.analysis.estimates.prices import Price
from agent_server.execution.landing.landing import Lander
from agent_server.execution.records.record import RunStore
from agent_server.execution.sandboxes.isolation import Isolation
from agent_server.execution.state import StateDirectory
from agent_server.execution.workplaces import OpenWorkplace
from agent_server.execution.workplaces.local import LocalWorkplace


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where and how a run takes place.

    `unsaved` answers, at the moment of landing, which files have unsaved editor buffers. `isolation` forces one kind of
    sandbox. `disk` has one thread, so that the record follows the order of events while the loop never waits for the
    disk. `prices` are what models cost. `workplace` opens where the agents work, over the frozen base. Seconds are
    wall-clock. With `bisect`, the tasks behind a failed verification are sought; `paths` are the workspace's files, in
    which its output may find problems.
    """

    root: Path
    state: StateDirectory
    store: RunStore
    lander: Lander
    disk: Executor
    environ: Mapping[str, str]
    verify_seconds: float
    isolation: Isolation | None = None
    bisect: bool = True
    paths: Collection[str] = ()
    unsaved: Callable[[], frozenset[str]] = frozenset
    prices: Mapping[str, Price] = field(default_factory=dict)
    workplace: OpenWorkplace = LocalWorkplace
