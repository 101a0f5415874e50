"""The workspace at one moment, for a command that looks once and leaves."""

from collections.abc import Callable, Iterable
from pathlib import Path

from agent_server.analysis.tree import Tree
from agent_server.workspace.contents import Contents
from agent_server.workspace.listing import list_files
from agent_server.workspace.paths import is_case_sensitive


class Scan:
    """The files of a folder. `tree` has the texts that were asked for last.

    `problems` are what went wrong while they were listed, in full sentences for the user.
    """

    def __init__(self, root: Path) -> None:
        """Lists `root`."""
        listing = list_files(root, folders=False)
        self.root = listing.root
        self.problems = listing.problems
        is_sensitive = is_case_sensitive(listing.root, listing.files)
        self.tree = Tree(listing.files, case_sensitive=is_sensitive, name=listing.root.name)
        self._contents = Contents(listing.root)

    def read(self, sources: Iterable[str]) -> Tree:
        """The tree with the texts of those of its files that are in `sources`."""
        texts = {path: self._contents.read(path) for path in sources if path in self.tree}
        self.tree = self.tree.with_contents({path: text for path, text in texts.items() if text is not None})
        return self.tree


def scan(root: Path, sources: Callable[[Tree], Iterable[str]] = lambda _tree: ()) -> Scan:
    """The tree at `root`, with the contents of those of its files that `sources` names for it."""
    found = Scan(root)
    found.read(sources(found.tree))
    return found
