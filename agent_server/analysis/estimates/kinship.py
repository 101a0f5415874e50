"""Which files are of a kind: whether something like a new file is there already, to go by."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

from agent_server.analysis.tree import Tree

MOST_COUNTED = 50
"""More cousins than so many are not counted: they are many."""


def alike(path: str, tree: Tree) -> int:
    """How many files of the kind of `path` stand beside it.

    Those are the files of its folder with the same ending (`.test.ts`, `.py` behind `test_`); or those of the same
    name in the folders beside its own, for projects that give every page a folder (`app/*/page.tsx`).
    """
    folder, _, name = path.rpartition("/")
    parent, slash, _ = folder.rpartition("/")
    beside: Mapping[tuple[str, bool], int] = tree.derived(("kinship", folder), lambda: _kinds(folder, tree))
    siblings = beside.get(_kind(name), 0) - (path in tree)
    if not slash:
        return siblings
    cousins: int = tree.derived(("kinship", parent, name), lambda: _cousins(parent, name, tree))
    return max(siblings, cousins - (path in tree))


def _kind(name: str) -> tuple[str, bool]:
    stem, _, endings = name.lstrip(".").partition(".")
    return endings, stem.startswith("test_")


def _kinds(folder: str, tree: Tree) -> Mapping[tuple[str, bool], int]:
    return Counter(_kind(name) for name in _children(folder, tree) if not name.endswith("/"))


def _cousins(parent: str, name: str, tree: Tree) -> int:
    prefix = f"{parent}/" if parent else ""
    found = 0
    for child in _children(parent, tree):
        found += child.endswith("/") and f"{prefix}{child}{name}" in tree
        if found > MOST_COUNTED:
            break
    return found


def _children(folder: str, tree: Tree) -> Iterator[str]:
    """What lies in a folder: names of files, and of folders with a `/` behind. Passes over all that lies deeper."""
    prefix = f"{folder}/" if folder else ""
    at, paths = bisect_left(tree.paths, prefix), tree.paths
    while at < len(paths) and paths[at].startswith(prefix):
        name, slash, _ = paths[at][len(prefix) :].partition("/")
        yield name + slash
        # "0" follows "/" in ASCII, so this is the first path past everything below the folder.
        at = bisect_left(paths, f"{prefix}{name}0", lo=at) if slash else at + 1
