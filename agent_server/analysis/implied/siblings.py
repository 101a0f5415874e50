"""The siblings of a new file: the files that its workspace treats alike, told by their paths."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent_server.analysis.tree import Tree
from agent_server.analysis.words.symbol_words import KINDS

# ruff: noqa: SIM905  # A table of words reads better as prose than as a column of strings.

FEWEST = 2
"""With fewer siblings than this nothing can be learnt."""

MOST = 200
"""Folders with more files of a kind are collections (notes, fixtures), which no source lists by hand."""

BARRELS = frozenset("__init__ _index all barrel index lib mod".split())
"""Stems of files that only pass on what their neighbours export, in lower case."""

COLLECTING = BARRELS | frozenset(
    """
    _sidebar app application cmakelists commands main menu meson mkdocs module modules nav navbar navigation package
    pages plugins registry root router routers routes settings sidebar sitemap summary toc urls
    """.split()
)
"""Stems of files that bring others together: no siblings of a module that they may list."""

_MOST_BELOW = 5000

_NO_MODULES = COLLECTING | frozenset(
    """
    __main__ base common conftest constant constants const doc error errors exceptions helper helpers layout
    package-info setup shared types typing util utilities utils version
    """.split()
)
_KIND = re.compile(r"(?<=[a-z0-9])(?:[-_](?=[a-z])|(?=[A-Z]))(?P<word>[A-Za-z][a-z]+)$")
_TEST = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|__mocks__|__snapshots__|testdata|fixtures|e2e|stories)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*(?:[._-](?:test|spec|stories|story|e2e|bench|snap)|_test|Test|Tests|IT))\.[\w.]+$"
)


_USED_AT_WILL = frozenset({"Error", "Exception", "Helper", "Helpers", "Util", "Utils"})
"""Kinds whose like nobody lists: who names several of them uses these."""

_MOST_BELOW = 5000
"""So many files below a folder are looked through for those of one kind."""

_LAST_WORD = re.compile(r"(?<=[a-z0-9])[A-Z][a-z0-9]+$")
"""The last word of what is called in humps: the `Dao` of `OrderDao`."""


@dataclass(frozen=True, slots=True)
class Siblings:
    """A group of files that are alike but for one name: `names` in their paths, `files` in the same order.

    `home` is the folder in which those names stand.
    """

    home: str
    files: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def are_folders(self) -> bool:
        """Whether the names are those of folders, and the files in them all called alike."""
        return self.files[0].rpartition("/")[0] != self.home

    def of_kind(self, kind: str) -> "Siblings":
        """The group with names that leave out what they all end with."""
        return replace(self, names=tuple([name.removesuffix(kind) for name in self.names]))

    def without(self, file: str) -> "Siblings":
        """The group without one of its files; the group itself where it is none of them."""
        if file not in self.files:
            return self
        at = self.files.index(file)
        return replace(self, files=self.files[:at] + self.files[at + 1 :], names=self.names[:at] + self.names[at + 1 :])


def siblings_of(path: str, tree: Tree) -> tuple[str, Siblings] | None:
    """The name that sets the new file `path` apart, and its siblings; None where it has too few or too many.

    These are the files of its folder with its ending or, where the folder is new too, the files of its name in the
    folders beside that: `pages/glass/hub.tsx` for `pages/clay/hub.tsx`. A file whose name holds that of its folder has
    those that hold theirs: `clay-wiki/ClayWikiPage.tsx` for `glass/GlassPage.tsx`.
    """
    if is_test(path):
        return None
    folder, _, name = path.rpartition("/")
    stem, ending = _split(name)
    if not stem or stem.lower() in _NO_MODULES or not tree.is_directory(folder):
        outer, _, own = folder.rpartition("/")
        if not own or tree.is_directory(folder):
            return None
        form = tuple(_squeezed(name).split(_squeezed(own), 1))
        found = tree.derived(("cousins", outer, form), lambda: _cousins(outer, form, tree))
        return (own, found) if found else None
    found = tree.derived(("siblings", folder, ending), lambda: _siblings(folder, ending, tree))
    if found is None:
        return None
    kind = _kind(found.names)
    return (stem, found) if not kind or not stem.endswith(kind) else (stem.removesuffix(kind), found.of_kind(kind))


def _kind(names: Sequence[str]) -> str:
    """What says of all names what they are of: `_controller` of `orders_controller` and `users_controller`."""
    kind = _KIND.search(names[0])
    is_kind = kind is not None and kind["word"].lower() in KINDS
    return kind[0] if kind and is_kind and all(name.endswith(kind[0]) and name != kind[0] for name in names) else ""


def kin_of(path: str, tree: Tree) -> tuple[str, Siblings] | None:
    """The name of the new file `path`, and the files that end in its last word, as classes of one kind do.

    `OrderDao` is of a kind with `CartDao` beside it or, where its folder is new, in the folders beside that. By chance
    alone more files are called so than are treated alike, so it takes one more of them.
    """
    folder, _, name = path.rpartition("/")
    stem, ending = _split(name)
    kind = _LAST_WORD.search(stem)
    if is_test(path) or kind is None or kind[0] in _USED_AT_WILL:
        return None
    home = folder if tree.is_directory(folder) else folder.rpartition("/")[0]
    key = "kin", home, home == folder, kind[0], ending
    found = tree.derived(key, lambda: _kin(home, f"{kind[0]}{ending}", folder.count("/") + 1, tree))
    return (stem, found) if found and len(found.files) > FEWEST else None


def is_test(path: str) -> bool:
    """Whether a path is that of a test, a story, a fixture or the like."""
    return _TEST.search(path) is not None


def _split(name: str) -> tuple[str, str]:
    """A file's stem and its whole ending: `page`, `.module.css`."""
    stem, dot, ending = name.partition(".")
    return stem, dot + ending


def _siblings(folder: str, ending: str, tree: Tree) -> Siblings | None:
    below = (path for path in tree.below(folder) if path.rpartition("/")[0] == folder and path.endswith(ending))
    named = ((path, *_split(path.rpartition("/")[2])) for path in below)
    modules = ((path, stem) for path, stem, its in named if its == ending and stem.lower() not in _NO_MODULES)
    return _group(folder, modules)


def _kin(home: str, end: str, depth: int, tree: Tree) -> Siblings | None:
    below = (path for path in tree.below(home, most=_MOST_BELOW) if path.count("/") == depth and path.endswith(end))
    named = ((path, _split(path.rpartition("/")[2])[0]) for path in below)
    return _group(home, ((path, stem) for path, stem in named if _KIND.search(stem)))


def _cousins(outer: str, form: tuple[str, ...], tree: Tree) -> Siblings | None:
    """The files in the folders beside one another whose names are alike: `form` joined by their folder's name."""
    depth = outer.count("/") + 2 if outer else 1
    beside = (path for path in tree.below(outer, most=_MOST_BELOW) if path.count("/") == depth)
    parts = ((path, path.split("/")[-2:]) for path in beside)
    if len(form) > 1:  # `inputs/all/all.go` is none of the inputs.
        parts = ((path, names) for path, names in parts if names[0].lower() not in COLLECTING)
    return _group(outer, ((path, own) for path, (own, name) in parts if _squeezed(name) == _squeezed(own).join(form)))


def _squeezed(name: str) -> str:
    """A name without what sets its words apart: `ClayWiki` and `clay-wiki` are one."""
    return name.replace("-", "").replace("_", "").lower()


def _group(home: str, alike: Iterable[tuple[str, str]]) -> Siblings | None:
    pairs = [(path, name) for path, name in alike if not is_test(path)]
    if not FEWEST <= len(pairs) <= MOST:
        return None
    files, names = zip(*pairs, strict=True)
    return Siblings(home, files, names)
