"""Writing a change set into a sandbox's tree, to combine what several agents did. The live tree is `landing`'s."""

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from agent_server.execution.changes.changes import Change, ChangeKind, FileType, content_of
from agent_server.execution.paths import UnsafePathError, components, directory, opened
from agent_server.execution.sandboxes.copying import copy_open
from agent_server.execution.sandboxes.isolation import SandboxError


def write_changes(root: Path, changes: Sequence[Change]) -> None:
    """Make the tree below `root` hold what the changes say, whatever it held. Raises `SandboxError`.

    Deletes come first, so that a file can take the place of a directory and the other way round. No link is followed.
    """
    with opened(root) as tree:
        for change in sorted(changes, key=lambda change: (change.kind is not ChangeKind.DELETE, change.path)):
            try:
                _write(tree, change)
            except UnsafePathError as error:
                raise SandboxError(str(error)) from None
            except OSError as error:
                raise SandboxError(f"`{change.path}` cannot be written to the sandbox: {error.strerror}.") from error


def _write(tree: int, change: Change) -> None:
    *parents, name = components(change.path)
    if change.kind is ChangeKind.DELETE:
        with suppress(FileNotFoundError, NotADirectoryError), directory(tree, parents) as parent:
            _remove(name, parent)
        return
    with directory(tree, parents, create=True) as parent:
        with suppress(FileNotFoundError):
            _remove(name, parent)
        if change.type is FileType.SYMLINK:
            os.symlink(os.fsdecode(content_of(change)), name, dir_fd=parent)
        else:
            _write_file(change, name, parent)


def _write_file(change: Change, name: str, parent: int) -> None:
    mode = 0o777 if change.type is FileType.EXECUTABLE else 0o666
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    writing = os.open(name, flags, mode, dir_fd=parent)
    try:
        if change.content is not None:
            with change.content.open("rb") as content:
                copy_open(content.fileno(), writing)
    finally:
        os.close(writing)


def _remove(name: str, parent: int) -> None:
    """Remove a file, or a directory that holds only directories."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=parent)
        return
    _remove_directory(name, parent)


def _remove_directory(name: str, parent: int) -> None:
    with directory(parent, (name,)) as inner, os.scandir(inner) as scan:
        for below in scan:
            _remove_directory(below.name, inner)
    os.rmdir(name, dir_fd=parent)
