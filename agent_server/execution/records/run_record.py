"""How a run stands, as a value: what was approved, how each task stands, how it ended. Kept by `record.py`."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import RunFacts, TaskFacts, TaskState, VerifyFacts
from agent_server.analysis.model import Contract
from agent_server.execution.approval import Approval
from agent_server.execution.runs.lifecycle import ENDED, WITH_WORK, RunState

_NO_TOKENS = Tokens()
_SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_RUN_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """How one task of a run stands. `changed` and `undeclared` are paths; `tokens` are all that it `used`."""

    state: TaskState = TaskState.WAITING
    message: str = ""
    changed: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    tokens: int = 0
    seconds: float = 0.0
    used: Tokens = _NO_TOKENS
    usd: float | None = None
    """What the agent itself reports that it cost, where it does."""
    attempt: int = 1
    """Counts from 1. What earlier attempts did is in the store."""
    comment: str = ""
    """What the user said when the task was tried again; the agent is told."""
    landing: str = ""
    """The transaction in which it landed."""
    failed_check: bool = False
    """Its agent did the work, but it did not pass its check, so that nothing was built on it."""
    began: float | None = None
    """When its agent began, in seconds from the run's beginning without the time for which that was held."""
    unreported: Tokens = _NO_TOKENS
    """Of what it `used`, the tokens since it last reported a cost: a new attempt has reported nothing yet."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """How a run stands. `isolation` is what held the agents to their files; `problem` is why it did not land."""

    id: str
    approval: Approval
    state: RunState
    tasks: Mapping[str, TaskRecord]
    isolation: str = ""
    verify: VerifyFacts | None = None
    problem: str = ""
    contracts: tuple[Contract, ...] = ()
    """What tasks of the wave were allowed to rely on before it was written, as it was predicted when the run began."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    """How long each phase took: `preparing`, `running`, `verifying`, `landing`."""

    landings: tuple[str, ...] = ()
    """The transactions in which parts of it have landed, in their order; each can be undone."""

    branch: str = ""
    """The last branch with its commits, where it landed as such."""

    commits: Mapping[str, str] = field(default_factory=dict)
    """The last commit of each landing on a branch, by its transaction."""

    onto: Mapping[str, str] = field(default_factory=dict)
    """The commit that each landing on a branch built on, by its transaction; empty where it made the branch."""

    series: str = ""
    """The id of the run with which this run of the plan began: its own, or that of an earlier wave. See `series.py`."""

    open_tasks: tuple[str, ...] = ()
    """The tasks of the plan that were open when it was launched, its own among them."""

    def __post_init__(self) -> None:
        """A run that continues no other one begins a series."""
        if not self.series:
            object.__setattr__(self, "series", self.id)

    @property
    def next_landing(self) -> str:
        """The name of the transaction in which the next part of it lands."""
        return f"{self.id}.{len(self.landings) + 1}" if self.landings else self.id

    @property
    def landed(self) -> tuple[str, ...]:
        """The tasks that have landed."""
        return tuple(name for name, task in self.tasks.items() if task.state is TaskState.LANDED)

    def facts(self) -> RunFacts:
        """What the rules about runs need to know."""
        tasks = {name: TaskFacts(task.state, task.message, task.undeclared) for name, task in self.tasks.items()}
        return RunFacts(run=self.id, tasks=tasks, verify=self.verify, problem=self.problem)


def new_run_id() -> str:
    """A fresh id; ids sort by the second in which they were made."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def contents_folder(run: Path, task: str) -> Path:
    """Where the contents of one task's change sets are kept, below the folder of a run."""
    # Ids that are no safe file names, or would be the same one where case is ignored, are hashed.
    safe = task if _SAFE_NAME.fullmatch(task) else sha256(task.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return run / "changes" / safe


def is_run_id(text: str) -> bool:
    """Whether the text has the form of an id; it may come from anywhere."""
    return _RUN_ID.fullmatch(text) is not None


def began(run: str) -> datetime:
    """When the run of that id was made, to a second; raises `ValueError` for what is no id."""
    return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


def after_crash(record: RunRecord, *, landed: bool, branch: str = "", commit: str = "") -> RunRecord:
    """The record of a run whose process died, once it is known whether its `next_landing` was completed.

    What agents had finished is held. `branch` and `commit` are as in `with_landing`.
    """
    if landed:
        return with_landing(record, branch, commit)
    message = "The server stopped while this task was under way."
    tasks = {
        name: task
        if task.state in ENDED
        else replace(task, state=TaskState.HELD)
        if task.state in WITH_WORK
        else replace(task, state=TaskState.FAILED, message=message)
        for name, task in record.tasks.items()
    }
    held = any(task.state is TaskState.HELD for task in tasks.values())
    problem = "The server stopped in the middle of the run."
    if held:
        problem += " What was finished by then is held: try the rest again, land it, or discard it."
    return replace(record, state=RunState.HELD if held else RunState.FAILED, tasks=tasks, problem=problem)


def with_landing(record: RunRecord, branch: str = "", commit: str = "") -> RunRecord:
    """The record once all that was on its way has landed. It stays held for as long as it holds work of other tasks.

    `branch` is where it landed, if not in the tree, and `commit` the last one there.
    """
    name = record.next_landing
    tasks = {
        each: replace(task, state=TaskState.LANDED, landing=name) if task.state is TaskState.VERIFYING else task
        for each, task in record.tasks.items()
    }
    held = [f"`{each}`" for each, task in tasks.items() if task.state is TaskState.HELD]
    what = f"What {', '.join(held)} made is held: land it, try it again, or discard it."
    problem = f"The rest has landed. {what}" if held else ""
    return replace(
        record,
        state=RunState.HELD if held else RunState.LANDED,
        tasks=tasks,
        problem=problem,
        landings=(*record.landings, name),
        branch=branch or record.branch,
        commits={**record.commits, name: commit} if commit else record.commits,
    )
