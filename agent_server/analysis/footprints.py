"""The footprint of a task: all that it touches, claim by claim. Hazards are found between footprints."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from agent_server.analysis.claims import Claim, files, path_set
from agent_server.analysis.estimates.past_runs import NO_HISTORY, History
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.imports.targets import Target, targets
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Source, WriteSet
from agent_server.analysis.read_sets import read_claims
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.mention_words import CREATES
from agent_server.analysis.words.mentions import task_mentions
from agent_server.analysis.words.task_words import NO_WORDS, TaskWords, words_of
from agent_server.analysis.write_sets import write_claims, write_set
from agent_server.plan.model import Task
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one task writes, reads and imports, and what its words say.

    A task that is done relies on nobody, and nobody on it, so its words say nothing.
    """

    task: Task
    writes: WriteSet
    write_claims: tuple[Claim, ...]
    read_claims: tuple[Claim, ...]
    targets: tuple[Target, ...]
    words: TaskWords
    creates: frozenset[str] = frozenset()
    """Those of the files it writes, and that are not there yet, of which its words say that it creates them."""

    def written_span(self, path: str) -> Span:
        """Where the plan says that the task writes `path`; its id where no claim matches."""
        matching = (claim.span for claim in self.write_claims if claim.paths.matches(path))
        return next(matching, self.task.id_span)

    def implies(self, path: str) -> bool:
        """Whether the plan does not say that the task writes `path`: that only follows from what it does."""
        sources = {claim.source for claim in self.write_claims if claim.paths.matches(path)}
        return sources == {Source.IMPLIED}

    @property
    def has_vague(self) -> bool:
        """Whether it writes in folders that prose names only as the place of what is done."""
        return any(claim.is_vague for claim in self.write_claims)

    def contested(self, tree: Tree) -> PathSet:
        """The files that nobody else may write at the same time: all of its set, but folders that are only a place."""
        if not self.has_vague:
            return self.writes.paths
        return path_set(tuple([claim.text for claim in self.write_claims if not claim.is_vague]), tree)

    def mirrored(self, tree: Tree) -> tuple[str, ...]:
        """The existing files that the task mirrors."""
        spans = {item.span for item in self.task.mirrors}
        found = (path for claim in self.read_claims if claim.span in spans for path in files(claim.paths, tree))
        return tuple(dict.fromkeys(found))


def footprint(task: Task, around: Surroundings, tree: Tree, history: History = NO_HISTORY) -> Footprint:
    """All that the plan says about the files of one task, and what earlier runs of it wrote."""
    written = write_claims(task, around, tree)
    writes = write_set(task, around, written, tree, history)
    imported = targets(task, writes.paths, tree)
    read = read_claims(task, around, tree, writes.paths, imported)
    missing = [path for path in writes.paths.literals if path not in tree]
    words = words_of(task, missing) if task.is_open else NO_WORDS
    return Footprint(task, writes, written, read, imported, words, _created(task, missing))


def _created(task: Task, missing: Collection[str]) -> frozenset[str]:
    """Those of the missing files of which the words of a task say that it creates them, in full or by their names."""
    said = {mention.path for mention, _ in task_mentions(task) if mention.word in CREATES} if missing else set()
    return frozenset([path for path in missing if not said.isdisjoint((path, path.rpartition("/")[2]))])


def without_prose(footprint: Footprint) -> Footprint:
    """The footprint with no more of its task than hazards rest on: most edits of the prose leave that as it is."""
    task = footprint.task
    start = Span(task.instructions_span.start, task.instructions_span.start)
    return replace(footprint, task=replace(task, span=start, instructions="", instructions_span=start))
