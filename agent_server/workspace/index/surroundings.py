"""What an answer depends on besides the index: the files that there are, and what their manifests say."""

from collections.abc import Mapping

from agent_server.analysis.imports.layouts import Layouts
from agent_server.analysis.tree import Tree
from agent_server.languages import Resolution, language_of


class Surroundings:
    """One tree and the texts of its manifests."""

    def __init__(self, tree: Tree, texts: Mapping[str, str]) -> None:
        self.tree = tree
        self.texts = texts
        self._layouts = Layouts(tree, texts)
        self._folders = tuple((path[: path.rfind("/") + 1], text) for path, text in texts.items())

    def resolve(self, module: str, importer: str) -> Resolution:
        """What `module` means in the file `importer`."""
        language = language_of(importer)
        return self._layouts.resolve(module, importer, language) if language else Resolution()

    def manifests_above(self, path: str) -> tuple[str, ...]:
        """The texts of the manifests that lie in the folders above `path`."""
        return tuple(text for folder, text in self._folders if path.startswith(folder))
