"""Files that are written as a whole or not at all; one that is replaced changes at one stroke, whoever looks at it."""

import errno
import os
import secrets
import stat
from pathlib import Path

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def drafted(path: Path, content: bytes) -> Path:
    """A new file beside the file `path`, of its mode and on the disk for good, to be moved into its place.

    Raises `OSError`, also where `path` is read-only, and leaves nothing behind then.
    """
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & _WRITABLE:
        raise PermissionError(errno.EACCES, "it is read-only", str(path))
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            os.fchmod(file.fileno(), mode)  # before anybody else could read what it holds
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def create_file(path: Path, content: bytes) -> None:
    """Make a file of this content where there is none. Raises `OSError`; there is then no new file."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def replace_file(path: Path, content: bytes) -> None:
    """Give the file `path`, or the one that a link there leads to, this content; it keeps its mode.

    Raises `OSError`; the file is then what it was.
    """
    real = path.resolve(strict=True)
    draft = drafted(real, content)
    try:
        draft.replace(real)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
