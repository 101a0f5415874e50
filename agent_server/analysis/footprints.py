"""The footprint of a task: all that it touches, claim by claim. Hazards are found between footprints."""

from dataclasses import dataclass

from agent_server.analysis.claims import Claim, files
from agent_server.analysis.imports import Target, targets
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import WriteSet
from agent_server.analysis.read_sets import read_claims
from agent_server.analysis.tree import Tree
from agent_server.analysis.write_sets import write_claims, write_set
from agent_server.plan.model import Task
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one task writes, reads and imports."""

    task: Task
    writes: WriteSet
    write_claims: tuple[Claim, ...]
    read_claims: tuple[Claim, ...]
    targets: tuple[Target, ...]

    def written_span(self, path: str) -> Span:
        """Where the plan says that the task writes `path`; its id where no claim matches."""
        matching = (claim.span for claim in self.write_claims if claim.paths.matches(path))
        return next(matching, self.task.id_span)

    def mirrored(self, tree: Tree) -> tuple[str, ...]:
        """The existing files that the task mirrors."""
        spans = {item.span for item in self.task.mirrors}
        found = (path for claim in self.read_claims if claim.span in spans for path in files(claim.paths, tree))
        return tuple(dict.fromkeys(found))


def footprint(task: Task, around: Surroundings, tree: Tree) -> Footprint:
    """All that the plan says about the files of one task."""
    written = write_claims(task, around, tree)
    writes = write_set(task, around, written, tree)
    imported = targets(task, writes.paths, tree)
    return Footprint(task, writes, written, read_claims(task, tree, writes.paths, imported), imported)
