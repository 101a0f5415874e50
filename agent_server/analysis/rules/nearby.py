"""Did you mean: the path that a mistaken one most likely stands for."""

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher, get_close_matches

from agent_server.analysis.tree import Tree

_MOST_NAMESAKES = 200
_MOST_BELOW = 2000
_ALIKE_PATH = 0.8
_ALIKE_NAME = 0.7


def nearest(path: str, tree: Tree, beside: Callable[[str], Sequence[str]]) -> str | None:
    """The file that `path` is probably a slip for, or None: one that exists, or that an open task creates `beside` it.

    A file of the same name comes first, if it is the same path but for leading folders or a slip in one of them; then
    a similar name in the same folder. What exists is looked up once for a tree, since a plan is analysed at every key.
    """
    namesake, sibling = tree.derived((nearest, path), lambda: (_namesake(path, tree), _sibling(path, tree)))
    if namesake is not None:
        return namesake
    spelled = beside(path)
    return _closest(path, spelled if sibling is None else [sibling, *spelled])


def _namesake(path: str, tree: Tree) -> str | None:
    namesakes = tree.named(path.rpartition("/")[2])[:_MOST_NAMESAKES]
    shorter = [known for known in namesakes if known.endswith(f"/{path}") or path.endswith(f"/{known}")]
    if len(shorter) == 1:
        return shorter[0]
    found = max(namesakes, key=lambda known: _likeness(path, known), default=None)
    return found if found is not None and _likeness(path, found) >= _ALIKE_PATH else None


def _sibling(path: str, tree: Tree) -> str | None:
    folder = path.rpartition("/")[0]
    below = tree.below(folder, most=_MOST_BELOW)
    return _closest(path, [known for known in below if known.rpartition("/")[0] == folder])


def _closest(path: str, siblings: Sequence[str]) -> str | None:
    """The one of these files of its folder whose name is most like its own."""
    names = {known.rpartition("/")[2]: known for known in siblings}
    close = get_close_matches(path.rpartition("/")[2], names, n=1, cutoff=_ALIKE_NAME)
    return names[close[0]] if close else None


def _likeness(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
