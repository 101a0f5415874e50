"""What may differ between the base and an agent's tree: the paths to look at, found without reading any content."""

# ruff: noqa: PTH118
# Called for every entry of an agent's tree, where `Path` objects cost more than the looking.

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent_server.agents.confinement import MOST_LEVELS
from agent_server.execution.paths import never_lands
from agent_server.execution.sandboxes.isolation import SandboxError, in_words


@dataclass(frozen=True, slots=True)
class Differences:
    """`after` maps a path that may have changed to where it stands now, None where nothing stands any more.

    `left_out` are the paths that never land: Git's own files, sockets, pipes, devices.
    """

    after: dict[str, Path | None] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


_SHOWN = 60  # characters of a path that is too long


@contextmanager
def unreadable_told() -> Iterator[None]:
    """Tell the user of an `OSError` within, as a `SandboxError`."""
    try:
        yield
    except OSError as error:
        raise SandboxError(f"What the agent wrote cannot be read or kept: {in_words(error)}") from error


def of_upper_layer(upper: Path, base: Path) -> Differences:
    """What an overlay's upper layer, mounted by an ordinary user over `base`, says has changed. Raises `OSError`."""
    found = Differences()
    _read_upper(os.fspath(upper), os.fspath(base), "", found)
    return found


def of_copy(tree: Path, base: Path, settled_ns: int) -> Differences:
    """What may have changed in a copy of `base`. Raises `OSError`.

    A file whose size, times and mode are those of the base is passed over if nothing touched it since `settled_ns`, a
    time after its copy was made (`st_ctime_ns`, which no program can set back).
    """
    found = Differences()
    _read_copy(os.fspath(tree), os.fspath(base), "", settled_ns, found)
    return found


def _read_upper(upper: str, base: str, path: str, found: Differences) -> None:
    for inner, entry, mode in _entries(upper, path):
        if never_lands(entry.name, at_root=not path):
            found.left_out.append(inner)
        elif stat.S_ISDIR(mode):
            if not _is_directory(os.path.join(base, inner)) or _is_opaque(entry):
                _delete_all(base, inner, found)
            _read_upper(upper, base, inner, found)
        elif _is_whiteout(entry, mode):
            _delete_all(base, inner, found)
        else:
            _replace(base, inner, entry, mode, found)


def _read_copy(tree: str, base: str, path: str, settled_ns: int, found: Differences) -> None:
    for inner, entry, mode in _entries(tree, path):
        if never_lands(entry.name, at_root=not path):
            found.left_out.append(inner)
        elif stat.S_ISDIR(mode):
            if not _is_directory(os.path.join(base, inner)):
                _delete_all(base, inner, found)
            _read_copy(tree, base, inner, settled_ns, found)
        elif not _is_untouched(entry, os.path.join(base, inner), settled_ns):
            _replace(base, inner, entry, mode, found)
    for inner, _, _ in _entries(base, path):
        if not os.path.lexists(os.path.join(tree, inner)):
            _delete_all(base, inner, found)


def _entries(root: str, path: str) -> Iterator[tuple[str, os.DirEntry[str], int]]:
    """What lies in a directory: path from the root, entry, mode. Nothing where there is no such directory."""
    if path and not _is_directory(os.path.join(root, path)):
        return
    if path.count("/") >= MOST_LEVELS:
        raise OSError(errno.ENAMETOOLONG, f"more than {MOST_LEVELS} folders lie in one another", f"{path[:_SHOWN]}...")
    with os.scandir(os.path.join(root, path)) as scan:
        for entry in scan:
            yield f"{path}/{entry.name}" if path else entry.name, entry, entry.stat(follow_symlinks=False).st_mode


def _replace(base: str, path: str, entry: os.DirEntry[str], mode: int, found: Differences) -> None:
    _delete_all(base, path, found)
    if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
        found.after[path] = Path(entry.path)
    else:
        found.left_out.append(path)


def _delete_all(base: str, path: str, found: Differences) -> None:
    """Note that all that the base has at `path` and below it is gone, unless it is known where it stands now."""
    if _is_directory(os.path.join(base, path)):
        for inner, _, _ in _entries(base, path):
            _delete_all(base, inner, found)
    elif os.path.lexists(os.path.join(base, path)):
        found.after.setdefault(path, None)


def _is_directory(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _is_whiteout(entry: os.DirEntry[str], mode: int) -> bool:
    return stat.S_ISCHR(mode) and entry.stat(follow_symlinks=False).st_rdev == 0


def _is_opaque(entry: os.DirEntry[str]) -> bool:
    """Whether the directory hides all that the base has there."""
    try:
        return os.getxattr(entry.path, "user.overlay.opaque", follow_symlinks=False) == b"y"
    except OSError:
        return False


def _is_untouched(entry: os.DirEntry[str], base: str, settled_ns: int) -> bool:
    now = entry.stat(follow_symlinks=False)
    try:
        before = os.lstat(base)
    except (FileNotFoundError, NotADirectoryError):
        return False
    same = (now.st_mode, now.st_size, now.st_mtime_ns) == (before.st_mode, before.st_size, before.st_mtime_ns)
    return same and now.st_ctime_ns < settled_ns
