"""Which files' texts the analysis of a task reads."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent_server.analysis.claims import declared, files
from agent_server.analysis.implied.ecosystems import folders_above
from agent_server.analysis.imports.export_tables import read_for
from agent_server.analysis.imports.layouts import IGNORING
from agent_server.analysis.imports.targets import targets
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.read_sets import said_reads
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.task_words import words_of
from agent_server.analysis.write_sets import sources_of_writes, write_claims, write_set
from agent_server.plan.model import Task


@dataclass(frozen=True, slots=True)
class Sources:
    """Existing files: those that a task mirrors, those that it imports names from, and those that its writes rest on.

    `ignoring` are those that may say why a file that it reads is not among the others. `importing`: the task imports
    something, or speaks of what is in a module, so that the manifests are read as well.
    """

    mirrored: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    implying: tuple[str, ...] = ()
    ignoring: tuple[str, ...] = ()
    importing: bool = False


def sources_of(task: Task, around: Surroundings, tree: Tree) -> Sources:
    """The files whose texts the analysis of a task reads. None, once the task is done."""
    if not task.is_open:
        return Sources()
    implying = tuple(sorted(sources_of_writes(task, around, tree)))
    ignoring = tuple(dict.fromkeys(_ignoring(task, around, tree)))
    mirrors = declared("mirrors", task.mirrors, tree)
    mirrored = tuple(path for claim in mirrors for path in files(claim.paths, tree))
    if not task.imports:
        members = words_of(task, ()).members  # What it creates tells of none.
        return Sources(mirrored, implying=implying, ignoring=ignoring, importing=bool(members))
    return Sources(mirrored, tuple(_imported(task, around, tree)), implying, ignoring, importing=True)


def _ignoring(task: Task, around: Surroundings, tree: Tree) -> Iterator[str]:
    """What tells whether git leaves out a file that the task reads and that is not there."""
    for claim in said_reads(task, around, tree):
        for path in claim.paths.literals if not files(claim.paths, tree) else ():
            for folder in folders_above(path.rpartition("/")[0]):
                ignoring = f"{folder}/{IGNORING}" if folder else IGNORING
                if ignoring in tree:
                    yield ignoring


def _imported(task: Task, around: Surroundings, tree: Tree) -> Iterator[str]:
    writes = write_set(task, around, write_claims(task, around, tree), tree)
    for target in targets(task, writes.paths, tree):
        yield from target.via
        if target.existing is not None and target.names:
            place = target.place
            yield from read_for(target.existing, place.language, tree, place.importer, target.inside)
        elif target.existing is None and target.holder and not target.wanted.perhaps:
            yield from read_for(target.holder, target.place.language, tree)
