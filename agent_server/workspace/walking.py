"""Listing a folder without git: a walk that is pruned by `.gitignore` files and by names that are never sources."""

import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from agent_server.analysis.globs.ignore_rules import Rule, is_ignored, parse_rules
from agent_server.workspace.git import never
from agent_server.workspace.reading import read_regular

MAX_ENTRIES = 200_000
"""How many files and folders a walk looks at before it stops."""

WALK_SECONDS = 20.0
"""How long a walk may take before it stops."""

PRUNED = frozenset(
    {
        ".git",
        ".gradle",
        ".hg",
        ".jj",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".terraform",
        ".tox",
        ".venv",
        "__pycache__",
        "node_modules",
    }
)
"""Names that are left out wherever they stand. Besides, any folder that holds a `pyvenv.cfg` is."""

_MAX_RULES_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found, relative to its root: files and symlinks, the folders that were entered, what went wrong."""

    files: tuple[str, ...]
    folders: frozenset[str]
    problems: tuple[str, ...]


def walk(
    root: str,
    below: Iterable[str] = ("",),
    *,
    most: int = MAX_ENTRIES,
    seconds: float = WALK_SECONDS,
    cancelled: Callable[[], bool] = never,
) -> Walked:
    """The files at or below the paths `below` (`""` is the root itself), ignored ones left out.

    Symlinked folders are listed as the links that they are, and never entered. A walk that meets more than `most`
    entries, or takes longer than `seconds`, stops and says so in `problems`.
    """
    walker = _Walker(root, most, time.monotonic() + seconds, cancelled)
    for path in below:
        walker.enter(path)
    return Walked(tuple(sorted(set(walker.files))), frozenset(walker.folders), tuple(walker.problems))


@dataclass(slots=True)
class _Walker:
    root: str
    left: int
    deadline: float
    cancelled: Callable[[], bool]
    files: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def enter(self, path: str) -> None:
        """Lists `path`, a file or a folder, unless it or a folder above it is ignored."""
        kind = self._reach(path)
        if kind is None:
            return
        if stat.S_ISDIR(kind):
            self._walk(path)
        elif stat.S_ISREG(kind) or stat.S_ISLNK(kind):
            self.files.append(path)

    def _reach(self, path: str) -> int | None:
        """The mode of what stands at `path`; None where a walk from the root would not come to it."""
        kind = stat.S_IFDIR
        reached = ""
        for name in path.split("/") if path else ():
            if not stat.S_ISDIR(kind) or (reached and _is_virtual_environment(f"{self.root}/{reached}")):
                return None
            reached = f"{reached}/{name}" if reached else name
            mode = _mode(f"{self.root}/{reached}")
            if mode is None or self._ignored(reached, folder=stat.S_ISDIR(mode)):
                return None
            kind = mode
        return kind

    def _walk(self, top: str) -> None:
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(f"{self.root}/{folder}") as found:
                    entries = list(found)
            except OSError as error:
                if folder == top:
                    self.problems.append(f"`{self.root}/{folder}` cannot be read: {error.strerror}.")
                continue
            if folder and any(entry.name == "pyvenv.cfg" for entry in entries):
                continue
            self.left -= len(entries)
            if self._exhausted():
                return
            self.folders.add(folder)
            waiting += self._sort_out(folder, entries)

    def _sort_out(self, folder: str, entries: Iterable[os.DirEntry[str]]) -> list[str]:
        """Adds the files among `entries`, and returns the folders to enter."""
        prefix = f"{folder}/" if folder else ""
        folders = []
        for entry in entries:
            path = prefix + entry.name
            is_folder = entry.is_dir(follow_symlinks=False)
            if self._ignored(path, folder=is_folder):
                continue
            if is_folder:
                folders.append(path)
            elif entry.is_symlink() or entry.is_file(follow_symlinks=False):
                self.files.append(path)
        return folders

    def _exhausted(self) -> bool:
        if self.left < 0:
            self.problems.append(
                f"`{self.root}` has too many files to list them all. Open a smaller folder, or make it a repository."
            )
        elif time.monotonic() > self.deadline:
            self.problems.append(f"`{self.root}` takes too long to list. Open a smaller folder, or use a faster disk.")
        else:
            return self.cancelled()
        return True

    def _ignored(self, path: str, *, folder: bool) -> bool:
        """Whether `path`, whose parent folders are not ignored, is. The nearest `.gitignore` that speaks decides."""
        return path.rpartition("/")[2] in PRUNED or is_ignored(path, self._rules_of, folder=folder)

    def _rules_of(self, folder: str) -> tuple[Rule, ...]:
        if folder not in self.rules:
            self.rules[folder] = _read_rules(f"{self.root}/{folder}/.gitignore")
        return self.rules[folder]


def _is_virtual_environment(folder: str) -> bool:
    return os.path.lexists(f"{folder}/pyvenv.cfg")


def _mode(path: str) -> int | None:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return None


def _read_rules(path: str) -> tuple[Rule, ...]:
    """The rules of one `.gitignore`, none without one. Like git, does not follow a symlink."""
    data = read_regular(path, _MAX_RULES_BYTES)
    return parse_rules(data) if data is not None else ()
