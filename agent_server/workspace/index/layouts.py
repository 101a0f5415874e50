"""How the modules of each language lie in a workspace, read from its manifests when the first import asks."""

from collections.abc import Mapping
from functools import cached_property

from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Layout, Resolution, language_of

MOST_MANIFESTS = 500
"""How many manifests are read at most, those nearest the root first."""


def manifests(tree: Tree) -> tuple[str, ...]:
    """The manifests of `tree` in every language, those nearest the root first."""
    names = {name for language in LANGUAGES.values() for name in language.manifests}
    found = (path for name in sorted(names) for path in tree.named(name))
    return tuple(sorted(found, key=lambda path: (path.count("/"), path))[:MOST_MANIFESTS])


class Layouts:
    """What the imports of one tree mean. `texts` holds its manifests."""

    def __init__(self, tree: Tree, texts: Mapping[str, str]) -> None:
        self.tree = tree
        self.texts = texts
        self._layouts: dict[str, Layout] = {}

    def resolve(self, module: str, importer: str) -> Resolution:
        """What `module` means in the file `importer`."""
        language = language_of(importer)
        if language is None:
            return Resolution()
        layout = self._layouts.get(language.id)
        if layout is None:
            layout = self._layouts[language.id] = language.layout(self.tree, self.texts)
        return layout.resolve(module, importer, self.tree)

    def above(self, path: str) -> Mapping[str, str]:
        """The manifests that lie in the folders above `path`."""
        return {manifest: text for manifest, text in self._by_folder if path.startswith(manifest)}

    @cached_property
    def _by_folder(self) -> tuple[tuple[str, str], ...]:
        return tuple((path[: path.rfind("/") + 1], text) for path, text in self.texts.items())
