"""Files of the workspace that a program would obey, kept out of its sight while it works.

Many agents read settings that lie in the workspace, which may name commands to run and addresses to send the key to.
The workspace may be a stranger's, and nobody is there to be asked whether to trust it. So where a program cannot be
told to leave such files alone, they are taken out of its tree before it starts, and put back when it has ended: to the
harvest they have not changed.
"""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agent_server.agents.backend import Workbench
from agent_server.agents.confinement import Confinement
from agent_server.agents.programs import ProgramError
from agent_server.agents.threads import to_its_end
from agent_server.analysis.globs.path_sets import PathSet

MOST_BYTES = 16_000_000
"""The most that is taken out of a tree, in bytes: it is kept in memory meanwhile."""

MOST_ENTRIES = 1_000
"""The most files and folders that are taken out of a tree."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """What stood at a path: a file's bytes, a link's target, or a folder, of which nothing but its mode is kept."""

    parts: tuple[str, ...]
    mode: int
    content: bytes = b""


@asynccontextmanager
async def out_of_sight(workbench: Workbench, paths: Sequence[str]) -> AsyncIterator[None]:
    """Within this, the tree does not hold `paths`, relative to its root. What an agent writes there itself, it keeps.

    Raises `ProgramError` where they cannot be taken away.
    """
    if not paths:
        yield
        return
    taken: list[_Taken] = []
    try:
        await to_its_end(asyncio.to_thread(_take_all, _tree(workbench.root), paths, taken))
        yield
    finally:
        if taken:
            await to_its_end(asyncio.to_thread(_put_back, _tree(workbench.root), taken))


def _tree(root: Path) -> Confinement:
    return Confinement(root, PathSet.of(()))


def _take_all(tree: Confinement, paths: Iterable[str], taken: list[_Taken]) -> None:
    for path in paths:
        try:
            if parts := _standing(tree, tuple(path.split("/"))):
                _take(tree, parts, taken)
        except OSError as error:
            words = f"`{path}` of the workspace, which it would obey, cannot be kept from it: {error.strerror}."
            raise ProgramError(words) from error


def _standing(tree: Confinement, parts: tuple[str, ...]) -> tuple[str, ...]:
    """What of a path is to be taken: the path, or the link that it leads through; nothing where neither is there."""
    for end in range(1, len(parts) + 1):
        kind = tree.kind(parts[:end])
        if kind == stat.S_IFLNK:
            return parts[:end]
        if kind is None or (kind != stat.S_IFDIR and end < len(parts)):
            return ()
    return parts


def _take(tree: Confinement, parts: tuple[str, ...], taken: list[_Taken]) -> None:
    """Take an entry, and all that is below it, of which each follows what it lies in."""
    with tree.directory(parts[:-1]) as folder:
        name = parts[-1]
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        match stat.S_IFMT(mode):
            case stat.S_IFDIR:
                _note(taken, _Taken(parts, mode))
                with tree.directory(parts) as inner:
                    names = sorted(os.listdir(inner))  # noqa: PTH208  # of a descriptor
                for each in names:
                    _take(tree, (*parts, each), taken)
                os.rmdir(name, dir_fd=folder)
                return
            case stat.S_IFLNK:
                _note(taken, _Taken(parts, mode, os.fsencode(os.readlink(name, dir_fd=folder))))
            case stat.S_IFREG:
                descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
                with os.fdopen(descriptor, "rb") as file:
                    _note(taken, _Taken(parts, mode, file.read(MOST_BYTES + 1)))
        os.unlink(name, dir_fd=folder)


def _note(taken: list[_Taken], entry: _Taken) -> None:
    if len(taken) >= MOST_ENTRIES or sum(len(each.content) for each in (*taken, entry)) > MOST_BYTES:
        words = f"`{'/'.join(entry.parts)}` of the workspace, which it would obey, is too large to be kept from it."
        raise ProgramError(words)
    taken.append(entry)


def _put_back(tree: Confinement, taken: Iterable[_Taken]) -> None:
    """Let everything stand where it stood, but where something else stands by now, or leads there."""
    for each in taken:
        try:
            with tree.directory(each.parts[:-1]) as folder:
                _put(each, folder)
        except (FileExistsError, NotADirectoryError):
            continue


def _put(entry: _Taken, folder: int) -> None:
    name = entry.parts[-1]
    if stat.S_ISDIR(entry.mode):
        os.mkdir(name, dir_fd=folder)
        os.chmod(name, stat.S_IMODE(entry.mode), dir_fd=folder)
    elif stat.S_ISLNK(entry.mode):
        os.symlink(entry.content, os.fsencode(name), dir_fd=folder)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, 0o600, dir_fd=folder), "wb") as file:
            file.write(entry.content)
            os.fchmod(file.fileno(), stat.S_IMODE(entry.mode))
