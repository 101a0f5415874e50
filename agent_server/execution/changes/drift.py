"""Drift: whether the workspace has moved on since the base of a run was frozen.

What was verified is the change set over the base. Where the user has changed the workspace meanwhile, what will stand
there after the landing is something else, and has to be verified anew. What Git ignores does not count: builds write
such files all the time, and a verification makes its own.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from agent_server.analysis.globs.ignore_rules import Rule, is_left_out, parse_rules
from agent_server.execution.changes.changes import Change, fingerprint
from agent_server.execution.paths import never_lands
from agent_server.execution.sandboxes.isolation import SandboxError, in_words
from agent_server.execution.state import StateDirectory
from agent_server.workspace.listing import list_files

# The times of a file system advance in ticks, of 10 ms at most. What was last touched this long before it was copied
# was not touched after that.
_TICK_NS = 100_000_000
_MOST_RULES = 100_000  # bytes of one `.gitignore`


@dataclass(frozen=True, slots=True)
class Drift:
    """Which paths differ from the base, sorted. `ignored` are those that Git ignores, and no change names.

    False where nothing differs that counts: what was verified is what will stand there.
    """

    changed: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed)


def drift(state: StateDirectory, changes: Sequence[Change], landed: Iterable[Change] = ()) -> Drift:
    """What differs between the workspace and its mirror, which must be `held`. Blocks, for a second in large trees.

    `changes` are to be landed: their paths always count. `landed` has the run landed before, in parts: what stands as
    it left it has not moved. Raises `SandboxError` where the workspace cannot be read.
    """
    try:
        state.workspace.stat()  # an error, should it be gone: that is no empty workspace
        root = state.root.lstat()
        walk = _Walk(str(state.workspace), str(state.mirror), (root.st_dev, root.st_ino))
        walk.compare("")
        expected = {change.path: change.new for change in landed}
        found = [path for path in walk.differing if not _stands(state.workspace / path, path, expected)]
    except OSError as error:
        raise SandboxError(f"The workspace cannot be read: {in_words(error)}") from error
    named = {change.path for change in changes}
    others = [path for path in found if path not in named]
    ignored = frozenset(_ignored(state, others)) if others else frozenset[str]()
    return Drift(tuple(sorted(path for path in found if path not in ignored)), tuple(sorted(ignored)))


@dataclass(slots=True)
class _Walk:
    """Both trees, read side by side."""

    workspace: str
    mirror: str
    state: tuple[int, int]  # the state directory itself may lie in the workspace
    differing: list[str] = field(default_factory=list)

    def compare(self, path: str) -> None:
        """Note what differs in and below a directory of either."""
        here, there = self._listed(f"{self.workspace}/{path}"), self._listed(f"{self.mirror}/{path}")
        for name in here.keys() | there.keys():
            if never_lands(name, at_root=not path):
                continue
            inner = f"{path}/{name}" if path else name
            now, before = here.get(name), there.get(name)
            is_folder, was_folder = _is_folder(now), _is_folder(before)
            if is_folder or was_folder:
                self.compare(inner)
            if is_folder is not was_folder:
                now, before = (None if is_folder else now), (None if was_folder else before)
            elif is_folder:
                continue
            if (now or before) and not self._is_same(inner, now, before):
                self.differing.append(inner)

    def _listed(self, folder: str) -> dict[str, os.stat_result]:
        """The files, links and folders in a folder; none where it is no folder (any more)."""
        found = {}
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as scan:
            for entry in scan:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    if _is_mirrored(status) and (status.st_dev, status.st_ino) != self.state:
                        found[entry.name] = status
        return found

    def _is_same(self, path: str, now: os.stat_result | None, before: os.stat_result | None) -> bool:
        if now is None or before is None:
            return False
        # The mirror keeps a file's times; when it was copied it tells by its own `ctime`, which nobody can set back.
        looks_same = (now.st_mode, now.st_size, now.st_mtime_ns) == (before.st_mode, before.st_size, before.st_mtime_ns)
        if looks_same and now.st_ctime_ns + _TICK_NS < before.st_ctime_ns:
            return True
        return fingerprint(f"{self.workspace}/{path}") == fingerprint(f"{self.mirror}/{path}")


def _is_folder(found: os.stat_result | None) -> bool:
    return found is not None and stat.S_ISDIR(found.st_mode)


def _is_mirrored(found: os.stat_result) -> bool:
    return stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)


def _stands(place: Path, path: str, expected: Mapping[str, str | None]) -> bool:
    if path not in expected:
        return False
    try:
        return fingerprint(place) == expected[path]
    except NotADirectoryError:
        return expected[path] is None


def _ignored(state: StateDirectory, paths: Iterable[str]) -> Iterator[str]:
    """Those of `paths` that the workspace's listing leaves out. Of what is gone the base's `.gitignore` files tell."""
    listing = list_files(state.workspace, folders=False)
    rules = _rules(state.mirror)
    for path in paths:
        left_out = not listing.has_file(path) if _holds_file(state.workspace / path) else is_left_out(path, rules)
        if left_out:
            yield path


def _holds_file(place: Path) -> bool:
    try:
        return not stat.S_ISDIR(place.lstat().st_mode)
    except OSError:
        return False


def _rules(root: Path) -> Callable[[str], tuple[Rule, ...]]:
    @cache
    def of_folder(folder: str) -> tuple[Rule, ...]:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(root / folder / ".gitignore", flags), "rb") as file:
                return parse_rules(file.read(_MOST_RULES))
        except OSError:
            return ()

    return of_folder
