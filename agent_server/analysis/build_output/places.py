"""Which file of the workspace a tool means by a path."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from posixpath import isabs, normpath

# Tools that say in which directory they work, and name files from there on.
_ENTERS = re.compile(r"make(?:\[\d+\])?: (?P<verb>Entering|Leaving) directory [`'](?P<path>[^']+)'")
_WORKS_IN = (
    re.compile(r"\s*(?:Compiling|Checking) \S+ \S+ \((?P<path>/[^)]*)\)"),
    re.compile(r" RUN  \S+ (?P<path>/.*)"),
    re.compile(r"rootdir: (?P<path>/.*)"),
)


class Places:
    """The files of a workspace, as the lines of an output name them.

    `roots` are the absolute paths at which the build, or its author, has the workspace. `known` are its files.
    """

    def __init__(self, lines: Sequence[str], roots: Collection[str], known: Collection[str]) -> None:
        self._roots = sorted((root.rstrip("/") for root in roots), key=len, reverse=True)
        self._known = frozenset(known)
        self._entered = list(self._directories(lines))

    def find(self, path: str, at: int) -> str | None:
        """The file that line `at` of the output means; None where it is none of the workspace's, or may be several."""
        path = path.removeprefix("file://")
        if isabs(path):
            inside = self._inside(normpath(path))
            return inside if inside in self._known else None
        named = (normpath(f"{directory}/{path}" if directory else path) for directory in self._around(at))
        exact = next((each for each in named if each in self._known), None)
        return exact or self._only_one(normpath(path))

    def _around(self, at: int) -> Iterator[str]:
        """The directories that a line may be relative to, the likeliest first."""
        yield from (directory for line, directory in reversed(self._entered) if line <= at)
        yield ""

    def _only_one(self, path: str) -> str | None:
        """The one file whose path ends in `path`: many tools name files from a package's own directory on."""
        ending = f"/{path}"
        found = [each for each in self._by_name.get(path.rpartition("/")[2], ()) if each.endswith(ending)]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        for path in self._known:
            names[path.rpartition("/")[2]].append(path)
        return names

    def _inside(self, path: str) -> str | None:
        """An absolute path, from the workspace's root on."""
        above = next((root for root in self._roots if path == root or path.startswith(f"{root}/")), None)
        return None if above is None else path[len(above) + 1 :]

    def _directories(self, lines: Sequence[str]) -> Iterator[tuple[int, str]]:
        """The directories of the workspace in which tools begin to work, each with its line.

        What `make` has left it comes back to: the directory around it is named once more.
        """
        stack: list[str] = []
        for at, line in enumerate(lines):
            moved = _ENTERS.match(line)
            if moved is not None:
                if moved["verb"] == "Entering":
                    stack.append(self._inside(normpath(moved["path"])) or "")
                elif stack:
                    stack.pop()
                yield at, stack[-1] if stack else ""
                continue
            works = next(filter(None, (pattern.match(line) for pattern in _WORKS_IN)), None)
            if works is not None and (directory := self._inside(normpath(works["path"]))) is not None:
                yield at, directory
