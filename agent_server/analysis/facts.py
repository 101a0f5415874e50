"""What the last run of a plan left behind, as values: the executor writes them, the rules about runs read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.estimates.past_runs import NO_HISTORY, History


class TaskState(StrEnum):
    """The states of a task within a run. The allowed moves between them are `execution/runs/lifecycle.py`'s table."""

    WAITING = "waiting"
    PREPARING = "preparing"
    RUNNING = "running"
    FINISHED = "finished"
    VERIFYING = "verifying"
    LANDED = "landed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    HELD = "held"
    """Finished, but not landed: its wave failed to verify or to land. Its change set is kept."""
    DISCARDED = "discarded"
    """Somebody decided that its change set shall not land."""
    UNDONE = "undone"
    """It had landed, and was taken back."""

    @property
    def word(self) -> str:
        """What people read. Records and messages say `cancelled` of what people call stopped."""
        return "stopped" if self is TaskState.CANCELLED else self.value


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """How one task of the last run went. `undeclared` are the paths that it changed outside its write set."""

    state: TaskState
    message: str = ""
    undeclared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenContract:
    """`producer` did not write what `tasks` were allowed to rely on in advance: something of `path`, or all of it."""

    producer: str
    tasks: tuple[str, ...]
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class VerifyFacts:
    """How the last verification went. `output` is the end of what the command printed, `problems` what it says.

    `failing` is a smallest set of tasks whose work fails together, where that was sought and found; without any task,
    and `base_fails`, the workspace does not pass as it is. `passing` are tasks whose work was verified without the
    others', and passed.
    """

    command: str
    passed: bool
    output: str = ""
    problems: tuple[BuildProblem, ...] = ()
    failing: tuple[str, ...] = ()
    base_fails: bool = False
    passing: tuple[str, ...] = ()
    is_smallest: bool = True
    """False where the search ended before it was known that each of `failing` is needed for the failure."""
    passed_again: bool = False
    """It passed when it was tried once more with the same work: how it ends is a matter of chance."""

    broken: tuple[BrokenContract, ...] = ()
    """What tasks were promised by others and did not get. No `command` was tried then: it is empty."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The last run of one plan. `approved_digest` is the digest of the plan's text as it was approved.

    `approved_waves` are the waves (counted from 1) that are approved and have not run yet. `unsaved` are the paths
    whose editor buffers differ from the disk. `problem` says why a run that finished did not land.
    """

    run: str = ""
    approved_digest: str | None = None
    approved_waves: tuple[int, ...] = ()
    tasks: Mapping[str, TaskFacts] = field(default_factory=dict)
    verify: VerifyFacts | None = None
    unsaved: frozenset[str] = frozenset()
    problem: str = ""
    history: History = NO_HISTORY
    """What the runs of this workspace took, of all its plans."""

    @property
    def waits(self) -> bool:
        """Whether the run holds work, so that somebody has to decide about it."""
        return any(task.state is TaskState.HELD for task in self.tasks.values())


NO_FACTS = RunFacts()
