"""Did you mean: the existing path that a mistaken one most likely stands for."""

from difflib import SequenceMatcher, get_close_matches

from agent_server.analysis.tree import Tree

_MOST_NAMESAKES = 200
_MOST_BELOW = 2000
_ALIKE = 0.8


def nearest_path(path: str, tree: Tree) -> str | None:
    """The existing file that `path` is probably a slip for, or None.

    A file of the same name under a similar path comes first, then a similar name in the same folder. The answer is kept
    with the tree, since a plan is analysed again at every key.
    """
    return tree.derived((nearest_path, path), lambda: _nearest(path, tree))


def _nearest(path: str, tree: Tree) -> str | None:
    folder, _, name = path.rpartition("/")
    namesakes = tree.named(name)[:_MOST_NAMESAKES]
    if len(namesakes) == 1:
        return namesakes[0]
    found = max(namesakes, key=lambda known: _likeness(path, known), default=None)
    if found is not None and _likeness(path, found) >= _ALIKE:
        return found
    siblings = [known for known in tree.below(folder, most=_MOST_BELOW) if known.rpartition("/")[0] == folder]
    close = get_close_matches(path, siblings, n=1, cutoff=_ALIKE)
    return close[0] if close else None


def _likeness(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
