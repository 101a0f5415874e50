"""Where paths of the outside world belong in a workspace, and which workspace a file belongs to."""

import os
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from agent_server.analysis.tree import fold_case

PROJECT_FILES = (
    "pyproject.toml",
    "package.json",
    "Cargo.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "setup.py",
    "composer.json",
    "Gemfile",
    "deno.json",
    "mix.exs",
)
"""Files that stand at the top of a project."""


def find_root(path: Path) -> Path:
    """The workspace that the file `path` belongs to, where nobody says.

    That is the nearest folder above it that holds a `.git`; else the nearest that holds one of `PROJECT_FILES`; else
    the one in which a tool keeps its plans, as in `.claude/plans/`; else the file's own folder. The home folder, what
    lies above it, and `/` are not considered.
    """
    return root_around(path.parent)


def root_around(folder: Path) -> Path:
    """The workspace that the files of a folder belong to, as `find_root` has it."""
    folder = Path(os.path.realpath(folder))
    candidates = list(_candidates(folder))
    repository = next((each for each in candidates if os.path.lexists(each / ".git")), None)
    project = next((each for each in candidates if any((each / name).is_file() for name in PROJECT_FILES)), None)
    return repository or project or _root_of_tools(candidates) or folder


def _root_of_tools(candidates: Sequence[Path]) -> Path | None:
    """The folder above a hidden one in which a format's plans lie."""
    from agent_server.plan.formats.places import PLACES  # noqa: PLC0415  # most files lie in a repository

    hidden = {
        part
        for place in PLACES.values()
        for glob in place.globs
        for part in glob.split("/")
        if part.startswith(".") and not part.startswith(".*")
    }
    above = (outer for inner, outer in pairwise(candidates) if inner.name in hidden)
    return next(above, None)


def relative(root: Path, path: str | Path, *, case_sensitive: bool = True) -> str | None:
    """`path`, an absolute one, as the workspace at `root` spells it; `""` is the root. None if it lies elsewhere.

    Symlinks on the way are resolved, those in the root as well as those inside; a link in the last place is itself.
    Where the file system ignores case (`case_sensitive` is False), names come back as the disk spells them. `path`
    need not exist.
    """
    text = os.fspath(path)
    if "\0" in text or not os.path.isabs(text):
        return None
    real_root = os.path.realpath(root)
    parts = _parts(_resolve_parents(text))
    above = _parts(real_root)
    same = _same if case_sensitive else _same_folded
    if len(parts) >= len(above) and all(map(same, parts, above)):
        inside = parts[len(above) :]
        return "/".join(inside if case_sensitive else _respelled(real_root, inside))
    return "" if os.path.realpath(text) == real_root else None


def confined(root: str, path: str) -> str | None:
    """Where the relative path `path` really lies, all symlinks resolved; None if that is outside `root` (resolved)."""
    if "\0" in path or os.path.isabs(path) or ".." in path.split("/"):
        return None
    real = os.path.realpath(os.path.join(root, path))
    return real if real == root or real.startswith(root.rstrip("/") + "/") else None


def is_case_sensitive(root: Path, names: Iterable[str] = ()) -> bool:
    """Whether the file system at `root` tells `a` from `A`. Nothing is written.

    Looks up an existing name in the other case: one of `names` (relative paths), else the root's own. Without any
    name that has letters, the system's custom decides.
    """
    name = next(filter(_has_case, names), None)
    if name:
        return not _is_same_file(root / name, root / name.swapcase())
    if _has_case(root.name):
        return not _is_same_file(root, root.with_name(root.name.swapcase()))
    return sys.platform not in {"darwin", "win32"}


def home_folder() -> str:
    """The user's home folder, resolved; `""` if there is none."""
    home = os.path.expanduser("~")  # `Path.home()` raises where there is none
    return os.path.realpath(home) if home != "~" else ""


def _candidates(folder: Path) -> Iterable[Path]:
    home = home_folder()
    for candidate in (folder, *folder.parents):
        if str(candidate) == home or candidate.parent == candidate:
            return
        yield candidate


def _resolve_parents(path: str) -> str:
    folder, name = os.path.split(path)
    if name in {"", ".", ".."}:
        return os.path.realpath(path)
    return os.path.join(os.path.realpath(folder), name)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part]


def _has_case(name: str) -> bool:
    # Beyond ASCII, changing the case is not always one to one.
    return name.isascii() and name.swapcase() != name


def _same(one: str, other: str) -> bool:
    return one == other


def _same_folded(one: str, other: str) -> bool:
    return fold_case(one) == fold_case(other)


def _respelled(root: str, parts: Iterable[str]) -> Iterable[str]:
    """`parts` as the folders from `root` on spell them, as far as they exist."""
    folder = root
    for part in parts:
        name = _spelling(folder, part)
        folder = f"{folder}/{name}"
        yield name


def _spelling(folder: str, name: str) -> str:
    try:
        names = os.listdir(folder)
    except OSError:
        return name
    if name in names:
        return name
    return next((each for each in names if _same_folded(each, name)), name)


def _is_same_file(one: Path, other: Path) -> bool:
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except OSError:
        return False
