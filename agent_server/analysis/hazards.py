"""Hazards: why two tasks may not run at the same time, or not in any order.

Rules that decide what is a hazard and what is not:

- A pair that `needs` already orders has no hazard of its own: the author has settled it, but for two marked tasks that
  write one file.
- A task that reads a file which a task before it changes comes after that task. A task that reads a file which a task
  *behind* it changes reads the old version, for its sandbox is isolated: no hazard. "Before" is by fixed waves where
  both tasks have one, else by the place in the plan.
- A file of Rust that the earlier task changes to declare a new module below it is no reason: what others import from
  there is there already, or is the matter of `import_hazards`.
- A task that reads a file which does not exist comes after the task that creates it, wherever both stand: the first one
  that spells it out or, where none does and it is one certain file, those whose globs match it. A folder that only
  prose names is no such file: "with the alias `@/` for `src/`".
- A folder that prose names as the place of what is done ("create the form in `src/forms/`") keeps no two tasks apart:
  each puts files of its own there. Who reads what lies there comes after them.
- What only prose tells of, and all that is read in other formats than ours, is a guess: it is never against `needs`,
  by way of other tasks either, nor against fixed waves, and makes no cycle. Only a `reads` of our own format outweighs
  them: then the author contradicts himself.
- In other formats a file that its reader writes as well is no reason to wait for others that write it: they are in
  conflict, and the order of the text says who comes first.
- A contract (see `import_hazards`) makes an import no dependency; a read of the same task's files makes it one again.
- Where the order of the text is the author's, as in other formats than ours, only `needs` is against it: a test that
  reads a file which a task behind it creates is to be written first.
- Words that no path shows are dependencies too, where they make no cycle: see `symbol_hazards`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import combinations
from typing import Any

from agent_server.analysis.claims import Claim, files
from agent_server.analysis.footprints import Footprint
from agent_server.analysis.globs.overlaps import Comparison, Overlaps
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.imports.hazards import import_hazards
from agent_server.analysis.memory import Recall, do
from agent_server.analysis.model import (
    Conflict,
    Contention,
    Contract,
    Deed,
    Dependency,
    HazardKind,
    ImportFinding,
    Source,
)
from agent_server.analysis.scheduling.acyclic import without_cycles
from agent_server.analysis.scheduling.claimed import DEFAULT_CLAIMS, Claims
from agent_server.analysis.scheduling.contentions import Wanted, contentions
from agent_server.analysis.scheduling.precedence import PlanOrder
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.hazards import inferred
from agent_server.languages.rust_layout import declarers
from agent_server.plan.model import Item, Task
from agent_server.plan.moving import LazyTuple
from agent_server.plan.text import Span

SpanOf = Callable[[HazardKind, str, str], Span]
"""Where the plan says, for a kind of conflict, that a task wants a path."""


@dataclass(frozen=True, slots=True, eq=False)
class Hazards:
    """All that keeps tasks apart or in order, and the imports that do not need to. `wanted` tells all `conflicts`."""

    conflicts: Sequence[Conflict]
    wanted: tuple[Wanted, ...]
    contentions: tuple[Contention, ...]
    dependencies: tuple[Dependency, ...]
    contracts: tuple[Contract, ...]
    imports: tuple[ImportFinding, ...]

    @property
    def parts(self) -> Mapping[str, Any]:
        """All but the pairs that conflict, by their names. These follow from what is wanted and what is waited for."""
        return {
            "wanted": self.wanted,
            "contentions": self.contentions,
            "dependencies": self.dependencies,
            "contracts": self.contracts,
            "imports": self.imports,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Certain:
    """What follows from what the tasks write, read, import and need, before anybody reads their words."""

    order: PlanOrder
    conflicts: Sequence[Conflict]
    wanted: tuple[Wanted, ...]
    dependencies: tuple[Dependency, ...]
    contracts: tuple[Contract, ...]
    imports: tuple[ImportFinding, ...]
    span_of: SpanOf
    implies: Callable[[str, str], bool]


def hazards(  # noqa: PLR0913, PLR0917  # the plan's tasks, its format's claims, and how to remember
    footprints: Sequence[Footprint],
    tree: Tree,
    tasks: Sequence[Task],
    recall: Recall = do,
    outline: object = None,
    claims: Claims = DEFAULT_CLAIMS,
) -> Hazards:
    """The hazards among the open tasks, which are given in the plan's order. `tasks` are all tasks of the plan.

    The footprints need neither prose nor waves: where the author has put a task, `tasks` tell. `recall` remembers the
    parts of the work that an edit of one task mostly leaves alone; `outline` is equal for footprints that differ in
    their words alone. `claims` tells what the author says may run at the same time.
    """
    importing = tuple(footprints) if any(each.targets for each in footprints) else ()
    known = {task.id: task for task in reversed(tasks)}
    running = [known[each.task.id] for each in footprints]
    listed = tuple([(task.id, task.wave, claims.group(task), task.needs) for task in running])
    order = recall("order", lambda *_: PlanOrder(running, claims), listed, claims)
    certain: _Certain = recall(
        "certain", lambda *_: _certain(footprints, tree, order, recall), outline, importing, order
    )
    words = inferred(footprints, tasks, tree, certain.order, certain.dependencies, certain.contracts, recall)
    guesses = tuple([each for each in words if certain.order.allows(each.task, each.on)])
    said = {(each.task, each.on) for each in guesses}
    dependencies = (*certain.dependencies, *guesses)
    return Hazards(
        conflicts=certain.conflicts,
        wanted=certain.wanted,
        contentions=recall("contentions", partial(_contentions, recall), certain, dependencies),
        dependencies=dependencies,
        contracts=tuple(each for each in certain.contracts if (each.task, each.producer) not in said),
        imports=certain.imports,
    )


def _certain(footprints: Sequence[Footprint], tree: Tree, order: PlanOrder, recall: Recall) -> _Certain:
    contested, reads = tuple([each.contested(tree) for each in footprints]), _read_sets(footprints)
    placed = [each for each in footprints if each.has_vague]
    sets = (*contested, *[each.writes.paths for each in placed])
    comparison: Comparison = recall("comparison", partial(Comparison, tree))
    shared = recall("overlaps", partial(_overlaps, comparison), sets, reads)
    imported = list(import_hazards(footprints, tree, order))
    writers = _writers((*footprints, *placed), len(footprints), reads, shared)
    predicted = frozenset((each.task, each.span) for each in imported if isinstance(each, Contract))
    outputs = tuple(_output_dependencies(footprints, tree, order, predicted, writers))
    needs = tuple(_needs(footprints))
    waits = tuple(_waits(imported, outputs, needs, order))
    waiting = {(each.task, each.on) for each in waits}
    contracts = (each for each in imported if isinstance(each, Contract))
    writes = shared.below(len(footprints))
    locks = _locks(footprints)
    tasks_by_id = {each.task.id: each for each in footprints}
    written = cache(lambda task, path: tasks_by_id[task].written_span(path))  # A hot file is asked for by every pair.
    implies = cache(lambda task, path: tasks_by_id[task].implies(path))

    def span_of(kind: HazardKind, task: str, path: str) -> Span:
        return locks[path][task].span if kind is HazardKind.LOCK_CONFLICT else written(task, path)

    return _Certain(
        order=order,
        conflicts=LazyTuple(partial(_conflicts, footprints, writes, locks, order, span_of)),
        wanted=tuple(sorted(_wanted(footprints, writes, locks), key=lambda each: each.path)),
        dependencies=(*needs, *waits),
        contracts=tuple([each for each in contracts if (each.task, each.producer) not in waiting]),
        imports=tuple(each for each in imported if isinstance(each, ImportFinding)),
        span_of=span_of,
        implies=implies,
    )


def _waits(
    imported: Iterable[object], outputs: Iterable[Dependency], needs: Iterable[Dependency], order: PlanOrder
) -> Iterator[Dependency]:
    """What follows from imports and files, each pair once; guesses only as far as they make no cycle with the rest."""
    found = [
        each for each in (*imported, *outputs) if isinstance(each, Dependency) and order.allows(each.task, each.on)
    ]
    guessed = [each for each in found if _is_guess(each.confidence, order)]
    stated = [each for each in found if not _is_guess(each.confidence, order)]
    said = {(each.task, each.on) for each in (*needs, *stated)}
    kept = said.union((each.task, each.on) for each in without_cycles(guessed, said, order.places))
    waits: dict[tuple[str, str], Dependency] = {}
    for each in found:
        if (each.task, each.on) in kept:
            waits.setdefault((each.task, each.on), each)
    return iter(waits.values())


def _is_guess(confidence: float, order: PlanOrder) -> bool:
    """Whether a dependency is not the author's: he has put all in order, or only his prose tells of it."""
    return order.in_order or confidence < 1


def _contentions(recall: Recall, certain: _Certain, dependencies: Sequence[Dependency]) -> tuple[Contention, ...]:
    waits = tuple([(each.task, each.on) for each in dependencies])
    found: tuple[Contention, ...] = recall("gathered", contentions, certain.wanted, waits, certain.order)
    return tuple([_with_spans(certain, each) for each in found])


def _with_spans(certain: _Certain, found: Contention) -> Contention:
    spans = tuple([certain.span_of(found.kind, task, found.paths[0]) for task in found.tasks])
    is_about_files = found.kind is HazardKind.WRITE_CONFLICT
    implied = is_about_files and all(any(certain.implies(task, path) for task in found.tasks) for path in found.paths)
    return replace(found, spans=spans, implied=implied)


def _overlaps(comparison: Comparison, writes: tuple[PathSet, ...], reads: tuple[PathSet, ...]) -> Overlaps:
    return comparison.overlaps((*writes, *reads), len(writes))


def _needs(footprints: Sequence[Footprint]) -> Iterator[Dependency]:
    tasks = {each.task.id: each.task for each in footprints}
    for task in [task for task in tasks.values() if task.needs]:
        first: dict[str, Item] = {}
        for need in task.needs:
            first.setdefault(need.text, need)
        for on, need in first.items():
            if on in tasks:
                because = f"needs: {on}"
                yield Dependency(HazardKind.NEEDS, task.id, on, "", need.span, tasks[on].id_span, because)


def _wanted(
    footprints: Sequence[Footprint], writes: Overlaps, locks: Mapping[str, Mapping[str, Item]]
) -> Iterator[Wanted]:
    """All that tasks exclude one another by."""
    ids = [each.task.id for each in footprints]
    for meeting in writes.meetings:
        spelled, matched = (tuple([ids[at] for at in places]) for places in (meeting.spelled, meeting.matched))
        yield Wanted(HazardKind.WRITE_CONFLICT, meeting.path, spelled, matched)
    for (left, right), path in writes.examples.items():
        yield Wanted(HazardKind.WRITE_CONFLICT, path, (ids[left], ids[right]))
    for lock, holders in locks.items():
        if len(holders) > 1:
            yield Wanted(HazardKind.LOCK_CONFLICT, lock, tuple(holders))


def _conflicts(
    footprints: Sequence[Footprint],
    writes: Overlaps,
    locks: Mapping[str, Mapping[str, Item]],
    order: PlanOrder,
    span_of: SpanOf,
) -> Iterator[Conflict]:
    """The pairs, writes before locks. Of a large plan these are very many, so nobody should ask without need."""
    ids = [each.task.id for each in footprints]
    pairs = ((ids[left], ids[right], paths) for left, right, paths in writes.pairs())
    held: dict[tuple[str, str], list[str]] = {}
    for lock, holders in locks.items():
        for pair in combinations(holders, 2):
            held.setdefault(pair, []).append(lock)
    kinds = (
        (HazardKind.WRITE_CONFLICT, pairs),
        (HazardKind.LOCK_CONFLICT, ((*pair, tuple(names)) for pair, names in held.items())),
    )
    for kind, found in kinds:
        for first, second, paths in found:
            if not order.settles(first, second):
                spans = (tuple([span_of(kind, task, path) for path in paths]) for task in (first, second))
                yield Conflict(kind, first, second, paths, *spans)


def _locks(footprints: Sequence[Footprint]) -> Mapping[str, Mapping[str, Item]]:
    """The locks, with the tasks that hold each and where they say so."""
    locks: dict[str, dict[str, Item]] = {}
    for each in footprints:
        for item in each.task.locks:
            locks.setdefault(item.text, {}).setdefault(each.task.id, item)
    return locks


@dataclass(frozen=True, slots=True)
class _Writer:
    """A task that writes `paths`, which another one reads. `spelled`: its write set spells one of them out."""

    footprint: Footprint
    paths: tuple[str, ...]
    spelled: bool


def _output_dependencies(
    footprints: Sequence[Footprint],
    tree: Tree,
    order: PlanOrder,
    predicted: frozenset[tuple[str, Span]],
    written: Mapping[PathSet, Sequence[_Writer]],
) -> Iterator[Dependency]:
    """What each task waits for because it reads it, claim by claim. Items of `predicted` tasks are known in advance.

    What the author says of the order outweighs what words say of a file; only a field can contradict it.
    """
    for reader, claim, writers in _reads(footprints, written):
        if (reader.task.id, claim.span) not in predicted:
            for writer, does in _awaited(reader, claim, _of_others(reader, writers, order), tree, order):
                yield _output_dependency(reader, claim, writer, does)


def _awaited(
    reader: Footprint, claim: Claim, writers: Sequence[_Writer], tree: Tree, order: PlanOrder
) -> Iterator[tuple[_Writer, Deed]]:
    """Those of the writers of what a task reads that it comes after, and what each of them does with that."""
    missing = not files(claim.paths, tree) and (claim.paths.is_literal or claim.source is not Source.NAMED)
    creator = next((writer for writer in writers if writer.spelled), None)
    is_import = any(item.span == claim.span for item in reader.task.imports)
    makers = _makers(writers, tree)
    for writer in writers:
        does = Deed.CREATES if makers.get(writer.paths[0]) is writer else Deed.CHANGES
        if is_import and _only_declares(writer, tree):
            continue
        task, on = reader.task.id, writer.footprint.task.id
        needed = missing and (writer is creator or (claim.paths.is_literal and creator is None))
        if order.needs.follows(task, on) or not (needed or order.before(on, task)):
            continue
        if _is_guess(claim.confidence, order):
            is_open = not (order.needs.follows(on, task) or order.fixed_after(on, task))
            if is_open and (not order.together(task, on) or _outweighs_mark(claim, writer, does, tree)):
                yield writer, does
        elif needed or not order.needs.follows(on, task):
            yield writer, does


def _makers(writers: Sequence[_Writer], tree: Tree) -> Mapping[str, _Writer]:
    """The first task that writes each file which is not there, before all others one that spells it out."""
    makers: dict[str, _Writer] = {}
    for writer in sorted(writers, key=lambda each: not each.spelled):
        for path in writer.paths:
            if path not in tree:
                makers.setdefault(path, writer)
    return makers


def _outweighs_mark(claim: Claim, writer: _Writer, does: Deed, tree: Tree) -> bool:
    """Whether what a task reads is a reason to wait for one beside which it may run, as the author says.

    A file in a sentence is one, a folder is not. A list of what to read cites files as they are today. So there only a
    new one counts: its task says that it creates it, or the workspace has what lies round it. Where it has nothing of
    all that a plan speaks of, the plan lies somewhere else.
    """
    if claim.source is Source.NAMED:
        return claim.paths.is_literal
    path = writer.paths[0]
    is_new = path in writer.footprint.creates or tree.is_directory(path.partition("/")[0])
    return does is Deed.CREATES and is_new


def _of_others(reader: Footprint, writers: Sequence[_Writer], order: PlanOrder) -> Sequence[_Writer]:
    """The writers, with what the task that reads does not write as well: about that the two are in conflict.

    Where the author has put the tasks in order, that says who comes first. Elsewhere what is read says it.
    """
    if not order.in_order:
        return writers
    own = reader.writes.paths
    left = (replace(each, paths=tuple([path for path in each.paths if not own.matches(path)])) for each in writers)
    return [each for each in left if each.paths]


def _only_declares(writer: _Writer, tree: Tree) -> bool:
    """Whether a task writes files of Rust because new modules of its own have to be declared there."""
    new = (path for path in writer.footprint.writes.paths.literals if path not in tree)
    declaring = {above for path in new for above in declarers(path)}
    return all(path in tree and path in declaring for path in writer.paths)


def _writers(
    footprints: Sequence[Footprint], tasks: int, reads: Sequence[PathSet], shared: Overlaps
) -> Mapping[PathSet, Sequence[_Writer]]:
    """The tasks that write what others read, by what that is. In `shared`, reads stand behind the writes.

    The footprints are those of all `tasks`, and then once more of those with places, which a reader waits for, too.
    """
    writers: dict[PathSet, list[_Writer]] = {}
    for left, right, paths in shared.across(len(footprints)):
        writer = footprints[left]
        if left < tasks and writer.has_vague:
            continue
        spelled = not set(paths).isdisjoint(writer.writes.paths.literals)
        writers.setdefault(reads[right - len(footprints)], []).append(_Writer(writer, paths, spelled))
    return writers


def _reads(
    footprints: Sequence[Footprint], writers: Mapping[PathSet, Sequence[_Writer]]
) -> Iterator[tuple[Footprint, Claim, list[_Writer]]]:
    """Each read claim whose paths other tasks write, with those tasks."""
    for each in footprints if writers else ():
        for claim in each.read_claims:
            found = [writer for writer in writers.get(claim.paths, ()) if writer.footprint is not each]
            if found:
                yield each, claim, found


def _read_sets(footprints: Sequence[Footprint]) -> tuple[PathSet, ...]:
    """What the tasks read; equal sets are compared but once."""
    return tuple(dict.fromkeys([claim.paths for each in footprints for claim in each.read_claims]))


def _output_dependency(reader: Footprint, claim: Claim, writer: _Writer, does: Deed) -> Dependency:
    path, on = writer.paths[0], writer.footprint.task.id
    because = f"{claim.because}, and `{on}` {does} `{path}`"
    written = writer.footprint.written_span(path)
    return Dependency(
        HazardKind.OUTPUT_DEPENDENCY,
        reader.task.id,
        on,
        path,
        claim.span,
        written,
        because,
        does=does,
        confidence=claim.confidence,
    )
