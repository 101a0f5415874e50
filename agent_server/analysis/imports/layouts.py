"""What the modules of a workspace mean: the layouts of its languages, made from its manifests and kept."""

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from agent_server.analysis.globs.ignore_rules import Rule, is_left_out, parse_rules
from agent_server.analysis.tree import Tree
from agent_server.languages import LANGUAGES, Files, Language, Layout, Resolution
from agent_server.languages.paths import folder_of, upwards

T = TypeVar("T")

MOST_MANIFESTS = 500
"""How many manifests are read at most, those nearest the root first."""

IGNORING = ".gitignore"
_SUBMODULES = ".gitmodules"
_SUBMODULE = re.compile(r"^\s*path\s*=\s*(\S.*?)/?\s*$", re.MULTILINE)

_MOST_KEPT = 4
"""How many sets of manifests' texts a tree keeps layouts for: plans may be analysed with different texts."""

_MOST_RESOLVED = 32768


def manifests(tree: Tree) -> tuple[str, ...]:
    """The manifests of every language, and what tells which files are left out; those nearest the root first."""
    return tree.derived(manifests, lambda: _manifests(tree))


class Layouts:
    """What modules mean in one tree. `texts` holds its manifests by path, as far as they are known."""

    def __init__(self, tree: Tree, texts: Mapping[str, str]) -> None:
        """Nothing is read before the first question: most plans import nothing."""
        self.texts = texts
        self._tree = tree
        self._layouts: dict[str, Layout] = {}
        self._known: dict[tuple[str, str, str], Resolution] = {}
        self._ignoring: dict[str, tuple[Rule, ...]] = {}

    def resolve(self, module: str, importer: str, language: Language, files: Files | None = None) -> Resolution:
        """What `module` means in the file `importer`, over other `files` than those of the tree where they are given.

        Paths that would lead out of the workspace are left out.
        """
        if files is not None:
            return _inside(self._layout(language).resolve(module, importer, files))
        key = language.id, module, importer
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_RESOLVED:
                self._known.clear()
            found = self._known[key] = _inside(self._layout(language).resolve(module, importer, self._tree))
        return found

    def is_left_out(self, path: str) -> bool:
        """Whether the workspace lists no file of that path, be it there or not.

        A `.gitignore` leaves it out, or it lies behind a link, which is listed as a file, or in another repository.
        """
        above = (folder for folder in upwards(folder_of(path)) if folder)
        elsewhere = any(folder in self._tree or folder in self._submodules for folder in above)
        return elsewhere or is_left_out(path, self._rules_of)

    @cached_property
    def _submodules(self) -> frozenset[str]:
        return frozenset(_SUBMODULE.findall(self.texts.get(_SUBMODULES, "")))

    def _rules_of(self, folder: str) -> tuple[Rule, ...]:
        if folder not in self._ignoring:
            text = self.texts.get(f"{folder}/{IGNORING}" if folder else IGNORING, "")
            self._ignoring[folder] = parse_rules(text.encode())
        return self._ignoring[folder]

    def _layout(self, language: Language) -> Layout:
        layout = self._layouts.get(language.id)
        if layout is None:
            layout = self._layouts[language.id] = language.layout(self._tree, self.texts)
        return layout


def layouts_of(tree: Tree) -> Layouts:
    """The layouts of a tree by the manifests that are among its `contents`. Equal texts give the same object."""
    noted: Layouts | None = getattr(tree.contents, "layouts", None)  # Texts that note who looks know theirs.
    if noted is not None:
        return noted
    kept: list[tuple[object, Layouts]] = tree.derived(layouts_of, list)
    contents = tree.contents
    found = next((layouts for owner, layouts in kept if owner is contents), None)
    if found is None:
        texts = {path: contents[path] for path in manifests(tree) if path in contents}
        found = next((layouts for _, layouts in kept if layouts.texts == texts), None) or Layouts(tree, texts)
        kept[:] = [(contents, found), *kept[: _MOST_KEPT - 1]]
    return found


class Planned:
    """The files of a tree and those that open tasks will create: what a workspace will hold.

    `folders` are those of which a task will write whatever is in them: they are there, although nobody knows with what.
    """

    def __init__(self, tree: Tree, paths: Iterable[str], folders: Iterable[str] = ()) -> None:
        self._tree = tree
        self._paths: list[str] = sorted(path for path in set(paths) if path not in tree)
        self._new = frozenset(self._paths)
        self._folders = frozenset(folders)
        self._derived: dict[Hashable, Any] = {}

    def derived(self, key: Hashable, derive: Callable[[], T]) -> T:
        """What `derive` works out from these files and the manifests, kept with them until there is too much of it."""
        if key not in self._derived:
            if len(self._derived) >= _MOST_RESOLVED:
                self._derived.clear()
            self._derived[key] = derive()
        value: T = self._derived[key]
        return value

    def __contains__(self, path: object) -> bool:
        """Whether a file of that path exists or will."""
        return path in self._new or path in self._tree

    def is_directory(self, path: str) -> bool:
        """Whether a file lies, or will lie, somewhere below `path` (`""` is the root)."""
        return path in self._folders or self._tree.is_directory(path) or bool(self._below(path))

    def below(self, directory: str, *, most: int | None = None) -> tuple[str, ...]:
        """The files below `directory`, sorted; `""` is the root. At most `most` of them."""
        existing, new = self._tree.below(directory, most=most), self._below(directory)
        if not new:
            return existing
        merged = list(existing)
        for path in new:
            insort(merged, path)
        return tuple(merged[:most])

    def named(self, name: str) -> tuple[str, ...]:
        """The files whose last segment is `name`, sorted."""
        new = self._by_name.get(name)
        return tuple(sorted((*self._tree.named(name), *new))) if new else self._tree.named(name)

    def with_extension(self, extension: str) -> tuple[str, ...]:
        """The files whose last segment ends in a dot and `extension`, sorted."""
        new = [path for path in self._paths if path.endswith(f".{extension}")]
        return tuple(sorted((*self._tree.with_extension(extension), *new)))

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._paths:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    def _below(self, directory: str) -> Sequence[str]:
        prefix = f"{directory.rstrip('/')}/" if directory.strip("/") else ""
        start = bisect_left(self._paths, prefix)
        # "0" follows "/" in ASCII, so this is the first path past everything that starts with the prefix.
        end = bisect_left(self._paths, f"{prefix[:-1]}0") if prefix else len(self._paths)
        return self._paths[start:end]


def sources_in(folder: str, language: Language, files: Files) -> tuple[str, ...]:
    """The sources of a language that make up the package in `folder`, which ends in a slash."""
    below = files.below(folder.rstrip("/"))
    start = len(folder.strip("/")) + 1 if folder.strip("/") else 0
    return tuple(path for path in below if "/" not in path[start:] and is_in_package(path, language))


def is_in_package(path: str, language: Language) -> bool:
    """Whether a file is a source of the language that others import with its package."""
    return path.endswith(language.endings) and not path.endswith(language.tests)


def _manifests(tree: Tree) -> tuple[str, ...]:
    names = {IGNORING, _SUBMODULES, *(name for language in LANGUAGES.values() for name in language.manifests)}
    found = (path for name in sorted(names) for path in tree.named(name))
    return tuple(sorted(found, key=lambda path: (path.count("/"), path))[:MOST_MANIFESTS])


def _inside(found: Resolution) -> Resolution:
    files = tuple(file for file in found.files if file and (file == "/" or not file.startswith(("/", "../"))))
    return found if files == found.files else replace(found, files=files, ours=found.ours and bool(files))
