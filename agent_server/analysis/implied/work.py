"""What the kinds of implied writes look at: one task, what it is known to write, and the workspace."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from agent_server.analysis.claims import Claim, path_set
from agent_server.analysis.globs.path_sets import BadGlob
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Source
from agent_server.analysis.tree import Tree, fold_case
from agent_server.plan.model import Task
from agent_server.plan.text import Span


@dataclass(frozen=True, slots=True)
class Work:
    """One task with what its plan says that it writes. `around` and `tree` are what these stand in."""

    task: Task
    around: Surroundings
    claims: tuple[Claim, ...]
    tree: Tree

    def created(self) -> Iterator[tuple[str, Claim]]:
        """The files that the task makes, with the claims that spell them out."""
        for claim in self.claims:
            for path in claim.paths.literals:
                if path not in self.tree and (self.tree.case_sensitive or fold_case(path) not in self.tree.folded):
                    yield path, claim

    def changed(self) -> Iterator[tuple[str, Claim]]:
        """The files that the task spells out and that are there now."""
        return ((path, claim) for claim in self.claims for path in claim.paths.literals if path in self.tree)

    def folders(self) -> tuple[str, ...]:
        """The folders that the task works in, each once, in the order of its claims."""
        spelled = (path.rpartition("/")[0] for claim in self.claims for path in claim.paths.literals)
        globs = (_fixed_folder(claim.text) for claim in self.claims if not claim.paths.is_literal)
        return tuple(dict.fromkeys((*spelled, *globs)))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of consequence.

    `implied` yields what a task changes beside its claims. `sources` yields the files whose texts that rests on.
    """

    implied: Callable[[Work], Iterator[Claim]]
    sources: Callable[[Work], Iterable[str]] = lambda _work: ()


def implied_claim(path: str, span: Span, confidence: float, because: str, tree: Tree) -> Iterator[Claim]:
    """The claim that the task changes `path`; none for a path that no glob can spell."""
    try:
        paths = path_set((path,), tree)
    except BadGlob:
        return
    yield Claim(path, paths, span, Source.IMPLIED, confidence, because)


def _fixed_folder(glob: str) -> str:
    """The folder that all the files of a glob lie in."""
    return re.split(r"[*?\[{]", glob, maxsplit=1)[0].rpartition("/")[0].removeprefix("./")
