"""Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`.

A field that may be left out is None where it is, and is not sent then. `msgspec.convert` makes a message from decoded
JSON, and raises `msgspec.ValidationError` where that does not fit.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

VERSION: Final = "0.4.0"
"""The newest version of the protocol."""

UInteger = Annotated[int, Meta(ge=0, le=2_147_483_647)]
"""LSP's `uinteger`."""

SUBSCRIBE: Final = "agentServer/subscribe"
"""Ask to be told of runs, of the server's status, or of both, from now on.

It replaces what was asked before, so `false` twice ends it. The answer holds the runs as they stand, and no
`agentServer/runState` is sent before it.
"""

SCHEDULE: Final = "agentServer/schedule"
"""The waves of a plan, and why they are so.

Null where the document is no plan, or its workspace is still being listed.
"""

TRANSCRIPT: Final = "agentServer/transcript"
"""What the agent of a task said and did.

A long transcript comes in parts: ask again from `next` on until it is `complete`.
"""

CHANGE_SET: Final = "agentServer/changeSet"
"""The files that a run would change, or has changed, with where to read what is proposed for each."""

CONTENT: Final = "agentServer/content"
"""The text of a read-only document of ours, whose URI begins with `agent-server:`.

For clients that do not know `workspace/textDocumentContent` (LSP 3.18).
"""

PLANS: Final = "agentServer/plans"
"""All plans of the client's workspaces, closed ones too.

With their tasks and how their last runs stand, they are what a list of plans shows.
"""

APPROVAL: Final = "agentServer/approval"
"""What would happen if a wave were launched.

It is for clients that show that in their own way. Nothing is approved by asking. The error `RequestFailed` says why a
wave cannot be launched.
"""

HAZARDS: Final = "agentServer/hazards"
"""Why tasks of a plan may not run at once, as a picture of its conflicts shows it.

Null where the document is no plan, or its workspace is still being listed.
"""

STATUS: Final = "agentServer/status"
"""How a run stands.

Sent to every client of 0.1 at each change of state, and at most ten times a second in between; the last one of a run
has a final state or `held`.
"""

SERVER_STATUS: Final = "agentServer/serverStatus"
"""How the server is. Sent to clients that subscribed to it, at once and at each change."""

RUN_STATE: Final = "agentServer/runState"
"""How a run stands, whoever launched it.

Sent to clients that subscribed to runs, at each change of state, and at most ten times a second in between; the last
one of a run has a final state or `held`. Each holds the whole run, so a client that misses some is right again with
the next.
"""

PLANS_CHANGED: Final = "agentServer/plansChanged"
"""What `agentServer/plans` answers may be another now, of these plans.

Sent to clients that subscribed to plans, a few times a second at most.
"""

RunState = Literal[
    "preparing",
    "running",
    "verifying",
    "landing",
    "landed",
    "held",
    "cancelled",
    "failed",
    "discarded",
    "undone",
]
"""Where a run stands."""

TaskState = Literal[
    "waiting",
    "preparing",
    "running",
    "finished",
    "verifying",
    "landed",
    "failed",
    "cancelled",
    "held",
    "discarded",
    "undone",
]
"""Where a task of a run stands."""

Health = Literal["ok", "warning", "error"]
"""How well something works."""

FileChange = Literal["created", "changed", "deleted"]
"""What happens to a file."""

RunWay = Literal["retry", "land", "repair", "land-anyway", "discard", "undo"]
"""A way in which a run can go on."""

Command = Literal[
    "agentServer.approve",
    "agentServer.launch",
    "agentServer.cancel",
    "agentServer.land",
    "agentServer.retry",
    "agentServer.repair",
    "agentServer.discard",
    "agentServer.undo",
    "agentServer.dropChanges",
    "agentServer.showBrief",
    "agentServer.showTranscript",
    "agentServer.showChanges",
]
"""What a client may send by `workspace/executeCommand`.

The command `X` takes one argument, an `XArgument`, and answers an `XResult`. It checks its argument, starts the work
and answers at once; what cannot be done is answered with the error `RequestFailed`, whose message is for the user.
"""


class TaskStatus(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One task of a run at one moment."""

    id: str
    """The task's id in the plan."""
    title: str
    """The task's title."""
    state: TaskState
    """Where the task stands."""
    activity: str
    """What its agent is doing, in a few words; empty when it is not working."""
    message: str
    """How it ended, where that needs words."""
    tokens: UInteger
    """Tokens used so far, input and output together."""
    changed: Sequence[str]
    """The files of its write set that it changed, relative to the workspace."""
    undeclared: Sequence[str]
    """What it wrote, or tried to write, outside its write set. Never landed."""


class StatusParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A run of one wave at one moment."""

    plan: str
    """The plan whose wave runs."""
    wave: UInteger
    """The wave, counted from 1."""
    run: str
    """The run's id: also the token of its work-done progress."""
    state: RunState
    """Where the run stands."""
    message: str
    """What is going on, or how it ended, in a few words for a status bar."""
    percentage: UInteger
    """From 0 to 100; never goes back."""
    isolation: str
    """What holds the agents to their files: `overlay`, `worktree` or `copy`; empty until it is known."""
    counts: Mapping[str, UInteger]
    """How many tasks are in each `TaskState`; states without a task are left out."""
    tasks: Sequence[TaskStatus]
    """Every task of the wave, in the plan's order."""


class AgentServerCapabilities(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a side speaks: the client says so in `initialize`, the server in its answer."""

    version: str
    """A version of this protocol, such as `0.2.0`.

    The client names the newest that it knows, the server the one that both will speak: the older of the two sides'
    newest.
    """


class ExperimentalCapabilities(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What stands in `capabilities.experimental`, of the client and of the server.

    A client that names nothing here is spoken to as one of 0.1.
    """

    agent_server: AgentServerCapabilities | None = None
    """Our own messages."""


class Spend(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Tokens, and the money that they cost."""

    tokens: UInteger
    """Input and output together."""
    usd: float | None = None
    """In US dollars, for the models whose prices are known; left out where none is."""


class ServerStatusParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """How the server is."""

    health: Health
    """Whether everything works."""
    message: str
    """What is wrong and what to do, for the user; empty when `health` is `ok`."""
    quiescent: bool
    """Whether nothing is being listed, indexed or analysed: what is shown now stays until something changes."""
    spend: Spend
    """What all runs since the server started have used."""
    running: UInteger
    """How many runs are going on."""


class Verification(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A command that checks the combined result of a wave."""

    command: str
    """The command, as it was approved."""
    passed: bool | None = None
    """Whether it passed; left out while it runs."""
    output: str
    """The end of what it printed; empty while it runs."""


class FileReport(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A file that a task changed."""

    path: str
    """Relative to the workspace."""
    kind: FileChange
    """What happened to it."""


class TaskReport(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One task of a run at one moment."""

    id: str
    """The task's id in the plan."""
    title: str
    """The task's title."""
    state: TaskState
    """Where the task stands."""
    activity: str
    """What its agent is doing, in a few words; empty when it is not working."""
    message: str
    """How it ended, where that needs words."""
    files: Sequence[FileReport]
    """The files of its write set that it changed; empty until its agent has ended."""
    undeclared: Sequence[str]
    """What it wrote, or tried to write, outside its write set, relative to the workspace. Never landed."""
    tokens: UInteger
    """Tokens used so far, input and output together."""
    usd: float | None = None
    """What they cost in US dollars; left out where the model's price is not known."""
    seconds: float
    """For how long its agent has been working, or did."""
    model: str
    """The id of the model that it was approved for."""
    agent: str
    """The agent that carries it out, as plans and settings name it."""
    attempt: UInteger | None = None
    """Which attempt at the task this is, counted from 1."""
    comment: str | None = None
    """What the user said to its agent when it was tried again; left out where that was nothing."""
    began: float | None = None
    """When the agent of this attempt began, on the clock of the run's `seconds`; left out where that is not known.

    Since 0.4.0.
    """
    can_retry: bool | None = None
    """True where this task can be tried again by itself. Since 0.4.0."""
    can_land: bool | None = None
    """True where what this task made can land without the others' work. Since 0.4.0."""


class RunStep(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A way in which a run can go on: what a button does."""

    way: RunWay
    """Which way it is."""
    title: str
    """What to write on the button."""
    command: Command
    """The command that does it."""
    tasks: Sequence[str] | None = None
    """What to give as `tasks` to the command; left out where it needs none."""
    unverified: bool | None = None
    """What to give as `unverified` to the command; left out where it needs none."""


class RunReport(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A whole run of one wave at one moment."""

    plan: str
    """The plan whose wave runs."""
    run: str
    """The run's id. Ids sort by the time at which the runs began."""
    wave: UInteger
    """The wave, counted from 1."""
    waves: UInteger
    """How many waves the plan had when the run was launched."""
    state: RunState
    """Where the run stands."""
    message: str
    """What is going on, or how it ended, in a few words for a status bar."""
    percentage: UInteger
    """From 0 to 100; never goes back."""
    isolation: str
    """What holds the agents to their files: `overlay`, `worktree` or `copy`; empty until it is known."""
    started: str
    """When it was launched: ISO 8601, in UTC."""
    seconds: float
    """For how long it has been going on, or did."""
    eta: float | None = None
    """In how many seconds the agents should be done, by estimate.

    Left out where nothing tells, and once they are done.
    """
    tokens: UInteger
    """Tokens used so far, by all tasks, input and output together."""
    usd: float | None = None
    """What they cost in US dollars, for the models whose prices are known; left out where none is."""
    verification: Verification | None = None
    """How the combined result is checked; left out before that begins, and where nothing checks it."""
    branch: str | None = None
    """The branch on which it landed as commits; left out where it did not."""
    stream: bool | None = None
    """True where it is all open tasks of the plan, not one wave. Each begins as soon as what it waits for is done."""
    warnings: Sequence[str] | None = None
    """What a person should know of it, such as a budget that is nearly used up. Left out where there is nothing."""
    tasks: Sequence[TaskReport]
    """Every task of the wave, in the plan's order."""
    steps: Sequence[RunStep] | None = None
    """How it can go on, once it has stopped, the likeliest first; left out where there is nothing to decide.

    Since 0.4.0.
    """


class SubscribeParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a client wants to be told of."""

    runs: bool
    """Runs, by `agentServer/runState`: of all plans in the client's workspaces, whoever launched them."""
    status: bool
    """The server, by `agentServer/serverStatus`."""
    plans: bool | None = None
    """Plans, by `agentServer/plansChanged`. Since 0.4.0."""


class SubscribeResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Where things stand."""

    version: str
    """The version of this protocol that the server speaks with this client."""
    runs: Sequence[RunReport]
    """The runs of the client's workspaces that go on, or ended since the server started.

    Oldest first; empty without `runs`.
    """


class ScheduleParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which plan is asked about."""

    plan: str
    """The plan."""


class ScheduledTask(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A task that can run."""

    id: str
    """The task's id in the plan."""
    title: str
    """The task's title."""
    minutes: float
    """What its agent is likely to take."""
    model: str
    """The id of the model that it gets."""
    tier: str
    """The step that the model stands for: `fast`, `default` or `capable`."""
    because: str
    """Why it gets that model, as a clause."""
    writes: Sequence[str]
    """The files that it may write, as paths and patterns relative to the workspace.

    `src/` and `src/**` are all that lies below a folder; what starts with `!` takes paths away.
    """
    waits_for: Sequence[str]
    """Ids of the tasks that must run in an earlier wave, in the plan's order."""


class ScheduledWave(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Tasks that run at once."""

    number: UInteger
    """Counted from 1."""
    minutes: float
    """What its longest task takes."""
    tasks: Sequence[ScheduledTask]
    """In the plan's order."""


class ScheduleResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The waves of a plan. Minutes are agents' minutes; verification and landing are not counted."""

    version: int | None = None
    """The version of the document that this is true of; left out for a plan that is not open."""
    waves: Sequence[ScheduledWave]
    """The waves, in order. Only the first one can be launched."""
    unscheduled: Sequence[str]
    """Ids of open tasks on a cycle, or behind one."""
    critical_path: Sequence[str]
    """Ids of the longest chain, by minutes, of tasks that must follow one another."""
    sequential_minutes: float
    """What the tasks take one by one."""
    parallel_minutes: float
    """What they take in waves: the longest task of each, added up."""
    speedup: float
    """How many times faster the waves are."""
    agents: UInteger
    """The most agents that work at once, as the waves stand."""


class TranscriptParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which transcript is asked for."""

    plan: str
    """The plan."""
    task: str
    """The task's id."""
    run: str | None = None
    """The run; left out for the plan's last one."""
    after: UInteger | None = None
    """Where to read on: `next` of an earlier answer. Left out for the start; other numbers mean nothing."""


class TranscriptEvent(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One thing that an agent said or did."""

    at: float
    """In seconds since the run began."""
    kind: str
    """What it was: `said`, `tool`, `denied`, `used` or `retrying`. More may come."""
    text: str
    """The words, for the user."""


class TranscriptResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A part of a transcript."""

    run: str
    """The run that it is of."""
    task: str
    """The task that it is of."""
    events: Sequence[TranscriptEvent]
    """In the order in which they happened. It may be empty although more is to come."""
    next: UInteger
    """What to give as `after` to read on."""
    complete: bool
    """Whether nothing more will come. Until it is there is more, now or later."""


class ChangeSetParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which change set is asked for."""

    plan: str
    """The plan."""
    task: str | None = None
    """A task's id; left out for all tasks of the run."""
    run: str | None = None
    """The run; left out for the plan's last one."""


class LineRange(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Lines of a text."""

    start: UInteger
    """The first line, counted from 0."""
    end: UInteger
    """The line behind the last one; the same as `start` where there are no lines."""


class ProposedHunk(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A piece of a file that differs, with the lines around it."""

    id: str
    """What the hunk goes by. It stays the same when other hunks are left out."""
    base: LineRange
    """The lines of the base that it replaces, with unchanged ones around them."""
    proposed: LineRange
    """The lines of the proposed text that take their place."""


class ProposedFile(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What a task proposes for a file."""

    path: str
    """Relative to the workspace."""
    kind: FileChange
    """What happens to it."""
    task: str
    """The task that proposes it."""
    proposed: str
    """The proposed text as a read-only document, for `agentServer/content`. That of a deleted file is empty."""
    base: str | None = None
    """What the agent started from, as a read-only document: the other side of a diff.

    That of a new file is empty. Left out where it was not kept.
    """
    hunks: Sequence[ProposedHunk] | None = None
    """The pieces that differ, in order: what `agentServer.dropChanges` can leave out.

    Left out where there are no lines to compare: links, binary files, a change of the mode alone, and what is too
    large.
    """


class ChangeSetResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Files that a run would change, or has changed."""

    run: str
    """The run."""
    files: Sequence[ProposedFile]
    """In the order of the tasks, then sorted by path."""
    undeclared: Sequence[ProposedFile] | None = None
    """What agents changed outside their write sets, in the same order. It never lands; it is kept to be looked at."""


class ContentParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which document is asked for."""

    uri: str
    """Its URI, as another message gave it."""


class ContentResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A document."""

    text: str
    """All of its text."""


class WaveArgument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A wave of a plan."""

    uri: str
    """The plan, which must be open."""
    wave: UInteger | None = None
    """The wave, counted from 1; left out for the first."""
    stream: bool | None = None
    """True for all open tasks of the plan, not one wave.

    Each begins as soon as what it waits for is done. Since 0.3.0.
    """
    approved: str | None = None
    """For `agentServer.launch`: what `agentServer/approval` gave.

    The user has said yes to it. The wave then starts without another question, unless it is no longer what was shown.
    Since 0.4.0.
    """


class ApproveResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What is approved."""

    plan: str
    """The plan."""
    wave: UInteger
    """The wave, counted from 1."""
    digest: str
    """The digest of the plan's text. Any other text needs another approval."""
    summary: str
    """What will happen, in words for the user."""


class LaunchResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What was launched."""

    run: str | None
    """The run's id; null while the user is being asked."""


class CancelArgument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What `agentServer.cancel` takes."""

    uri: str
    """The plan. It need not be open since 0.4.0; its workspace must be."""
    task: str | None = None
    """The task whose agent is to stop; left out for the whole run."""


class CancelResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What was stopped."""

    cancelled: bool
    """Whether there was anything to stop. A landing always goes to its end."""


class LandArgument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What `agentServer.land` takes."""

    uri: str
    """The plan. It need not be open since 0.4.0; its workspace must be."""
    tasks: Sequence[str] | None = None
    """The tasks whose work is to land, without the others'; left out for all that is held. Since 0.3.0."""
    unverified: bool | None = None
    """True to land it without verifying it again, although it may be broken. The user is asked first. Since 0.3.0."""


class LandResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What lands."""

    run: str | None
    """The run's id; null while the user is being asked, which happens only with `unverified`."""


class RetryArgument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What `agentServer.retry` takes."""

    uri: str
    """The plan. It need not be open since 0.4.0; its workspace must be."""
    task: str | None = None
    """A task that is to be tried again."""
    tasks: Sequence[str] | None = None
    """Several of them. Without any, all that are not done are tried again."""
    comment: str | None = None
    """What to tell their agents, beside how the last attempt ended."""


class PlanArgument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A plan, whose last run is meant."""

    uri: str
    """The plan. It need not be open since 0.4.0; its workspace must be."""


class RunResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The run that goes on."""

    run: str
    """The run's id."""


class AskedResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The user is being asked."""

    run: str
    """The id of the run that would be changed: nothing has happened yet."""


class DropChangesArgument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What `agentServer.dropChanges` takes."""

    uri: str
    """The plan. It need not be open since 0.4.0; its workspace must be."""
    task: str
    """The task's id."""
    path: str
    """The file, relative to the workspace, as `agentServer/changeSet` names it."""
    hunks: Sequence[str] | None = None
    """The ids of the hunks that are not to land; left out for the whole file."""


class TaskArgument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A task of a plan."""

    uri: str
    """The plan."""
    task: str
    """The task's id."""


class ShownDocument(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A document that the user is shown."""

    uri: str
    """The document, which is read-only."""
    shown: bool | None = None
    """True where the client was asked to show it, by `window/showDocument`."""
    text: str | None = None
    """All of its text, where the client does not know `window/showDocument` and so has to show it itself."""


class ShowChangesResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What `agentServer.showChanges` answers."""

    uri: str
    """A list of the changes, as a document, which is read-only."""
    shown: bool | None = None
    """True where the client was asked to show it, by `window/showDocument`."""
    text: str | None = None
    """All of its text, where the client does not know `window/showDocument` and so has to show it itself."""
    files: Sequence[ProposedFile]
    """The same as `agentServer/changeSet` answers for the task."""
    undeclared: Sequence[ProposedFile] | None = None
    """What its agent changed outside its write set, as of `agentServer/changeSet`.

    It never lands; it is kept to be looked at.
    """


class PlansParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which plans are asked for."""

    folder: str | None = None
    """A workspace folder; left out for all of them."""


class PlannedTask(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A task of a plan."""

    id: str
    """The task's id."""
    title: str
    """Its title."""
    uri: str | None = None
    """The file that holds it, where the plan is a folder; left out where that is the plan's own."""
    line: UInteger
    """The line on which it begins in the file that holds it, counted from 0."""
    status: str
    """What the plan says of it: `todo`, `done` or `skip`."""
    wave: UInteger | None = None
    """Its wave, counted from 1; left out where it is not open, or part of a cycle."""
    minutes: float
    """What its agent is likely to take."""
    tier: str
    """The step of its model: `fast`, `default` or `capable`."""


class PlanReport(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A plan, as a list shows it."""

    uri: str
    """The plan."""
    folder: str
    """The workspace that it belongs to."""
    path: str
    """The plan's path, relative to that."""
    title: str
    """The plan's title, without what it says of the sort of document (`Tasks: `); empty where it has none."""
    format: str | None = None
    """What people call its format, such as `spec-kit`; left out where it is our own."""
    waves: UInteger
    """How many waves its open tasks take."""
    speedup: float
    """How many times faster the waves are than one task after another."""
    errors: UInteger
    """How many errors there are in it."""
    warnings: UInteger
    """How many warnings."""
    blocked: str | None = None
    """Why its first wave cannot be launched as it stands, for the user; left out where it can."""
    tasks: Sequence[PlannedTask]
    """Every task, in the plan's order."""
    run: RunReport | None = None
    """Its last run, of an earlier server too; left out where there is none."""


class PlansResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Plans."""

    plans: Sequence[PlanReport]
    """By workspace folder, then by path."""
    listing: bool | None = None
    """True while a workspace is still being listed: there may be more plans.

    `agentServer/plansChanged` tells when there are.
    """


class PlansChangedParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which plans changed."""

    plans: Sequence[str] | None = None
    """The plans; left out where it may be any."""


class ApprovalParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which launch is asked about."""

    plan: str
    """The plan, which must be open."""
    wave: UInteger | None = None
    """The wave, counted from 1; left out for the first."""
    stream: bool | None = None
    """True for all open tasks of the plan, not one wave."""


class ApprovalTask(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What one agent would do."""

    id: str
    """The task's id."""
    title: str
    """Its title."""
    agent: str
    """The backend that carries it out."""
    model: str | None = None
    """The id of its model; left out where the agent uses its own."""
    tier: str
    """The step that the model stands for."""
    because: str
    """Why it gets that model, as a clause."""
    writes: Sequence[str]
    """The files that it may write, as the plan spells them."""
    after: Sequence[str]
    """Ids of the tasks of this launch that it waits for."""
    verify: str | None = None
    """The command that must pass on its result alone; left out where there is none."""
    minutes: float
    """What it is likely to take."""


class ApprovalResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """All that a person should see before a wave runs."""

    plan: str
    """The plan."""
    wave: UInteger
    """The wave, counted from 1."""
    stream: bool | None = None
    """True where it is all open tasks of the plan, not one wave."""
    approved: str
    """What to give to `agentServer.launch` as `approved` once the user has said yes.

    It is good for exactly what is told here.
    """
    headline: str
    """What would run, in one sentence."""
    tasks: Sequence[ApprovalTask]
    """What each agent would do, in the plan's order."""
    verify: str | None = None
    """The command that checks the combined result; left out where nothing does."""
    estimate: str | None = None
    """What it is likely to cost, with what that rests on; left out where nobody knows."""
    budget: str | None = None
    """What it may cost at most; left out where there is no limit."""
    minutes: float
    """What the agents are likely to take together."""
    notes: Sequence[str]
    """What else a person should know.

    A sentence or two each: what programs run, what holds them, who reaches the network, how the result lands.
    """


class HazardsParams(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Which plan is asked about."""

    plan: str
    """The plan."""


class Contention(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Two or more tasks that want the same files, or the same locks."""

    kind: str
    """The code of the rule that tells of it: `write-conflict` or `lock-conflict`."""
    tasks: Sequence[str]
    """Their ids, in the plan's order."""
    paths: Sequence[str]
    """The files (or locks), relative to the workspace; of two patterns, an example of what both match."""
    together: bool
    """True where the plan has put them into one wave, so that they would collide."""


class Dependency(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A task that must come after another one."""

    kind: str
    """The code of the rule that tells of it: `needs`, `output-dependency` or `fixed-wave`."""
    task: str
    """The id of the task that waits."""
    on: str
    """The id of the task that it waits for."""
    because: str
    """Why, as a clause."""
    path: str | None = None
    """The file that it waits for; left out where it is none."""
    guessed: bool | None = None
    """True where the plan does not say so: its words let us think it."""


class HazardsResult(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What keeps the tasks of a plan apart. Tasks that it does not name can run at once."""

    version: int | None = None
    """The version of the document that this is true of; left out for a plan that is not open."""
    contentions: Sequence[Contention]
    """Tasks that may run in any order, but not at once."""
    dependencies: Sequence[Dependency]
    """Tasks that must come after others."""


ApproveArgument = WaveArgument
"""What `agentServer.approve` takes."""

LaunchArgument = WaveArgument
"""What `agentServer.launch` takes."""

RetryResult = RunResult
"""What `agentServer.retry` answers."""

RepairArgument = PlanArgument
"""What `agentServer.repair` takes."""

RepairResult = RunResult
"""What `agentServer.repair` answers."""

DiscardArgument = PlanArgument
"""What `agentServer.discard` takes."""

DiscardResult = AskedResult
"""What `agentServer.discard` answers."""

UndoArgument = PlanArgument
"""What `agentServer.undo` takes."""

UndoResult = AskedResult
"""What `agentServer.undo` answers."""

DropChangesResult = ChangeSetResult
"""What `agentServer.dropChanges` answers."""

ShowBriefArgument = TaskArgument
"""What `agentServer.showBrief` takes."""

ShowTranscriptArgument = TaskArgument
"""What `agentServer.showTranscript` takes."""

ShowChangesArgument = TaskArgument
"""What `agentServer.showChanges` takes."""

ShowBriefResult = ShownDocument
"""What `agentServer.showBrief` answers."""

ShowTranscriptResult = ShownDocument
"""What `agentServer.showTranscript` answers."""

REQUESTS: Final[Mapping[str, tuple[type[Struct], Any]]] = {
    SUBSCRIBE: (SubscribeParams, SubscribeResult),
    SCHEDULE: (ScheduleParams, ScheduleResult | None),
    TRANSCRIPT: (TranscriptParams, TranscriptResult),
    CHANGE_SET: (ChangeSetParams, ChangeSetResult),
    CONTENT: (ContentParams, ContentResult),
    PLANS: (PlansParams, PlansResult),
    APPROVAL: (ApprovalParams, ApprovalResult),
    HAZARDS: (HazardsParams, HazardsResult | None),
}
"""For each request of ours its params and its result."""

NOTIFICATIONS: Final[Mapping[str, type[Struct]]] = {
    STATUS: StatusParams,
    SERVER_STATUS: ServerStatusParams,
    RUN_STATE: RunReport,
    PLANS_CHANGED: PlansChangedParams,
}
"""For each notification of ours its params."""

COMMANDS: Final[Mapping[str, tuple[type[Struct], Any]]] = {
    "agentServer.approve": (ApproveArgument, ApproveResult),
    "agentServer.launch": (LaunchArgument, LaunchResult),
    "agentServer.cancel": (CancelArgument, CancelResult),
    "agentServer.land": (LandArgument, LandResult),
    "agentServer.retry": (RetryArgument, RetryResult),
    "agentServer.repair": (RepairArgument, RepairResult),
    "agentServer.discard": (DiscardArgument, DiscardResult),
    "agentServer.undo": (UndoArgument, UndoResult),
    "agentServer.dropChanges": (DropChangesArgument, DropChangesResult),
    "agentServer.showBrief": (ShowBriefArgument, ShowBriefResult),
    "agentServer.showTranscript": (ShowTranscriptArgument, ShowTranscriptResult),
    "agentServer.showChanges": (ShowChangesArgument, ShowChangesResult),
}
"""For each command its argument and its result."""

SINCE: Final[Mapping[str, str]] = {
    SUBSCRIBE: "0.2.0",
    SCHEDULE: "0.2.0",
    TRANSCRIPT: "0.2.0",
    CHANGE_SET: "0.2.0",
    CONTENT: "0.2.0",
    PLANS: "0.4.0",
    APPROVAL: "0.4.0",
    HAZARDS: "0.4.0",
    STATUS: "0.1.0",
    SERVER_STATUS: "0.2.0",
    RUN_STATE: "0.2.0",
    PLANS_CHANGED: "0.4.0",
}
"""For each message of ours the version that brought it."""

ADDED: Final[Mapping[str, Mapping[str, str]]] = {
    "RunState": {
        "discarded": "0.3.0",
        "undone": "0.3.0",
    },
    "TaskState": {
        "discarded": "0.3.0",
        "undone": "0.3.0",
    },
    "Command": {
        "agentServer.retry": "0.3.0",
        "agentServer.repair": "0.3.0",
        "agentServer.discard": "0.3.0",
        "agentServer.undo": "0.3.0",
        "agentServer.dropChanges": "0.3.0",
        "agentServer.showBrief": "0.2.0",
        "agentServer.showTranscript": "0.2.0",
        "agentServer.showChanges": "0.2.0",
    },
}
"""For each enumeration the values that came after it, and when."""
