"""The workspace as the analysis sees it: an immutable set of paths, and the few texts that an analysis asks for."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar
from unicodedata import normalize

from agent_server.analysis.questions import Answer, Answers, Question

T = TypeVar("T")

MOST_DERIVED = 131072
"""How many derived values a tree keeps: enough for the globs of a large plan, few enough to forget what was typed."""


class _Missing:
    """Stands for a value that was not worked out yet."""


_MISSING = _Missing()


def fold_case(path: str) -> str:
    """How a file system that ignores case sees `path`: two paths name one file if they fold alike.

    One character folds to one (so that `?` still means one), and an accent written as a mark of its own joins its
    letter, as on APFS and HFS+.
    """
    if path.isascii():
        return path.lower()
    return "".join(folded if len(folded := char.casefold()) == 1 else char for char in normalize("NFC", path))


class Tree:
    """The files of a workspace at one moment.

    Paths are relative to the workspace root, `/`-separated and in the case the file system reports. `contents` holds
    the texts of the paths that `sources_needed` named, as far as they could be read; open editor buffers are laid
    over the disk. `answers` is what an index of all sources knows.
    """

    def __init__(
        self,
        paths: Iterable[str] = (),
        contents: Mapping[str, str] | None = None,
        *,
        case_sensitive: bool = True,
        name: str = "",
    ) -> None:
        """A tree of `paths` (in any order). Where the file system folds case, `case_sensitive` is False.

        `name` is what the folder of the workspace is called.
        """
        # A dict keeps the order, and paths that come sorted are sorted again in a fifth of the time.
        self.paths: tuple[str, ...] = tuple(sorted(dict.fromkeys(paths)))
        self._lookups = _Lookups(self.paths)
        self.contents: Mapping[str, str] = contents or {}
        self.case_sensitive = case_sensitive
        self.name = name
        self.answers = Answers()
        self._derived: dict[Hashable, Any] = {}

    def __contains__(self, path: object) -> bool:
        """Whether a file of that path exists."""
        return path in self._lookups.files

    def __len__(self) -> int:
        """How many files there are."""
        return len(self.paths)

    def is_directory(self, path: str) -> bool:
        """Whether a file lies somewhere below `path` (`""` is the root)."""
        return bool(self.below(path, most=1))

    def below(self, directory: str, *, most: int | None = None) -> tuple[str, ...]:
        """The files below `directory`, sorted; `""` is the root. At most `most` of them."""
        prefix = f"{directory.rstrip('/')}/" if directory.strip("/") else ""
        start = bisect_left(self.paths, prefix)
        # "0" follows "/" in ASCII, so this is the first path past everything that starts with the prefix.
        end = bisect_left(self.paths, f"{prefix[:-1]}0") if prefix else len(self.paths)
        if most is not None:
            end = min(end, start + most)
        return self.paths[start:end]

    @property
    def folded(self) -> "Tree":
        """The same files with their case folded, to look folded paths up in."""
        return self._lookups.folded

    @property
    def spelling(self) -> Mapping[str, str]:
        """The files by their folded paths, as the file system spells them."""
        return self._lookups.spelling

    def named(self, name: str) -> tuple[str, ...]:
        """The files whose last segment is `name`, sorted."""
        return self._lookups.by_name.get(name, ())

    def with_extension(self, extension: str) -> tuple[str, ...]:
        """The files whose last segment ends in a dot and `extension`, sorted."""
        return self._lookups.by_extension.get(extension, ())

    def derived(self, key: Hashable, derive: Callable[[], T]) -> T:
        """What `derive` works out from the paths alone, kept with them until there is too much of it."""
        # Analyses of several plans may share a tree at the same time: between a look and the next all may be forgotten.
        value: T | _Missing = self._derived.get(key, _MISSING)
        if isinstance(value, _Missing):
            if len(self._derived) >= MOST_DERIVED:
                self._derived.clear()
            value = self._derived[key] = derive()
        return value

    def with_contents(self, contents: Mapping[str, str]) -> "Tree":
        """The same paths with other texts. Shares the path index."""
        tree = object.__new__(Tree)
        tree.__dict__.update(self.__dict__)
        tree.contents = contents
        return tree

    def with_answers(self, known: Mapping[Question, Answer]) -> "Tree":
        """The same paths and texts with what is known of the whole workspace. Questions are noted anew."""
        tree = self.with_contents(self.contents)
        tree.answers = Answers(known)
        return tree


class _Lookups:
    """What paths are looked up by: made when it is first needed, and shared by all trees of these paths."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._paths = paths

    @cached_property
    def files(self) -> frozenset[str]:
        return frozenset(self._paths)

    @cached_property
    def folded(self) -> Tree:
        return Tree(map(fold_case, self._paths))

    @cached_property
    def spelling(self) -> Mapping[str, str]:
        return {fold_case(path): path for path in self._paths}

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in self._paths:
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    @cached_property
    def by_extension(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name, paths in self.by_name.items():
            found.setdefault(name.rpartition(".")[2], []).extend(paths)
        return {extension: tuple(sorted(paths)) for extension, paths in found.items()}
