"""Small trees for tests: planted from a description, and read back as one."""

import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Program:
    """An executable file."""

    text: str


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


Tree = Mapping[str, str | Program | Link]


def plant(root: Path, tree: Tree) -> Path:
    """Make the files of `tree` below `root`, replacing files that are there."""
    for path, what in tree.items():
        put(root / path, what)
    return root


def put(place: Path, what: str | Program | Link) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    match what:
        case Link(target):
            place.symlink_to(target)
        case Program(text):
            place.write_text(text)
            place.chmod(0o755)
        case str(text):
            place.write_text(text)


def clear(root: Path, path: str) -> None:
    """Remove what stands at a path, and any file or link in the place of a directory above it."""
    place = root
    for part in path.split("/"):
        place /= part
        if place.is_symlink() or place.is_file():
            place.unlink()
    if place.is_dir():
        shutil.rmtree(place)


def read(root: Path) -> dict[str, str | Program | Link]:
    """All files and links below `root`, without our own folder and Git's."""
    found: dict[str, str | Program | Link] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in {".git", ".agent-server"}]
        for name in names + [name for name in folders if (Path(folder) / name).is_symlink()]:
            place = Path(folder) / name
            found[place.relative_to(root).as_posix()] = _what(place)
    return found


def _what(place: Path) -> str | Program | Link:
    if place.is_symlink():
        return Link(str(place.readlink()))
    text = place.read_bytes().decode("utf-8", "surrogateescape")
    return Program(text) if place.stat().st_mode & stat.S_IXUSR else text
