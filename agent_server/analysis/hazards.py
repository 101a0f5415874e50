"""Hazards: why two tasks may not run at the same time, or not in any order.

Rules that decide what is a hazard and what is not:

- A pair that `needs` already orders has no hazard of its own: the author has settled it.
- A task that reads a file which a task before it changes comes after that task. A task that reads a file which a task
  *behind* it changes reads the old version, for its sandbox is isolated: no hazard. "Before" is by fixed waves where
  both tasks have one, else by the place in the plan.
- A task that reads a file which does not exist comes after the task that creates it, wherever both stand.
- A contract (see `imports`) makes an import no dependency; a `reads` of the same file makes it one again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from agent_server.analysis.claims import Claim
from agent_server.analysis.footprints import Footprint
from agent_server.analysis.globs import PathSet
from agent_server.analysis.imports import Target, found_instead, is_ours, patterns, predicted
from agent_server.analysis.model import Conflict, Contract, Dependency, HazardKind, ImportFinding
from agent_server.analysis.overlaps import overlaps
from agent_server.analysis.precedence import Precedence
from agent_server.analysis.tree import Tree
from agent_server.analysis.writers import Writers
from agent_server.plan.model import Item
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Hazards:
    """All that keeps tasks apart or in order, and the imports that do not need to."""

    conflicts: tuple[Conflict, ...]
    dependencies: tuple[Dependency, ...]
    contracts: tuple[Contract, ...]
    imports: tuple[ImportFinding, ...]


def hazards(footprints: Sequence[Footprint], tree: Tree) -> Hazards:
    """The hazards among open tasks, given in the plan's order."""
    tasks = {each.task.id: each for each in footprints}
    needs = tuple(_needs(tasks))
    order = _Order(tasks, needs)
    reads = {(found.task, found.on): found for found in _output_dependencies(footprints, tree, order)}
    imports = _Imports(tasks, tree, order)
    for each in footprints:
        imports.examine(each)
    for found in imports.dependencies:
        reads.setdefault((found.task, found.on), found)
    return Hazards(
        conflicts=(*_write_conflicts(footprints, tree, order), *_lock_conflicts(footprints, order)),
        dependencies=(*needs, *reads.values()),
        contracts=tuple(each for each in imports.contracts if (each.task, each.producer) not in reads),
        imports=tuple(imports.findings),
    )


class _Order:
    """Which tasks the plan puts first: by `needs`, by fixed waves, by place."""

    def __init__(self, tasks: Mapping[str, Footprint], needs: Iterable[Dependency]) -> None:
        waits_for: dict[str, list[str]] = {task: [] for task in tasks}
        for need in needs:
            waits_for[need.task].append(need.on)
        self.needs = Precedence(waits_for)
        self._waves = {task_id: each.task.wave for task_id, each in tasks.items()}
        self._places = {task: place for place, task in enumerate(tasks)}

    def before(self, task: str, other: str) -> bool:
        """Whether `task` stands before `other`."""
        wave, other_wave = self._waves[task], self._waves[other]
        if wave is not None and other_wave is not None and wave != other_wave:
            return wave < other_wave
        return self._places[task] < self._places[other]

    def fixed_after(self, task: str, other: str) -> bool:
        """Whether the author has fixed waves that put `task` after `other`."""
        wave, other_wave = self._waves[task], self._waves[other]
        return wave is not None and other_wave is not None and wave > other_wave


def _needs(tasks: Mapping[str, Footprint]) -> Iterator[Dependency]:
    for task_id, each in tasks.items():
        for item in {item.text: item for item in reversed(each.task.needs)}.values():
            if item.text in tasks:
                on = tasks[item.text].task
                yield Dependency(HazardKind.NEEDS, task_id, on.id, "", item.span, on.id_span, f"needs: {item.text}")


def _write_conflicts(footprints: Sequence[Footprint], tree: Tree, order: _Order) -> Iterator[Conflict]:
    for left, right, paths in overlaps([each.writes.paths for each in footprints], tree):
        first, second = footprints[left], footprints[right]
        if not order.needs.orders(first.task.id, second.task.id):
            spans = first.written_span(paths[0]), second.written_span(paths[0])
            yield Conflict(HazardKind.WRITE_CONFLICT, first.task.id, second.task.id, paths, *spans)


def _lock_conflicts(footprints: Sequence[Footprint], order: _Order) -> Iterator[Conflict]:
    holders: dict[str, dict[str, Item]] = {}
    for each in footprints:
        for item in each.task.locks:
            holders.setdefault(item.text, {}).setdefault(each.task.id, item)
    shared: dict[tuple[str, str], list[tuple[str, Span, Span]]] = {}
    for lock, items in holders.items():
        for (first, one), (second, other) in combinations(items.items(), 2):
            if not order.needs.orders(first, second):
                shared.setdefault((first, second), []).append((lock, one.span, other.span))
    for (first, second), locks in shared.items():
        names = tuple(name for name, _, _ in locks)
        yield Conflict(HazardKind.LOCK_CONFLICT, first, second, names, *locks[0][1:])


@dataclass(frozen=True, slots=True)
class _Read:
    """One read claim of one task. `missing`: nothing that it means exists yet."""

    reader: Footprint
    claim: Claim
    missing: bool


def _output_dependencies(footprints: Sequence[Footprint], tree: Tree, order: _Order) -> Iterator[Dependency]:
    """One dependency for each pair of tasks at most: the first claim of the reader that needs it."""
    seen: set[tuple[str, str]] = set()
    for read, writers in _reads_with_writers(footprints, tree):
        reader = read.reader.task.id
        spelled = [
            each
            for each, paths in writers
            if read.missing and any(path in each.writes.paths.literals for path in paths)
        ]
        for writer, paths in writers:
            on = writer.task.id
            if (reader, on) in seen or order.needs.follows(reader, on):
                continue
            needed = read.missing and (not spelled or writer in spelled)
            if needed or (order.before(on, reader) and not order.needs.follows(on, reader)):
                seen.add((reader, on))
                yield _output_dependency(read, writer, paths[0], tree)


def _reads_with_writers(
    footprints: Sequence[Footprint], tree: Tree
) -> Iterator[tuple[_Read, list[tuple[Footprint, tuple[str, ...]]]]]:
    """Each read claim with the other tasks whose write sets share paths with it, and those paths."""
    write_sets: dict[PathSet, list[Footprint]] = {}
    for each in footprints:
        if each.writes.paths:
            write_sets.setdefault(each.writes.paths, []).append(each)
    read_sets = {claim.paths: claim for each in footprints for claim in each.read_claims}
    sets = [*write_sets, *read_sets]
    found: dict[PathSet, list[tuple[PathSet, tuple[str, ...]]]] = {}
    for left, right, paths in overlaps(sets, tree):
        if left < len(write_sets) <= right:
            found.setdefault(sets[right], []).append((sets[left], paths))
    for each in footprints:
        for claim in each.read_claims:
            writers = [
                (writer, paths)
                for written, paths in found.get(claim.paths, ())
                for writer in write_sets[written]
                if writer is not each
            ]
            if writers:
                yield _Read(each, claim, not claim.paths.expand(tree)), writers


def _output_dependency(read: _Read, writer: Footprint, path: str, tree: Tree) -> Dependency:
    does = "changes" if path in tree else "creates"
    because = f"{read.claim.because}, and `{writer.task.id}` {does} `{path}`"
    return Dependency(
        HazardKind.OUTPUT_DEPENDENCY,
        read.reader.task.id,
        writer.task.id,
        path,
        read.claim.span,
        writer.written_span(path),
        because,
    )


@dataclass(slots=True)
class _Imports:
    """What becomes of the imports that name no existing file."""

    tasks: Mapping[str, Footprint]
    tree: Tree
    order: _Order
    writers: Writers = field(init=False)
    dependencies: list[Dependency] = field(default_factory=list)
    contracts: list[Contract] = field(default_factory=list)
    findings: list[ImportFinding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.writers = Writers({task_id: each.writes.paths for task_id, each in self.tasks.items()}, self.tree)

    def examine(self, importer: Footprint) -> None:
        """Sort every import of a task that means no existing file into one of the three lists, or none."""
        for target in importer.targets:
            if target.existing is not None:
                continue
            path, creators = self._creators(target)
            if importer.task.id in creators:
                continue
            for creator in creators:
                self._from_creator(importer, target, path, self.tasks[creator])
            if not creators and is_ours(target.item.text, self.tree, self.writers):
                self.findings.append(ImportFinding(importer.task.id, target.item.text, target.item.span, None))

    def _creators(self, target: Target) -> tuple[str, tuple[str, ...]]:
        for path in target.files:
            creators = self.writers.creating(path)
            if creators:
                return path, creators
        return "", ()

    def _from_creator(self, importer: Footprint, target: Target, path: str, producer: Footprint) -> None:
        task, on, item = importer.task, producer.task, target.item
        if self.order.needs.follows(task.id, on.id):
            return
        if not self.order.fixed_after(task.id, on.id):
            contract, instead = self._contract(importer, target, path, producer)
            if contract is not None:
                self.contracts.append(contract)
                return
            self.findings.append(ImportFinding(task.id, item.text, item.span, on.id, instead))
        because = f"imports: {item.text}, and `{on.id}` creates `{path}`"
        kind = HazardKind.OUTPUT_DEPENDENCY
        self.dependencies.append(
            Dependency(kind, task.id, on.id, path, item.span, producer.written_span(path), because)
        )

    def _contract(
        self, importer: Footprint, target: Target, path: str, producer: Footprint
    ) -> tuple[Contract | None, str]:
        """The contract that makes an import known in advance, or what the mirrored files import instead."""
        task, on, item = importer.task, producer.task, target.item
        mirrored = _mirrored(importer, self.tree)
        candidates = list(patterns(importer.writes.paths.literals, mirrored))
        prediction = predicted(path, candidates, self.tree)
        if prediction is not None:
            pattern, names = prediction
            return Contract(task.id, on.id, item.text, path, names, pattern.mirrored, item.span), ""
        if on.exports:
            names = tuple(export.text for export in on.exports)
            return Contract(task.id, on.id, item.text, path, names, None, item.span), ""
        return None, found_instead(mirrored, candidates, self.tree) if mirrored else ""


def _mirrored(each: Footprint, tree: Tree) -> list[str]:
    """The existing files that a task mirrors."""
    spans = {item.span for item in each.task.mirrors}
    found = (path for claim in each.read_claims if claim.span in spans for path in claim.paths.expand(tree))
    return list(dict.fromkeys(found))
