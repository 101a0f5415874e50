"""What an analysis says: all that the editor shows, the CLI prints and the executor obeys comes from one `Analysis`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from agent_server.analysis.columns import Column
from agent_server.analysis.estimates.costs import Cost
from agent_server.analysis.facts import RunFacts
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.questions import Question
from agent_server.analysis.roster import Roster
from agent_server.analysis.settings import AnalysisSettings, Severity, Tier
from agent_server.analysis.tree import Tree
from agent_server.plan.model import Edit, Plan, Problem, Task
from agent_server.plan.moving import Movable
from agent_server.plan.text import Span

if TYPE_CHECKING:
    from agent_server.analysis.findings import Finding


class Source(StrEnum):
    """How an entry of a write or read set is known."""

    DECLARED = "declared"
    NAMED = "named"
    IMPLIED = "implied"
    PREDICTED = "predicted"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True)
class Access(Movable):
    """One entry of a write or read set.

    `path` is a path relative to the workspace root or, where a glob matches nothing yet, the glob. `exists` says
    whether the file is there now, `because` why the entry is here in words for the user, `span` where the plan says
    so.
    """

    FIXED = ("path", "exists", "source", "confidence", "because")

    path: str
    exists: bool
    source: Source
    confidence: float
    because: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class WriteSet(Movable):
    """Which files one task would write.

    `paths` is the symbolic set that the independence test compares and that the task's agent is held to; `entries` is
    the same set spelled out over the live workspace, with reasons. `unknown`: the plan neither declares nor names
    anything. `beyond` is what the task would probably change although its set does not hold it: implied by what it
    does, where the set is unknown predicted, or observed in earlier runs. That binds nobody and keeps no tasks apart.
    """

    FIXED = ("paths", "unknown")

    paths: PathSet
    entries: tuple[Access, ...]
    unknown: bool = False
    beyond: tuple[Access, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model a task gets, and why. `wanted` is the tier that its complexity asks for, whatever the plan pins."""

    tier: Tier
    id: str
    because: str
    wanted: Tier


class HazardKind(StrEnum):
    """Why two tasks may not run at the same time. The values are the codes of the rules that report them."""

    WRITE_CONFLICT = "write-conflict"
    OUTPUT_DEPENDENCY = "output-dependency"
    LOCK_CONFLICT = "lock-conflict"
    NEEDS = "needs"
    FIXED_WAVE = "fixed-wave"


@dataclass(frozen=True, slots=True)
class Conflict(Movable):
    """Two tasks that may run in either order, but never at once. `first` stands before `second` in the plan.

    `paths` are the files (or the locks) that both want; a path that does not exist yet is an example of what both
    globs match. The spans are where each task says so, one for each path.
    """

    FIXED = ("kind", "first", "second", "paths")
    ELSEWHERE = frozenset({"second_spans"})

    kind: HazardKind
    first: str
    second: str
    paths: tuple[str, ...]
    first_spans: tuple[Span, ...]
    second_spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Contention:
    """The same two or more tasks, in the plan's order, at the same files (or locks).

    `spans` says for each task where the plan claims the first of `paths`. `together`: the author claims that they may
    run at once, by one wave or by marks. `implied`: some do not say that they write the paths, that only follows.
    """

    kind: HazardKind
    tasks: tuple[str, ...]
    spans: tuple[Span, ...]
    paths: tuple[str, ...]
    together: bool = False
    implied: bool = False


class Deed(StrEnum):
    """What a task does with a file or a name for which another one waits. The values are said of the task."""

    CREATES = "creates"
    CHANGES = "changes"
    WRITES = "writes"
    ADDS = "adds"
    EXPORTS = "exports"
    SENDS = "sends"
    DESCRIBES = "describes"
    USES = "uses"


@dataclass(frozen=True, slots=True)
class Dependency(Movable):
    """`task` must come after `on`. `path` is the file (or module) it waits for, empty for a plain `needs`.

    A dependency without a path that is no `needs` is inferred from words: `name` is the name of the code that `on`
    creates, empty where the words name the other task. `does` is what `on` does with the file or the name; None where
    there is neither. `on` that only uses a name is waited for by whoever takes that away. `confidence` is how far to
    trust it.
    """

    FIXED = ("kind", "task", "on", "path", "because", "name", "does", "confidence")
    ELSEWHERE = frozenset({"on_span"})

    kind: HazardKind
    task: str
    on: str
    path: str
    span: Span
    on_span: Span
    because: str
    name: str = ""
    does: Deed | None = None
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Contract(Movable):
    """`task` may run beside `producer` although it imports what that creates, since the import is known in advance.

    `mirror` is the existing file whose imports predict it, or None where the producer's `exports` cover it. `module`
    is the import as the plan spells it, `path` the file it means; one that ends in a slash is a package that is a
    folder. `otherwise` are the names that a mirrored file would have, where the producer promises others.
    """

    FIXED = ("task", "producer", "module", "path", "names", "mirror")

    task: str
    producer: str
    module: str
    path: str
    names: tuple[str, ...]
    mirror: str | None
    span: Span
    otherwise: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportFinding(Movable):
    """An import that names nothing in the workspace.

    `producer` is the task that creates it, or None. `unpredictable` says, where the task mirrors a pattern that does
    not predict the import, what was found instead; it is empty otherwise. `files` are those that the import may mean.
    `name` is the name that their one existing file lacks, `alike` the name there that it is most like; both are empty
    where the file itself does not exist. `closed_by` is the manifest that keeps the module from being imported; `alike`
    is then the import that is most like it and can be. `module` is spelled as in the plan, `wanted` is the module alone
    where that is a whole statement.
    """

    FIXED = ("task", "module", "producer", "unpredictable")

    task: str
    module: str
    span: Span
    producer: str | None
    unpredictable: str = ""
    files: tuple[str, ...] = ()
    name: str = ""
    alike: str = ""
    closed_by: str = ""
    wanted: str = ""

    @property
    def subject(self) -> str:
        """What is imported, for the reader."""
        return self.wanted or self.module


@dataclass(frozen=True, slots=True)
class Schedule:
    """The waves, and what they gain. Minutes are agents' minutes; verification and landing are not counted.

    `waves` holds task ids, each wave in the plan's order. `unscheduled` are open tasks on a cycle, or behind one.
    `parallel_minutes` adds up the longest task of each wave; `critical_path` is the longest chain, by minutes, of
    tasks that must follow one another.
    """

    waves: tuple[tuple[str, ...], ...]
    unscheduled: tuple[str, ...]
    sequential_minutes: float
    parallel_minutes: float
    speedup: float
    critical_path: tuple[str, ...]
    critical_minutes: float

    def wave_of(self, task_id: str) -> int | None:
        """The task's wave, counted from 1."""
        return next((number for number, wave in enumerate(self.waves, 1) if task_id in wave), None)


@dataclass(frozen=True, slots=True)
class TaskAnalysis(Movable):
    """All that is known of one task. `wave` counts from 1; None for a task that is not open or cannot be scheduled.

    `minutes_because` says where the minutes come from, as a clause. `cost` is an estimate.
    """

    FIXED = ("model", "minutes", "wave", "minutes_because", "cost")

    task: Task
    writes: WriteSet
    reads: tuple[Access, ...]
    model: ModelChoice
    minutes: float
    wave: int | None
    minutes_because: str = ""
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Related(Movable):
    """Another place in the plan that a diagnostic is about."""

    FIXED = ("message",)

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A place in another file that a diagnostic is about. Line and column count from 0.

    What is told is about the file as `task` would write it in the run `run`. Where it does not exist `now`, it is
    nowhere else to be seen.
    """

    path: str
    line: int
    column: int | None
    message: str
    run: str
    task: str
    now: bool


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit of the plan that mends a diagnostic. `preferred` marks the one that an editor may apply unasked."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic(Movable):
    """One finding. `code` names the rule. `suggestion`, where it is set, is the text that would mend `span`."""

    FIXED = ("code", "severity", "message", "tasks", "paths", "suggestion", "elsewhere")

    code: str
    severity: Severity
    message: str
    span: Span
    tasks: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    suggestion: str | None = None
    elsewhere: tuple[FilePlace, ...] = ()


@dataclass(frozen=True, slots=True)
class Analysis:
    """The answer for one plan over one tree. `tasks` keeps the order of the plan; the first of equal ids counts.

    `at_home` are the same tasks, but for their places in the text: what asks something else of all tasks asks it there,
    where nothing has to be moved first (see `plan.moving`).

    `contentions` are the same `conflicts`, gathered, but for those that the plan puts in order by other means.

    `findings` are the `diagnostics` in the same order, apart from where they stand: `roster` tells where their tasks
    start. A finding that an edit leaves as it is stays the same object.
    """

    plan: Plan
    problems: tuple[Problem, ...]
    tree: Tree
    settings: AnalysisSettings
    facts: RunFacts
    roster: Roster = field(compare=False, repr=False)
    tasks: Mapping[str, TaskAnalysis]
    at_home: Column[TaskAnalysis] = field(compare=False, repr=False)
    conflicts: Sequence[Conflict]
    contentions: Sequence[Contention]
    dependencies: Sequence[Dependency]
    contracts: Sequence[Contract]
    imports: Sequence[ImportFinding]
    cycles: tuple[tuple[str, ...], ...]
    schedule: Schedule
    findings: tuple["Finding", ...] = field(default=(), compare=False, repr=False)
    diagnostics: Sequence[Diagnostic] = ()
    unanswered: frozenset[Question] = frozenset()
    """What was asked of the whole workspace in vain: answer it, and analyse again."""
