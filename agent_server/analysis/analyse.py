"""The analysis of one plan over one tree: the one door to this package."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from itertools import islice

from agent_server.analysis import rules
from agent_server.analysis.claims import declared, entries, files
from agent_server.analysis.complexity import choose_model
from agent_server.analysis.estimates import Estimate, estimate
from agent_server.analysis.facts import NO_FACTS, RunFacts
from agent_server.analysis.footprints import Footprint, footprint
from agent_server.analysis.hazards import Hazards, hazards
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Analysis, ModelChoice, Schedule, TaskAnalysis
from agent_server.analysis.schedule import Job, cycles, schedule
from agent_server.analysis.settings import AnalysisSettings
from agent_server.analysis.tree import Tree
from agent_server.analysis.write_sets import sources_of_writes
from agent_server.plan.model import Plan, Problem, Task

DEFAULT_SETTINGS = AnalysisSettings()

MOST_SOURCES = 200
"""How many files' texts one analysis asks for at most."""


def analyse(
    plan: Plan,
    problems: Iterable[Problem],
    tree: Tree,
    settings: AnalysisSettings = DEFAULT_SETTINGS,
    facts: RunFacts = NO_FACTS,
) -> Analysis:
    """Everything that is known of `plan` over `tree`: hazards, waves, models, diagnostics.

    `problems` are the reader's. `tree.contents` should hold the texts that `sources_needed` names; an import that only
    a missing text could predict is waited for.
    """
    around = Surroundings(plan)
    footprints = _footprints(plan, around, tree)
    running = [each for each in footprints.values() if each.task.is_open]
    found = hazards(running, tree, plan.tasks)
    models = {task_id: choose_model(each, around, settings) for task_id, each in footprints.items()}
    taking = {
        task_id: estimate(each, models[task_id], around, settings, facts.history)
        for task_id, each in footprints.items()
    }
    times = {task_id: each.minutes for task_id, each in taking.items()}
    before = tuple(dict.fromkeys((each.on, each.task) for each in found.dependencies))
    waves = _schedule(running, times, before, found, plan.settings.agents or settings.agents)
    draft = Analysis(
        plan=plan,
        problems=tuple(problems),
        tree=tree,
        settings=settings,
        facts=facts,
        tasks=_tasks(footprints, models, taking, waves, tree),
        conflicts=found.conflicts,
        dependencies=found.dependencies,
        contracts=found.contracts,
        imports=found.imports,
        cycles=cycles([each.task.id for each in running], before),
        schedule=waves,
    )
    return replace(draft, diagnostics=rules.run(draft), unanswered=frozenset(tree.answers.unanswered))


def sources_needed(plan: Plan, tree: Tree) -> frozenset[str]:
    """The existing files whose texts an analysis of `plan` reads.

    Those that open tasks with imports mirror, and those that say what a task's writes imply.
    """
    around = Surroundings(plan)
    mirrored = (
        path
        for task in plan.tasks
        if task.is_open and task.imports
        for claim in declared("mirrors", task.mirrors, tree)
        for path in files(claim.paths, tree)
    )
    implying = (path for task in plan.tasks if task.is_open for path in sorted(sources_of_writes(task, around, tree)))
    return frozenset(islice(dict.fromkeys((*mirrored, *implying)), MOST_SOURCES))


def _footprints(plan: Plan, around: Surroundings, tree: Tree) -> Mapping[str, Footprint]:
    """The footprint of each task by its id, in the plan's order; of equal ids the first counts."""
    tasks: dict[str, Task] = {}
    for task in plan.tasks:
        tasks.setdefault(task.id, task)
    return {task_id: footprint(task, around, tree) for task_id, task in tasks.items()}


def _schedule(
    running: Iterable[Footprint],
    times: Mapping[str, float],
    before: Collection[tuple[str, str]],
    found: Hazards,
    width: int,
) -> Schedule:
    jobs = [Job(each.task.id, times[each.task.id], each.task.wave, each.writes.unknown) for each in running]
    apart = [(each.first, each.second) for each in found.conflicts]
    return schedule(jobs, before, apart, width)


def _tasks(
    footprints: Mapping[str, Footprint],
    models: Mapping[str, ModelChoice],
    taking: Mapping[str, Estimate],
    waves: Schedule,
    tree: Tree,
) -> Mapping[str, TaskAnalysis]:
    numbers = {task_id: number for number, wave in enumerate(waves.waves, 1) for task_id in wave}
    return {
        task_id: TaskAnalysis(
            task=each.task,
            writes=each.writes,
            reads=entries(each.read_claims, tree),
            model=models[task_id],
            minutes=taking[task_id].minutes,
            wave=numbers.get(task_id),
            minutes_because=taking[task_id].because,
            cost=taking[task_id].cost,
        )
        for task_id, each in footprints.items()
    }
