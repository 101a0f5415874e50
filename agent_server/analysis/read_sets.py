"""Read sets: the files that each task's agent relies on.

- `reads`: globs, over what exists and over what does not exist yet.
- `mirrors`: the files whose pattern is copied.
- `imports` of files that exist. An import of a file that does not exist yet is `imports.py`'s matter. Who writes the
  file as well meets its other writers there.
- What the title and instructions read or run, by name; a file that the task writes too, or that its `imports` name, is
  left to those fields, which say it better.
"""

from collections.abc import Iterable

from agent_server.analysis.claims import Claim, declared, named, path_set
from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.imports.targets import Target
from agent_server.analysis.inputs import Surroundings
from agent_server.analysis.model import Source
from agent_server.analysis.tree import Tree
from agent_server.analysis.words.mention_words import Use
from agent_server.languages import Language
from agent_server.plan.model import Task

_READS = frozenset({Use.READS, Use.RUNS})


def read_claims(
    task: Task, around: Surroundings, tree: Tree, writes: PathSet, targets: Iterable[Target]
) -> tuple[Claim, ...]:
    """What the plan says that the task reads, claim by claim. `targets` are its imports, `writes` its own write set."""
    targets = tuple(targets)
    imported = {path for target in targets for path in target.files}
    said = said_reads(task, around, tree)
    words = (claim for claim in said if claim.text not in imported and not writes.matches(claim.text))
    return (
        *(claim for claim in said if claim.source is Source.DECLARED),
        *(
            _import_claim(target, target.existing, tree)
            for target in targets
            if target.existing is not None
            and not writes.matches(target.existing)
            and not _is_way(target, targets)
            and not _leads_on(target)
        ),
        *(claim for claim in words if claim.source is not Source.DECLARED),
    )


def said_reads(task: Task, around: Surroundings, tree: Tree) -> tuple[Claim, ...]:
    """What the task says that it reads: with its fields `reads` and `mirrors`, and with its words."""
    return (
        *declared("reads", task.reads, tree),
        *declared("mirrors", task.mirrors, tree),
        *named(task, around, tree, _READS),
    )


def _is_way(target: Target, targets: Iterable[Target]) -> bool:
    """Whether a package is only the way to its modules: `from shop import cart` relies on the file of `cart` alone."""
    modules = {
        other.wanted.module
        for other in targets
        if other.item is target.item and other.wanted.perhaps and other.existing not in {None, target.existing}
    }
    module = target.wanted.module
    rust = target.place.language is not None and target.place.language.id == "rust"
    joint = "" if module.endswith(".") else "::" if rust else "."
    return bool(modules and target.names) and all(f"{module}{joint}{name}" in modules for name in target.names)


def _import_claim(target: Target, path: str, tree: Tree) -> Claim:
    item = target.item
    because = f"imports: {item.text}"
    paths = _imported(path, target.place.language, target.files, tree)
    return Claim(path, paths, item.span, Source.DECLARED, 1.0, because)


def _leads_on(target: Target) -> bool:
    """Whether the file that exists is but above the module that is imported: `src/lib.rs` for `crate::gauge::Gauge`."""
    left = set(target.names).difference(target.wanted.names)
    return any("::" in name and name[:1].islower() for name in left)


def _imported(path: str, language: Language | None, meant: tuple[str, ...], tree: Tree) -> PathSet:
    """What is read of an imported file, or of a package that is a folder: its sources, not those of folders in it.

    What a program makes a package of Go of is among the files that are `meant`: the package changes with that.
    """
    if language is None or not path.endswith("/"):
        return path_set((path,), tree)
    folder = path.lstrip("/")
    sources = (f"{folder}*{ending}" for ending in language.endings)
    schemas = (file for file in meant if file in tree) if language.id == "go" else ()
    return path_set((*sources, *schemas, *(f"!{folder}*{ending}" for ending in language.tests)), tree)
