"""The versions of one plan, analysed one after the other: each takes as long as what has changed since the last.

Invariant: whatever was analysed before, the answer is the one that an analysis from scratch gives. Three things keep
it, and a property test compares whole analyses:

- Work is remembered with everything that it rests on (see `memory`), and done again when any of it is different.
- No work rests on where a task stands. It is done where the task was read first, its *home*, and all that has a place
  in the text is moved from there (see `plan.moving`).
- Hazards are found between tasks at home, and moved like the two tasks that they are about.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from agent_server.analysis import rules
from agent_server.analysis.claims import entries
from agent_server.analysis.estimates.complexity import choose_model
from agent_server.analysis.estimates.estimate import Estimate, estimate
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.footprints import Footprint, footprint, without_prose
from agent_server.analysis.hazards import Hazards, hazards
from agent_server.analysis.imports.layouts import manifests
from agent_server.analysis.inputs import Inputs
from agent_server.analysis.memory import Memory
from agent_server.analysis.model import Analysis, Contention, ImportFinding, ModelChoice, Schedule, TaskAnalysis
from agent_server.analysis.scheduling.schedule import Job, cycles, schedule
from agent_server.analysis.settings import DEFAULT_SETTINGS, AnalysisSettings
from agent_server.analysis.sources import Sources, sources_of
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.task_words import TaskWords
from agent_server.plan.model import Plan, Problem, Task
from agent_server.plan.moving import LazyMapping, LazyTuple, moved

MOST_SOURCES = 200
"""How many files' texts one analysis asks for at most, manifests aside."""

LARGE_GROUP = 16
"""From so many tasks on, those that want one file are put into waves as a group and no longer as pairs."""

_MOST_ROUNDS = 5


class Analyser:
    """Analyses one plan, version by version. Not for several threads at a time."""

    def __init__(self) -> None:
        self._memory = Memory()
        self._findings = Memory()
        self._sources = Memory()
        self._paths: object = None
        self._needed: frozenset[str] = frozenset()
        self._before: Analysis | None = None

    def analyse(
        self,
        plan: Plan,
        problems: Iterable[Problem],
        tree: Tree,
        settings: AnalysisSettings = DEFAULT_SETTINGS,
        facts: RunFacts = NO_FACTS,
    ) -> Analysis:
        """What the function `analyse` answers."""
        inputs = Inputs(plan, tree)
        anew = not self._is_comparable(tree, settings, facts)
        self._memory.begin(inputs, anew=anew)
        draft = _Version(plan, tuple(problems), tree, settings, facts, inputs, self._memory).analysis()
        diagnostics = rules.run(draft, inputs, self._findings, anew=anew)
        questions = self._memory.unanswered() | self._findings.unanswered()
        self._before = replace(draft, diagnostics=diagnostics, unanswered=questions)
        return self._before

    def sources_needed(self, plan: Plan, tree: Tree) -> frozenset[str]:
        """What the function `sources_needed` answers."""
        inputs = Inputs(plan, tree)
        paths = (tree.paths, tree.case_sensitive)
        self._sources.begin(inputs, anew=paths != self._paths)
        self._paths = paths
        find = partial(_sources, inputs)
        tasks = {task.id: task for task in plan.tasks.homes}
        found = self._sources.recall_each("sources", find, tasks, tasks.values())
        return self._sources.recall("needed", partial(_needed, tree), tuple(found.values()))

    def with_sources(self, plan: Plan, tree: Tree, read: Callable[[frozenset[str]], Mapping[str, str]]) -> Tree:
        """The tree with all texts that an analysis of `plan` reads. `read` gives those of paths, as far as it can.

        What has to be read may follow from what was read: a module passes on the names of another one. So it is asked
        again until that ends; the texts that the last version needed are mostly those that this one needs.
        """
        needed = self._needed
        for _ in range(_MOST_ROUNDS):
            texts = read(needed)
            more = self.sources_needed(plan, tree.with_contents(texts))
            if more <= needed:
                return tree.with_contents({path: texts[path] for path in more if path in texts})
            needed = self._needed = more
        return tree.with_contents(read(needed))

    def _is_comparable(self, tree: Tree, settings: AnalysisSettings, facts: RunFacts) -> bool:
        """Whether work for the last analysis may be good for the next: the paths are what nearly all of it rests on."""
        before = self._before
        return (
            before is not None
            and before.tree.paths == tree.paths
            and before.tree.case_sensitive == tree.case_sensitive
            and before.settings == settings
            and before.facts.history == facts.history
        )


@dataclass(frozen=True, slots=True)
class _Effort:
    """What a task asks of its agent."""

    model: ModelChoice
    estimate: Estimate
    job: Job


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
class _Version:
    """One version of the plan, with all that its analysis rests on."""

    plan: Plan
    problems: tuple[Problem, ...]
    tree: Tree
    settings: AnalysisSettings
    facts: RunFacts
    inputs: Inputs
    memory: Memory

    def analysis(self) -> Analysis:
        """The analysis of this version, but for what the rules find."""
        recall, recall_each = self.memory.recall, self.memory.recall_each
        homes, places = self.plan.tasks.homes, self.plan.tasks.places
        numbers = _first_of_each_id(homes)
        footprints = recall_each("footprint", self._footprint, numbers, [homes[at] for at in numbers.values()])
        running = {name: each for name, each in footprints.items() if each.task.is_open}
        spoken = recall_each("spoken", self._spoken, running, running, [each.words for each in running.values()])
        shared = recall("shared", _shared_words, tuple(running), tuple(spoken.values()))
        stakes = recall_each("stake", self._stake, running, running.values(), shared.values())
        titles = tuple([(task.id, task.title) for task in homes])
        found = recall("hazards", self._hazards, tuple(stakes.values()), titles)
        unpredicted = {each.task: each for each in found.imports if each.unpredictable}
        efforts = recall_each("effort", self._effort, footprints, footprints.values(), map(unpredicted.get, footprints))
        jobs = tuple([efforts[name].job for name in running])
        bounds = recall("bounds", bounds_of, found)
        waves = recall("waves", put_into_waves, jobs, bounds, self.plan.settings.agents or self.settings.agents)
        wave_of = {name: number for number, wave in enumerate(waves.schedule.waves, 1) for name in wave}
        at_home = recall_each(
            "task", self._task, footprints, footprints.values(), efforts.values(), map(wave_of.get, footprints)
        )
        moves = {name: places[at] for name, at in numbers.items()}
        return Analysis(
            plan=self.plan,
            problems=self.problems,
            tree=self.tree,
            settings=self.settings,
            facts=self.facts,
            tasks=LazyMapping(at_home, lambda name: moved(at_home[name], moves[name])),
            at_home=at_home,
            conflicts=LazyTuple(
                lambda: [moved(each, moves[each.first], moves[each.second]) for each in found.conflicts]
            ),
            contentions=tuple([_placed(each, moves) for each in found.contentions]),
            dependencies=tuple([moved(each, moves[each.task], moves[each.on]) for each in found.dependencies]),
            contracts=tuple([moved(each, moves[each.task]) for each in found.contracts]),
            imports=tuple([moved(each, moves[each.task]) for each in found.imports]),
            cycles=waves.cycles,
            schedule=waves.schedule,
        )

    def _footprint(self, home: Task) -> Footprint:
        return footprint(home, self.inputs.around, self.inputs.tree)

    def _spoken(self, task: str, words: TaskWords) -> "_Spoken":
        """What a task speaks of. It is the one that was kept, where an edit has not changed it."""
        members = tuple([name for _, name, _ in words.members])
        spoken = _Spoken(tuple(words.names), members, tuple(words.phrases), tuple(words.made.items()))
        return self.memory.same(("spoken", task), spoken, spoken)

    def _stake(self, each: Footprint, shared: "_Shared") -> Footprint:
        """What hazards rest on in a task. It is the one that was kept, where an edit has not changed it."""
        task, words = each.task.id, each.words
        names = {name: words.names[name] for name in shared.names}
        phrases = {key: words.phrases[key] for key in shared.phrases}
        made = {key: words.made[key] for key in shared.made}
        basis = (names, phrases, made, words.members, words.references, words.tests)
        words = self.memory.same(("words", task), replace(words, names=names, phrases=phrases, made=made), basis)
        return self.memory.same(("bare", task), bare := without_prose(replace(each, words=words)), bare)

    def _hazards(self, running: Sequence[Footprint], _names: object) -> Hazards:
        return hazards(running, self.inputs.tree, self.plan.tasks.homes, self.memory.recall)

    def _effort(self, each: Footprint, unpredicted: ImportFinding | None) -> _Effort:
        around, task = self.inputs.around, each.task
        model = choose_model(each, around, self.settings, self.inputs.tree, unpredicted)
        taking = estimate(each, model, around, self.settings, self.facts.history)
        return _Effort(model, taking, Job(task.id, taking.minutes, task.wave, each.writes.unknown))

    def _task(self, each: Footprint, effort: _Effort, wave: int | None) -> TaskAnalysis:
        return TaskAnalysis(
            task=each.task,
            writes=each.writes,
            reads=entries(each.read_claims, self.tree),
            model=effort.model,
            minutes=effort.estimate.minutes,
            wave=wave,
            minutes_because=effort.estimate.because,
            cost=effort.estimate.cost,
        )


def put_into_waves(jobs: Sequence[Job], bounds: Bounds, width: int) -> Waves:
    """The fewest waves within the bounds. The jobs stand in the plan's order."""
    waves = schedule(jobs, bounds.before, bounds.apart, width, bounds.groups)
    return Waves(cycles([job.id for job in jobs], bounds.before), waves)


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


def _sources(inputs: Inputs, task: Task) -> Sources:
    return sources_of(task, inputs.around, inputs.tree)


def _needed(tree: Tree, found: Sequence[Sources]) -> frozenset[str]:
    mirrored = (path for each in found for path in each.mirrored)
    imported = (path for each in found for path in each.imported)
    others = (path for each in found for path in (*each.implying, *each.ignoring))
    needed = islice(dict.fromkeys((*mirrored, *imported, *others)), MOST_SOURCES)
    return frozenset(needed).union(manifests(tree) if any(each.importing for each in found) else ())


def _first_of_each_id(tasks: Sequence[Task]) -> Mapping[str, int]:
    """The numbers of the tasks by their ids, in the plan's order; of equal ids the first counts."""
    found: dict[str, int] = {}
    for number, task in enumerate(tasks):
        found.setdefault(task.id, number)
    return found


class _Spoken(NamedTuple):
    """What one task speaks of: names, names in modules, keys of plain words, and what it makes by such keys."""

    names: tuple[str, ...]
    members: tuple[str, ...]
    phrases: tuple[str, ...]
    made: tuple[tuple[str, str], ...]


class _Shared(NamedTuple):
    """What one task says that matters to another: names, plain words for what another makes, and what is meant by such.

    The latter two are keys.
    """

    names: tuple[str, ...]
    phrases: tuple[str, ...]
    made: tuple[str, ...]


def _shared_words(tasks: Sequence[str], spoken: Sequence[_Spoken]) -> Mapping[str, _Shared]:
    """For each task, what it speaks of and another one too: anything else matters to nobody else.

    Who speaks of `store.Open` speaks of `Open`.
    """
    speakers = Counter(chain.from_iterable([(*each.names, *each.members) for each in spoken]))
    meant = set(chain.from_iterable([each.phrases for each in spoken]))
    meant.intersection_update([key for each in spoken for key, _ in each.made])
    shared = {name for name, number in speakers.items() if number > 1}
    shared.update(name for each in spoken for key, name in each.made if key in meant)
    return {
        task: _Shared(
            tuple(filter(shared.__contains__, each.names)),
            tuple(filter(meant.__contains__, each.phrases)),
            tuple([key for key, _ in each.made if key in meant]),
        )
        for task, each in zip(tasks, spoken, strict=True)
    }


def _placed(found: Contention, moves: Mapping[str, int]) -> Contention:
    spans = zip(found.tasks, found.spans, strict=True)
    return replace(found, spans=tuple([moved(span, moves[task]) for task, span in spans]))
