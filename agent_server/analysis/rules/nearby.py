"""Did you mean: the path that a mistaken one most likely stands for."""

from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches

from agent_server.analysis.model import Analysis
from agent_server.analysis.tree import Tree

_MOST_NAMESAKES = 200
_MOST_BELOW = 2000
_ALIKE_PATH = 0.8
_ALIKE_NAME = 0.7


class Nearby:
    """The paths of one analysis among which mistaken ones are looked up: what exists, and what open tasks create."""

    __slots__ = ("_analysis", "_created")

    def __init__(self, analysis: Analysis) -> None:
        """Nothing is looked up before the first question: most plans have no mistaken path."""
        self._analysis = analysis
        self._created: dict[str, list[str]] | None = None

    def nearest(self, path: str) -> str | None:
        """The file that `path` is probably a slip for, or None.

        A file of the same name comes first, if it is the same path but for leading folders or a slip in one of them;
        then a similar name in the same folder. What exists is looked up once for a tree, since a plan is analysed at
        every key.
        """
        tree = self._analysis.tree
        namesake, sibling = tree.derived((Nearby, path), lambda: (_namesake(path, tree), _sibling(path, tree)))
        if namesake is not None:
            return namesake
        if self._created is None:
            self._created = _created(self._analysis)
        created = self._created.get(path.rpartition("/")[0], [])
        return _closest(path, created if sibling is None else [sibling, *created])


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


def _created(analysis: Analysis) -> dict[str, list[str]]:
    """The files that open tasks spell out in their write sets, by folder."""
    by_folder: dict[str, list[str]] = {}
    for found in analysis.tasks.values():
        for path in found.writes.paths.literals if found.task.is_open else ():
            by_folder.setdefault(path.rpartition("/")[0], []).append(path)
    return by_folder


def _likeness(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()
