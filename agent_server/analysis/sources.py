"""Which files' texts the analysis of a task reads."""

from dataclasses import dataclass

from agent_server.analysis.claims import declared, files
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.tree import Tree
from agent_server.analysis.write_sets import sources_of_writes
from agent_server.plan.model import Task


@dataclass(frozen=True, slots=True)
class Sources:
    """Existing files: those that a task with imports mirrors, and those that say what its writes imply."""

    mirrored: tuple[str, ...] = ()
    implying: tuple[str, ...] = ()


def sources_of(task: Task, around: Surroundings, tree: Tree) -> Sources:
    """The files whose texts the analysis of a task reads. None, once the task is done."""
    if not task.is_open:
        return Sources()
    mirrors = declared("mirrors", task.mirrors, tree) if task.imports else ()
    mirrored = tuple(path for claim in mirrors for path in files(claim.paths, tree))
    return Sources(mirrored, tuple(sorted(sources_of_writes(task, around, tree))))
