"""The workspace at one moment, for a command that looks once and leaves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from agent_server.analysis.tree import Tree
from agent_server.workspace.contents import Contents
from agent_server.workspace.listing import list_files
from agent_server.workspace.paths import is_case_sensitive


@dataclass(frozen=True, slots=True)
class Scan:
    """A tree, and what went wrong while it was listed, in full sentences for the user."""

    tree: Tree
    problems: tuple[str, ...] = ()


def scan(root: Path, sources: Callable[[Tree], Iterable[str]] = lambda _tree: ()) -> Scan:
    """The tree at `root`, with the contents of those of its files that `sources` names for it."""
    listing = list_files(root, folders=False)
    tree = Tree(listing.files, case_sensitive=is_case_sensitive(listing.root, listing.files))
    contents = Contents(listing.root)
    texts = {path: contents.read(path) for path in sources(tree) if path in tree}
    return Scan(tree.with_contents({path: text for path, text in texts.items() if text is not None}), listing.problems)
