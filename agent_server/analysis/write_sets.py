"""Write sets: the files that each task's agent would write, and how that is known.

- A task that declares `writes` writes exactly that. Other paths that its instructions name do not enlarge the set: the
  declaration is what its agent is held to.
- A task that declares nothing writes the paths that its title and instructions name with a writing verb, and what that
  surely implies (see `implied`). What another task declares is left to that one: the author has thought of it.
- `- writes: nothing` says that the task changes no file.
- Otherwise the set is unknown, and an unknown set is never taken for an empty one.

What a task would change beside its set stands in `WriteSet.beyond`: consequences that its declaration leaves out,
where the set is unknown what the index of all sources predicts, and what earlier runs of the task wrote. That binds
nobody.
"""

from collections.abc import Iterator

from agent_server.analysis.claims import Claim, declared, entries, excepted, globs, named, path_set
from agent_server.analysis.estimates.past_runs import NO_HISTORY, History, observed
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.implied import implied_writes, sources
from agent_server.analysis.implied.work import Work
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Access, Source, WriteSet
from agent_server.analysis.questions import Likely
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.mention_words import Use
from agent_server.plan.formats import is_plan
from agent_server.plan.model import Task

MOST_PREDICTED = 10
"""How many predicted files a write set shows at most."""

LEAST_PROBABILITY = 0.15
"""A file that is less likely than this is no help to anybody."""

SURE = 0.8
"""From this confidence on, an implied write belongs to the set of a task that declares nothing."""

_WRITES = frozenset({Use.WRITES})


def write_claims(task: Task, around: Surroundings, tree: Tree) -> tuple[Claim, ...]:
    """What the plan says that the task writes, claim by claim; where it only names files, with what that implies."""
    claims = _said(task, around, tree)
    if task.writes or not claims:
        return claims
    implied = (each for each in implied_writes(Work(task, around, claims, tree)) if each.confidence >= SURE)
    return (*claims, *(each for each in implied if each.text not in around.declared))


def write_set(
    task: Task, around: Surroundings, claims: tuple[Claim, ...], tree: Tree, history: History = NO_HISTORY
) -> WriteSet:
    """The files that the task would write, from its claims.

    A task whose every glob is bad is as unknown as one that says nothing.
    """
    says_nothing = bool(task.writes) and not globs(task.writes)
    patterns = (*(claim.text for claim in claims), *excepted(task.writes, tree))
    unknown = not claims and not says_nothing
    paths = path_set(patterns, tree)
    beyond = tuple(_beyond(task, around, claims, tree, unknown=unknown)) if task.is_open and not says_nothing else ()
    if task.is_open and history.tasks:
        beyond = (*beyond, *_observed(task, paths, beyond, tree, history))
    return WriteSet(paths, entries(claims, tree), unknown, beyond)


def sources_of_writes(task: Task, around: Surroundings, tree: Tree) -> frozenset[str]:
    """The files whose texts the write set of a task rests on."""
    return sources(Work(task, around, _said(task, around, tree), tree))


def _said(task: Task, around: Surroundings, tree: Tree) -> tuple[Claim, ...]:
    return declared("writes", task.writes, tree) if task.writes else named(task, around, tree, _WRITES)


def _beyond(
    task: Task, around: Surroundings, claims: tuple[Claim, ...], tree: Tree, *, unknown: bool
) -> Iterator[Access]:
    """What the task would change although its set does not hold it."""
    implied = implied_writes(Work(task, around, claims, tree))
    yield from entries((claim for claim in implied if claim not in claims), tree)
    if unknown and not task.writes:
        text = f"{task.title}\n\n{task.instructions}".strip()
        likely = tree.answers.likely(Likely(text)) or ()
        for found in likely[:MOST_PREDICTED]:
            if found.probability >= LEAST_PROBABILITY and not is_plan(found.path):
                yield Access(found.path, found.path in tree, Source.PREDICTED, found.probability, found.because)


def _observed(task: Task, paths: PathSet, beyond: tuple[Access, ...], tree: Tree, history: History) -> Iterator[Access]:
    """Files that earlier runs wrote and nothing else tells of. What they made and nobody kept, is not there."""
    known = {access.path for access in beyond}
    for found in observed(history, task.id):
        if found.path in tree and found.path not in known and not paths.matches(found.path):
            yield Access(found.path, True, Source.OBSERVED, found.probability, found.because)
