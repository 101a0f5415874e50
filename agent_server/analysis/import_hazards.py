"""Imports of files that do not exist yet: missing, waited for, or known in advance.

An import that no open task creates is missing. One that another open task creates may still run beside that task, by a
contract:

1. the importer mirrors an existing file, and an import of that file, with the names substituted, is exactly this one,
   names included where the producer declares `exports`;
2. or the producer declares `exports`.

Otherwise the importer waits for the producer, and a finding says so, with what the mirrored file imports instead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.analysis.footprints import Footprint
from agent_server.analysis.imports import Target, is_ours
from agent_server.analysis.model import Contract, Dependency, HazardKind, ImportFinding
from agent_server.analysis.precedence import PlanOrder
from agent_server.analysis.predictions import found_instead, mirrorings, predicted
from agent_server.analysis.tree import Tree
from agent_server.analysis.writers import Writers
from agent_server.plan.model import Item, Task

Outcome = Contract | Dependency | ImportFinding


def import_hazards(footprints: Sequence[Footprint], tree: Tree, order: PlanOrder) -> Iterator[Outcome]:
    """What becomes of every import of an open task that means no existing file."""
    tasks = {each.task.id: each for each in footprints}
    writers = Writers({task_id: each.writes.paths for task_id, each in tasks.items()}, tree)
    surroundings = _Surroundings(tasks, writers, tree, order)
    for importer in footprints:
        for target in importer.targets:
            if target.existing is None:
                yield from _outcomes(importer, target, surroundings)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What an import is judged against."""

    tasks: Mapping[str, Footprint]
    writers: Writers
    tree: Tree
    order: PlanOrder


def _outcomes(importer: Footprint, target: Target, around: _Surroundings) -> Iterator[Outcome]:
    created = ((path, around.writers.creating(path)) for path in target.files)
    path, creators = next((found for found in created if found[1]), ("", ()))
    task_id, item = importer.task.id, target.item
    if task_id in creators:
        return
    if not creators and is_ours(target, around.tree, around.writers):
        yield ImportFinding(task_id, item.text, item.span, None)
    for creator in creators:
        if not around.order.needs.follows(task_id, creator):
            yield from _from_creator(importer, item, path, around.tasks[creator], around)


def _from_creator(
    importer: Footprint, item: Item, path: str, producer: Footprint, around: _Surroundings
) -> Iterator[Outcome]:
    task_id, on = importer.task.id, producer.task.id
    if not around.order.fixed_after(task_id, on):
        outcome = _contract(importer, item, path, producer.task, around.tree)
        yield outcome
        if isinstance(outcome, Contract):
            return
    because = f"imports: {item.text}, and `{on}` creates `{path}`"
    written = producer.written_span(path)
    yield Dependency(HazardKind.OUTPUT_DEPENDENCY, task_id, on, path, item.span, written, because)


def _contract(importer: Footprint, item: Item, path: str, producer: Task, tree: Tree) -> Contract | ImportFinding:
    """The contract that makes an import known in advance, or the finding that there is none."""
    task_id, on = importer.task.id, producer.id
    mirrored = importer.mirrored(tree)
    candidates = mirrorings(importer.writes.paths.literals, mirrored)
    prediction = predicted(path, candidates, tree)
    exports = tuple(export.text for export in producer.exports)
    # What the producer promises outweighs a guess from a pattern that would have other names.
    if prediction is not None and (not exports or set(prediction[1]) <= set(exports)):
        mirroring, names = prediction
        return Contract(task_id, on, item.text, path, names, mirroring.mirrored, item.span)
    if exports:
        return Contract(task_id, on, item.text, path, exports, None, item.span)
    instead = found_instead(mirrored, candidates, tree) if mirrored else ""
    return ImportFinding(task_id, item.text, item.span, on, instead)
