"""The record of a run on disk: what was approved, what happened, what each agent changed, how it ended.

One folder per run under the state directory: `run.json` is replaced as a whole at every change of state, `events.jsonl`
only grows, `changes/<task>/` holds that task's change set: a list of its paths, and their contents. A reader never sees
half a record.
"""

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from agent_server.agents.backend import Event, Limits
from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.estimates.prices import Tokens
from agent_server.analysis.facts import BrokenContract, RunFacts, TaskFacts, TaskState, VerifyFacts
from agent_server.analysis.model import Contract
from agent_server.analysis.settings import Severity
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.changes import Change, ChangeKind, FileType
from agent_server.execution.event_log import EventPage, log_line, read_page
from agent_server.execution.lifecycle import ENDED, GOING_ON, WITH_WORK, RunState
from agent_server.plan.model import Budget, Landing
from agent_server.plan.text import Span

VERSION = 2
_NO_TOKENS = Tokens()
_RUN_ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")
_SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_CONTENT = re.compile(r"(?:file|executable|symlink)-[0-9a-f]{64}")
_LOG = "events.jsonl"
_CHANGES = "change-set.json"


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
    """What the agent itself says that it cost, where it does."""
    attempt: int = 1
    """Counts from 1. What earlier attempts did is in the store."""
    comment: str = ""
    """What the user said when the task was tried again; the agent is told."""
    landing: str = ""
    """The transaction in which it landed."""
    failed_check: bool = False
    """Its agent did the work, but it did not pass its check, so that nothing was built on it."""


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
    """The last commit of each landing that made a branch, by its transaction."""

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
        models = {task.id: task.model for task in self.approval.tasks if task.agent != "replay"}
        tasks = {
            name: TaskFacts(
                task.state,
                task.message,
                task.undeclared,
                models.get(name, ""),
                task.used if name in models else _NO_TOKENS,
            )
            for name, task in self.tasks.items()
        }
        return RunFacts(run=self.id, tasks=tasks, verify=self.verify, problem=self.problem)


def new_run_id() -> str:
    """A fresh id; ids sort by the time at which they were made."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def began(run: str) -> datetime:
    """When the run of that id was made, to a second; raises `ValueError` for what is no id."""
    return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)


class RunStore:
    """The runs of one workspace, in the folder `runs` of its state directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, run: str) -> Path:
        """The folder of one run."""
        return self.folder / run

    def changes_folder(self, run: str, task: str) -> Path:
        """Where the contents of one task's change set are kept."""
        # Ids that are no safe file names, or would be the same one where case is ignored, are hashed.
        return self.path(run) / "changes" / (task if _SAFE_NAME.fullmatch(task) else _key(task))

    def save(self, record: RunRecord) -> None:
        """Write the record, whole or not at all, and make it the latest of its plan."""
        folder = self.path(record.id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(folder / "run.json", json.dumps(_to_json(record), indent=1))
        latest = self.folder / "latest"
        latest.mkdir(exist_ok=True, mode=0o700)
        _replace(latest / _key(record.approval.plan), record.id)

    def append(self, run: str, task: str, seconds: float, event: Event) -> None:
        """Add one event to the run's log; `seconds` since the run began."""
        with (self.path(run) / _LOG).open("a", encoding="utf-8") as log:
            log.write(log_line(task, seconds, event))

    def events(self, run: str, task: str, after: int = 0) -> EventPage:
        """What the log tells of one task, from the byte `after` on: one page of it. Raises `OSError`."""
        return read_page(self.path(run) / _LOG, task, after)

    def save_changes(self, run: str, task: str, changes: Iterable[Change]) -> None:
        """Keep what one task would change; its contents are in the change set's folder already."""
        folder = self.changes_folder(run, task)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(folder / _CHANGES, json.dumps([_change_to_json(change) for change in changes], indent=1))

    def changes(self, run: str, task: str) -> tuple[Change, ...]:
        """What one task would change, sorted by path; nothing until its agent has ended, or where it cannot be read."""
        folder = self.changes_folder(run, task)
        try:
            entries = json.loads((folder / _CHANGES).read_text("utf-8"))
            return tuple(_change_from_json(entry, folder) for entry in entries)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ()

    def load(self, run: str) -> RunRecord | None:
        """The record of one run; None if there is none, or if it cannot be read. Any text may be asked for."""
        if not _RUN_ID.fullmatch(run):
            return None
        try:
            return _from_json(json.loads((self.path(run) / "run.json").read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def latest(self, plan: str) -> RunRecord | None:
        """The last run of the plan at that path."""
        return self._named_by(self.folder / "latest" / _key(plan))

    def recent(self, most: int) -> Iterator[RunRecord]:
        """The last runs of all plans, newest first, as far as they can be read; at most `most` of them."""
        try:
            names = sorted(entry.name for entry in os.scandir(self.folder) if _RUN_ID.fullmatch(entry.name))
        except OSError:
            return
        yield from filter(None, map(self.load, names[: -most - 1 : -1]))

    def under_way(self) -> tuple[RunRecord, ...]:
        """The plans' last runs that have not ended. For who holds the workspace's lock, their processes are dead."""
        try:
            files = [file for file in (self.folder / "latest").iterdir() if not file.name.startswith(".")]
        except OSError:
            return ()
        records = map(self._named_by, files)
        return tuple(record for record in records if record and record.state in GOING_ON)

    def _named_by(self, file: Path) -> RunRecord | None:
        """The record of the run whose id the file holds."""
        try:
            return self.load(file.read_text("utf-8"))
        except (OSError, ValueError):
            return None


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
    problem = f"The rest has landed, but not {', '.join(held)}: land it, try it again, or discard it." if held else ""
    return replace(
        record,
        state=RunState.HELD if held else RunState.LANDED,
        tasks=tasks,
        problem=problem,
        landings=(*record.landings, name),
        branch=branch or record.branch,
        commits={**record.commits, name: commit} if commit else record.commits,
    )


def _key(name: str) -> str:
    """A file name for a name that may hold anything."""
    return sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _replace(path: Path, text: str) -> None:
    """Atomically: a reader sees the old text or the new one, also after a crash."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _to_json(record: RunRecord) -> dict[str, Any]:
    return {"version": VERSION, **asdict(record)}


def _from_json(data: dict[str, Any]) -> RunRecord:
    if data["version"] != VERSION:
        raise ValueError(f"a record of version {data['version']}")
    approval = data["approval"]
    tasks = tuple(map(_approved_task, approval["tasks"]))
    return RunRecord(
        id=data["id"],
        approval=Approval(
            **{
                **approval,
                "tasks": tasks,
                "budget": Budget(**approval["budget"]),
                "limits": Limits(**approval["limits"]),
                "land": Landing(approval.get("land", Landing.TREE)),
                "unpriced": tuple(approval.get("unpriced", ())),
            }
        ),
        state=RunState(data["state"]),
        tasks={
            name: TaskRecord(
                **{
                    **task,
                    "state": TaskState(task["state"]),
                    "changed": tuple(task["changed"]),
                    "undeclared": tuple(task["undeclared"]),
                    "used": Tokens(**task.get("used", {})),
                }
            )
            for name, task in data["tasks"].items()
        },
        isolation=data["isolation"],
        verify=_verify(data["verify"]) if data["verify"] else None,
        problem=data["problem"],
        contracts=tuple(map(_contract, data.get("contracts", ()))),
        seconds=data["seconds"],
        landings=tuple(data.get("landings", ())),
        branch=data.get("branch", ""),
        commits=data.get("commits", {}),
    )


def _approved_task(data: dict[str, Any]) -> ApprovedTask:
    return ApprovedTask(**{**data, "writes": tuple(data["writes"]), "after": tuple(data.get("after", ()))})


def _verify(data: dict[str, Any]) -> VerifyFacts:
    problems = tuple(
        BuildProblem(**{**each, "severity": Severity(each["severity"]), "tasks": tuple(each["tasks"])})
        for each in data.get("problems", ())
    )
    broken = tuple(BrokenContract(**{**each, "tasks": tuple(each["tasks"])}) for each in data.get("broken", ()))
    names = {name: tuple(data.get(name, ())) for name in ("failing", "passing")}
    return VerifyFacts(**{**data, **names, "problems": problems, "broken": broken})


def _change_to_json(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in ("path", "kind", "type", "base", "new")}


def _change_from_json(data: dict[str, Any], folder: Path) -> Change:
    new = data["new"]
    if new is not None and not _CONTENT.fullmatch(new):
        raise ValueError(f"{new} is no content of a change set")
    kind, file_type = ChangeKind(data["kind"]), FileType(data["type"])
    return Change(data["path"], kind, file_type, data["base"], new, folder / new if new else None)


def _contract(data: dict[str, Any]) -> Contract:
    lists = {name: tuple(data[name]) for name in ("names", "otherwise")}
    return Contract(**{**data, **lists, "span": Span(**data["span"])})
