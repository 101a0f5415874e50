"""Absolute paths in prose: some authors, and many agents, spell every file out from the root of their own machine.

Where their workspace lay there, nobody says, and it need not be where this one lies. But below it stand folders that
are known: those of this workspace, those in which the plan's other paths lie, and the one of the specs. The folder that
has the most of the plan's absolute paths in such a folder was the root, and what lies below it is relative to ours.
Before that, one that is called like the folder of this workspace was it, and before all, one below which lie files that
are here.

A path outside of that root loses its leading slash only. So two tasks that name it still name one file, and no path
ever leads out of the workspace.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from agent_server.analysis.tree import Tree

_SPECS = frozenset({"specs", ".specify"})
"""Folders at the root of a workspace in which plans lie."""


def is_absolute(path: str) -> bool:
    """Whether a path that prose names starts at the root of a machine."""
    return path.startswith("/") or path[1:2] == ":"


def relative(path: str, paths: Collection[str], folders: Collection[str], tree: Tree) -> str:
    """An absolute path as it is spelled from the root of the workspace; empty for that root.

    `paths` are all the absolute paths of the plan, `folders` those at the root in which its other paths lie.
    """
    key = ("root", frozenset(paths), frozenset(folders))
    root = tree.derived(key, lambda: _root(paths, folders, tree))
    if root and path.startswith(root):
        return path.removeprefix(root)
    return path.replace(":", "", 1).lstrip("/")


def _root(paths: Iterable[str], folders: Collection[str], tree: Tree) -> str:
    """The folder that most paths make the root, with a slash; the outermost of several, and empty if none does.

    What the workspace has as it is spelled from there counts first, then the name of its folder, and then what only
    lies in a known folder.
    """
    files: Counter[str] = Counter()
    votes: Counter[str] = Counter()
    for path in sorted(paths):
        for root, rest in _splits(path):
            top, slash, _ = rest.partition("/")
            is_known = slash and (top in folders or top in _SPECS or tree.is_directory(top))
            if is_known or rest in tree or _is_namesake(root, tree):
                files[root] += rest in tree
                votes[root] += 1
    return max(votes, key=lambda root: (files[root], _is_namesake(root, tree), votes[root], -len(root)), default="")


def _is_namesake(root: str, tree: Tree) -> bool:
    """Whether a folder is called like that of the workspace, in whatever case."""
    return bool(tree.name) and root.rstrip("/").rpartition("/")[2].casefold() == tree.name.casefold()


def _splits(path: str) -> Iterator[tuple[str, str]]:
    """Each folder of a path below which something is named, with that."""
    at = path.find("/", 1)
    while 0 < at < len(path) - 1:
        yield path[: at + 1], path[at + 1 :]
        at = path.find("/", at + 1)
