"""Where the index of a workspace lies: in the user's cache, for its owner alone; in memory where that cannot be."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

CACHE_VARIABLE = "AGENT_SERVER_CACHE_DIR"
"""The environment variable that says where indexes are kept instead of the platform's place."""

DATABASE = "index.sqlite"
LOCK = "index.lock"

_MEMORY = "/dev/shm"  # noqa: S108  # only `mkdtemp` makes something there, for its owner alone
_NAME_LENGTH = 16


class NoPlace(Exception):
    """No index can be kept here. The message is the reason, to be read after "because"."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for one workspace's index. A `passing` one goes when the index is closed."""

    folder: Path
    passing: bool = False

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / DATABASE

    @property
    def lock(self) -> Path:
        """The file that whoever indexes holds under `flock`."""
        return self.folder / LOCK

    def clear(self) -> None:
        """Throw the index away."""
        for path in self.folder.glob(f"{DATABASE}*"):
            path.unlink(missing_ok=True)

    def leave(self) -> None:
        """Remove a passing place, with all that is in it."""
        if self.passing:
            rmtree(self.folder, ignore_errors=True)


def lasting_place(root: Path, environ: Mapping[str, str]) -> Place:
    """The place in the user's cache for the workspace at `root`, made if need be; raises `NoPlace`.

    It lies in `AGENT_SERVER_CACHE_DIR` if `environ` has it, under a hash of the workspace's real path.
    """
    top = _cache(environ)
    folder = top / sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:_NAME_LENGTH]
    try:
        top.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(folder)
    except OSError as error:
        raise NoPlace(f"`{folder}` cannot be used: {error.strerror}") from error
    return Place(folder)


def passing_place() -> Place:
    """A new place in memory, where the system has files in memory; else among the temporary files. Raises `NoPlace`."""
    try:
        return Place(Path(mkdtemp(prefix="agent-server-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None)), True)
    except OSError as error:
        raise NoPlace(f"no temporary folder can be made: {error.strerror}") from error


def _cache(environ: Mapping[str, str]) -> Path:
    chosen = environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    from platformdirs import user_cache_path  # noqa: PLC0415  # only where no folder is named

    return user_cache_path("agent-server")


def _make_private(folder: Path) -> None:
    """Make `folder` if it is missing, for its owner alone. A link, or another user's folder, is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise NoPlace(f"`{folder}` is a link, or belongs to another user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
