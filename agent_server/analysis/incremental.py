"""The versions of one plan, analysed one after the other: each takes as long as what has changed since the last.

Invariant: whatever was analysed before, the answer is the one that an analysis from scratch gives. Three things keep
it, and a property test compares whole analyses:

- Work is remembered with everything that it rests on (see `memory`), and done again when any of it is different.
- No work rests on where a task stands. It is done where the task was read first, its *home*, and all that has a place
  in the text is moved from there (see `plan.moving`).
- Hazards are found between tasks at home, and moved like the two tasks that they are about.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise
from typing import NamedTuple

from agent_server.analysis import rules
from agent_server.analysis.claims import entries
from agent_server.analysis.columns import Column, Rows
from agent_server.analysis.created import Created
from agent_server.analysis.estimates.complexity import choose_model
from agent_server.analysis.estimates.estimate import Estimate, estimate
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.footprints import Footprint, footprint, without_prose
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.hazards import Hazards, hazards
from agent_server.analysis.imports.layouts import manifests
from agent_server.analysis.inputs import Inputs
from agent_server.analysis.memory import Checkpoint, Memory, go_on
from agent_server.analysis.model import Analysis, Contention, ImportFinding, ModelChoice, Schedule, TaskAnalysis
from agent_server.analysis.roster import Roster
from agent_server.analysis.rules.around import Around
from agent_server.analysis.scheduling.claimed import Claims
from agent_server.analysis.scheduling.schedule import Job, cycles, schedule
from agent_server.analysis.settings import DEFAULT_SETTINGS, AnalysisSettings
from agent_server.analysis.sources import Sources, sources_of
from agent_server.analysis.spelled import Spelled
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.symbol_words import Role
from agent_server.analysis.words.task_references import Reference, number_of
from agent_server.analysis.words.task_words import NO_WORDS, Part, Said, TaskWords
from agent_server.analysis.words.vocabulary import Shared, Spoken, Vocabulary, spoken_by
from agent_server.plan.model import Plan, Problem, Task
from agent_server.plan.moving import LazyMapping, LazyTuple, moved
from agent_server.plan.text import Span

MOST_SOURCES = 200
"""How many files' texts one analysis asks for at most, manifests aside."""

LARGE_GROUP = 16
"""From so many tasks on, those that want one file are put into waves as a group and no longer as pairs."""

_MOST_ROUNDS = 5


class Analyser:
    """Analyses one plan, version by version. Not for several threads at a time; what it has answered is for all.

    `checkpoint` is called between the pieces of an analysis, at least once for each task that is worked on, and may
    raise to abandon it. What was worked out by then is kept.
    """

    def __init__(self) -> None:
        self._memory = Memory()
        self._vocabulary = Vocabulary()
        self._findings = Memory()
        self._sources = Memory()
        self._needed: frozenset[str] = frozenset()
        self._roster: Roster | None = None
        self._spelled = Spelled()

    def analyse(  # noqa: PLR0913, PLR0917  # what the function `analyse` takes, and the checkpoint
        self,
        plan: Plan,
        problems: Iterable[Problem],
        tree: Tree,
        settings: AnalysisSettings = DEFAULT_SETTINGS,
        facts: RunFacts = NO_FACTS,
        checkpoint: Checkpoint = go_on,
    ) -> Analysis:
        """What the function `analyse` answers."""
        roster = self._roster_of(plan, checkpoint)
        inputs = Inputs(plan, tree, roster, self._spelled)
        ground = (tree.paths, tree.case_sensitive, settings, facts.history)
        self._memory.begin(inputs, ground, checkpoint)
        version = _Version(plan, tuple(problems), tree, settings, facts, inputs, self._memory, self._vocabulary)
        draft = version.draft()
        around = Around(draft.analysis, inputs.tree, inputs.notes, draft.created)
        inputs.seen_by_rules, inputs.created = around, draft.created
        self._findings.begin(inputs, ground, checkpoint)
        findings = rules.find(draft.analysis, around, inputs, self._findings, draft.told)
        return replace(
            draft.analysis,
            findings=findings,
            diagnostics=LazyTuple(lambda: [each.placed(roster) for each in findings]),
            unanswered=self._memory.unanswered() | self._findings.unanswered(),
        )

    def sources_needed(self, plan: Plan, tree: Tree, checkpoint: Checkpoint = go_on) -> frozenset[str]:
        """What the function `sources_needed` answers."""
        roster = self._roster_of(plan, checkpoint)
        inputs = Inputs(plan, tree, roster, self._spelled)
        self._sources.begin(inputs, (tree.paths, tree.case_sensitive), checkpoint)
        found = self._sources.recall_each("sources", partial(_sources, inputs), roster.works)
        return self._sources.recall("needed", partial(_needed, tree), found)

    def with_sources(
        self,
        plan: Plan,
        tree: Tree,
        read: Callable[[frozenset[str]], Mapping[str, str]],
        checkpoint: Checkpoint = go_on,
    ) -> Tree:
        """The tree with all texts that an analysis of `plan` reads. `read` gives those of paths, as far as it can.

        What has to be read may follow from what was read: a module passes on the names of another one. So it is asked
        again until that ends; the texts that the last version needed are mostly those that this one needs.
        """
        needed = self._needed
        for _ in range(_MOST_ROUNDS):
            texts = read(needed)
            more = self.sources_needed(plan, tree.with_contents(texts), checkpoint)
            if more <= needed:
                return tree.with_contents({path: texts[path] for path in more if path in texts})
            needed = self._needed = more
        return tree.with_contents(read(needed))

    def _roster_of(self, plan: Plan, checkpoint: Checkpoint) -> Roster:
        before = self._roster
        self._roster = Roster.of(plan.tasks) if before is None else before.followed_by(plan.tasks)
        self._spelled.follow(self._roster, checkpoint)
        return self._roster


@dataclass(frozen=True, slots=True)
class _Effort:
    """What a task asks of its agent."""

    model: ModelChoice
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Waves:
    """The waves of the open tasks, and the cycles that keep some of them out."""

    cycles: tuple[tuple[str, ...], ...]
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Bounds:
    """What keeps tasks out of one wave, and nothing else of their hazards: most edits leave that as it is.

    Of each pair of `before` the first comes first; those of `apart` may come in either order, as may all members of
    one of the `groups`.
    """

    before: tuple[tuple[str, str], ...]
    apart: frozenset[tuple[str, str]]
    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """An analysis but for what the rules find. `created` gives what the open tasks would write."""

    analysis: Analysis
    told: rules.Told
    created: Callable[[], Created]


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of the plan, with all that its analysis rests on."""

    plan: Plan
    problems: tuple[Problem, ...]
    tree: Tree
    settings: AnalysisSettings
    facts: RunFacts
    inputs: Inputs
    memory: Memory
    vocabulary: Vocabulary

    def draft(self) -> _Draft:
        """The analysis of this version, but for what the rules find."""
        memory, roster = self.memory, self.inputs.around.roster
        recall, derive_each, homes, works = memory.recall, memory.derive_each, roster.homes, roster.works
        rows, width = homes.rows, self.plan.settings.agents or self.settings.agents
        footprints = memory.recall_each("footprint", self._footprint, works)
        shared = self.vocabulary.shared(derive_each("spoken", _spoken, footprints))
        words = derive_each("words", _Heard.words, derive_each("heard", _heard, footprints, shared))
        stakes = derive_each("stake", _stake, footprints, words)
        outline = derive_each("outline", _without_words, stakes)
        claims = Claims.of(self.plan)
        found = self._hazards(stakes, outline, claims)
        unpredicted = recall("unpredicted", _unpredicted, rows, found)
        efforts = memory.recall_each("effort", self._effort, footprints, unpredicted)
        jobs = recall("jobs", _jobs, derive_each("job", _job, homes, footprints, efforts))
        models = derive_each("model", _model, efforts)
        bounds = recall("bounds", bounds_of, found)
        if claims.in_order:
            grouped = recall("grouped", partial(_grouped, claims), homes, claims)
            bounds = recall("bounds in order", in_text_order, bounds, jobs, grouped)
        waves = recall("waves", put_into_waves, jobs, bounds, width)
        alone = derive_each("alone", self._alone, footprints, efforts)
        at_home = derive_each("task", _in_wave, alone, homes, recall("wave of", _waves_of, rows, waves))
        created = partial(recall, "created", _created, derive_each("written", _written, outline))
        stands = derive_each("stands", _stands, homes)
        form = (self.plan.format, self.plan.writer)
        told = rules.Told(
            hazards=(stands, roster.repeated, *found.parts.values(), jobs, waves, self.plan.settings, form),
            plan=(outline, models, self.plan.title_span, self.facts),
            tasks=alone,
        )
        return _Draft(self._put_together(at_home, found, waves), told, created)

    def _put_together(self, at_home: Column[TaskAnalysis], found: Hazards, waves: Waves) -> Analysis:
        """The analysis, in which all that has a place is moved there when somebody looks."""
        roster = self.inputs.around.roster
        place_of = roster.place_of
        return Analysis(
            plan=self.plan,
            problems=self.problems,
            tree=self.tree,
            settings=self.settings,
            facts=self.facts,
            roster=roster,
            tasks=LazyMapping(at_home, lambda name: moved(at_home[name], place_of(name))),
            at_home=at_home,
            conflicts=LazyTuple(
                lambda: [moved(each, place_of(each.first), place_of(each.second)) for each in found.conflicts]
            ),
            contentions=LazyTuple(lambda: [_placed(each, roster) for each in found.contentions]),
            dependencies=LazyTuple(
                lambda: [moved(each, place_of(each.task), place_of(each.on)) for each in found.dependencies]
            ),
            contracts=LazyTuple(lambda: [moved(each, place_of(each.task)) for each in found.contracts]),
            imports=LazyTuple(lambda: [moved(each, place_of(each.task)) for each in found.imports]),
            cycles=waves.cycles,
            schedule=waves.schedule,
        )

    def _hazards(self, stakes: Column[Footprint], outline: Column[Footprint], claims: Claims) -> Hazards:
        """The hazards. They are those that were kept, where they have come out the same."""
        memory, roster = self.memory, self.inputs.around.roster
        names = memory.derive_each("called", number_of, roster.works)
        if memory.recall("by words", _any_by_words, stakes):
            names = memory.derive_each("title", _title, roster.works)
        places = memory.derive_each("place", _place, roster.homes)
        found = memory.recall("hazards", self._found, stakes, outline, claims, places, names, roster.repeated)
        return memory.same("found", found, (outline, places, *found.parts.values()))

    def _found(self, stakes: Column[Footprint], outline: Column[Footprint], claims: Claims, *_names: object) -> Hazards:
        running = tuple([each for each in stakes.values() if each.task.is_open])
        found = hazards(running, self.inputs.tree, self.plan.tasks.homes, self.memory.recall, outline, claims)
        # What comes out equal stays the same object, so that nobody compares it again.
        return replace(found, **{name: self.memory.same(name, part, part) for name, part in found.parts.items()})

    def _footprint(self, home: Task) -> Footprint:
        return footprint(home, self.inputs.around, self.inputs.tree, self.facts.history)

    def _effort(self, each: Footprint, unpredicted: ImportFinding | None) -> _Effort:
        around = self.inputs.around
        model = choose_model(each, around, self.settings, self.inputs.tree, unpredicted)
        return _Effort(model, estimate(each, model, around, self.settings, self.facts.history))

    def _alone(self, each: Footprint, effort: _Effort) -> TaskAnalysis:
        """What is known of a task, whatever its place among the others."""
        return TaskAnalysis(
            task=each.task,
            writes=each.writes,
            reads=entries(each.read_claims, self.tree),
            model=effort.model,
            minutes=effort.estimate.minutes,
            wave=None,
            minutes_because=effort.estimate.because,
            cost=effort.estimate.cost,
        )


class _Heard(NamedTuple):
    """What others hear of a task's words."""

    names: Mapping[str, Mapping[Role, Said]]
    phrases: Mapping[str, Said]
    made: Mapping[str, str]
    members: tuple[tuple[str, str, Said], ...]
    references: tuple[tuple[Reference, Part], ...]
    tests: bool

    def words(self) -> TaskWords:
        """Nothing but that. It is one object as long as nobody hears anything else."""
        return TaskWords(self.names, self.members, self.references, self.tests, self.phrases, self.made)


def _heard(each: Footprint, shared: Shared) -> _Heard:
    words = each.words
    return _Heard(
        names={name: words.names[name] for name in shared.names},
        phrases={key: words.phrases[key] for key in shared.phrases},
        made={key: words.made[key] for key in shared.made},
        members=words.members,
        references=words.references,
        tests=words.tests,
    )


def _stake(each: Footprint, words: TaskWords) -> Footprint:
    """What others rest on in a task. It is the one that was kept, where an edit has not changed it."""
    return without_prose(replace(each, words=words))


def put_into_waves(jobs: Sequence[Job], bounds: Bounds, width: int) -> Waves:
    """The fewest waves within the bounds. The jobs stand in the plan's order."""
    waves = schedule(jobs, bounds.before, bounds.apart, width, bounds.groups)
    return Waves(cycles([job.id for job in jobs], bounds.before) if waves.unscheduled else (), waves)


def bounds_of(found: Hazards) -> Bounds:
    """What hazards mean for waves."""
    large = [each for each in found.wanted if len(each.tasks) >= LARGE_GROUP]
    apart = {pair for each in found.wanted if len(each.tasks) < LARGE_GROUP for pair in each.pairs()}
    apart.update(pair for each in large for pair in each.outer_pairs())
    return Bounds(
        before=tuple(dict.fromkeys([(each.on, each.task) for each in found.dependencies])),
        apart=frozenset(apart),
        groups=tuple([each.tasks for each in large]),
    )


def in_text_order(bounds: Bounds, jobs: Sequence[Job], grouped: frozenset[str]) -> Bounds:
    """The same where the order of the text is the author's: then it is that of tasks which exclude one another.

    So do tasks of which nobody knows what they write, except those that are `grouped`: they may run beside others, says
    the author. Where something that is waited for stands behind, the order of the text decides nothing.
    """
    places = {job.id: place for place, job in enumerate(jobs)}
    known = [pair for pair in bounds.before if places.keys() >= set(pair)]
    if any(places[first] > places[second] for first, second in known):
        return bounds
    before = dict.fromkeys(known)
    for tasks in (*bounds.apart, *bounds.groups):
        before.update(dict.fromkeys(pairwise(sorted(filter(places.__contains__, tasks), key=places.__getitem__))))
    before.update(dict.fromkeys(_around_lone(jobs, grouped)))
    return Bounds(tuple(sorted(before, key=lambda pair: (places[pair[1]], places[pair[0]]))), frozenset(), ())


def _around_lone(jobs: Sequence[Job], grouped: frozenset[str]) -> Iterator[tuple[str, str]]:
    """All before a task that runs alone come before it, and all behind it after it."""
    since: list[str] = []
    lone: str | None = None
    for job in jobs:
        if lone is not None:
            yield lone, job.id
        if job.alone and job.id not in grouped:
            yield from ((earlier, job.id) for earlier in since)
            lone, since = job.id, []
        else:
            since.append(job.id)


def _grouped(claims: Claims, homes: Column[Task], _claims: Claims) -> frozenset[str]:
    return frozenset([home.id for home in homes.values() if claims.group(home) is not None])


def _sources(inputs: Inputs, task: Task) -> Sources:
    return sources_of(task, inputs.around, inputs.tree)


def _needed(tree: Tree, sources: Column[Sources]) -> frozenset[str]:
    found = sources.cells
    mirrored = (path for each in found for path in each.mirrored)
    imported = (path for each in found for path in each.imported)
    others = (path for each in found for path in (*each.implying, *each.ignoring))
    needed = islice(dict.fromkeys((*mirrored, *imported, *others)), MOST_SOURCES)
    return frozenset(needed).union(manifests(tree) if any(each.importing for each in found) else ())


def _spoken(each: Footprint) -> Spoken:
    """What a task speaks of; nothing, once it is done."""
    return spoken_by(each.words) if each.task.is_open else Spoken()


def _without_words(stake: Footprint) -> Footprint:
    return replace(stake, words=NO_WORDS)


def _any_by_words(stakes: Column[Footprint]) -> bool:
    """Whether a task refers to another one by words of its title: else a title may change, but for its number."""
    return any(reference.is_words for each in stakes.values() for reference, _ in each.words.references)


def _title(home: Task) -> str:
    return home.title


def _place(home: Task) -> tuple[int | None, int | None]:
    """Where the author has put a task among the others."""
    return home.wave, home.phase


def _stands(home: Task) -> tuple[Span, Span | None, int | None, int | None]:
    """Where a task's id and its mark stand, and in which wave and phase."""
    return home.id_span, home.parallel, home.wave, home.phase


def _written(each: Footprint) -> PathSet | None:
    """What a task would write; None, once it is done."""
    return each.writes.paths if each.task.is_open else None


def _model(effort: _Effort) -> ModelChoice:
    return effort.model


def _created(written: Column[PathSet | None]) -> Created:
    return Created(tuple([paths for paths in written.values() if paths is not None]))


def _unpredicted(rows: Rows, found: Hazards) -> Column[ImportFinding | None]:
    """For each task, an import of it that its pattern does not predict."""
    imports = {each.task: each for each in found.imports if each.unpredictable}
    return Column(rows, [*map(imports.get, rows)])


def _job(home: Task, each: Footprint, effort: _Effort) -> Job | None:
    """A task that is to be put into a wave: none that is not open."""
    return Job(home.id, effort.estimate.minutes, home.wave, each.writes.unknown) if home.is_open else None


def _jobs(jobs: Column[Job | None]) -> tuple[Job, ...]:
    return tuple([job for job in jobs.values() if job is not None])


def _in_wave(alone: TaskAnalysis, home: Task, wave: int | None) -> TaskAnalysis:
    return TaskAnalysis(  # `replace` takes three times as long, and a new line shifts the waves of all behind it.
        task=home,
        writes=alone.writes,
        reads=alone.reads,
        model=alone.model,
        minutes=alone.minutes,
        wave=wave,
        minutes_because=alone.minutes_because,
        cost=alone.cost,
    )


def _waves_of(rows: Rows, waves: Waves) -> Column[int | None]:
    numbers = {name: number for number, wave in enumerate(waves.schedule.waves, 1) for name in wave}
    return Column(rows, [*map(numbers.get, rows)])


def _placed(found: Contention, roster: Roster) -> Contention:
    spans = zip(found.tasks, found.spans, strict=True)
    return replace(found, spans=tuple([moved(span, roster.place_of(task)) for task, span in spans]))
