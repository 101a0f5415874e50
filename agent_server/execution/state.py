"""The state directory: where everything that is ours about one workspace lies, outside the workspace."""

import os
import re
import stat
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from platformdirs import user_state_path

from agent_server.execution import file_lock

LOCAL_FOLDER = ".agent-server"
"""The folder inside a workspace that we use only when the state directory lies on another file system."""

STATE_VARIABLE = "AGENT_SERVER_STATE_DIR"
"""The environment variable that says where state directories are kept instead of the platform's place."""

DATABASE = "state.db"
"""The name of the file in a state directory that keeps the record of all runs."""

_NAME_LENGTH = 16
_NAME = re.compile(rf"[0-9a-f]{{{_NAME_LENGTH}}}")


class StateError(Exception):
    """The state directory cannot be used. The message is for the user."""


class WorkspaceBusyError(StateError):
    """Another process runs or lands in this workspace. `pid` is None where that process cannot be told."""

    def __init__(self, workspace: Path, pid: int | None) -> None:
        super().__init__(workspace, pid)
        self.workspace = workspace
        self.pid = pid

    def __str__(self) -> str:
        if self.pid == os.getpid():
            return f"Something else about a run of `{self.workspace}` is being done at the moment. Try again."
        who = f"process {self.pid}" if self.pid else "another process"
        return f"`{self.workspace}` is in use by {who}, which runs or lands a wave there. Wait for it, or stop it."


class StateDirectory:
    """The folders that hold what we keep about one workspace. Make one with `for_workspace`.

    `mirror` is the frozen base, `sandboxes` the agents' trees (gone after each run), `runs` the records and the change
    sets. `workspace` is the workspace's real path. Landing happens in `landing`, see there.
    """

    def __init__(self, root: Path, workspace: Path) -> None:
        """Use `root`, which exists, for `workspace`."""
        self.root = root
        self.workspace = workspace
        self.mirror = root / "mirror"
        self.sandboxes = root / "sandboxes"
        self.runs = root / "runs"
        self._lock: int | None = None

    @classmethod
    def for_workspace(cls, root: Path, environ: Mapping[str, str]) -> "StateDirectory":
        """The state directory of the workspace at `root`, made if it is not there yet.

        It lies in `AGENT_SERVER_STATE_DIR` if `environ` has it, else in the platform's place for user state, under a
        hash of the workspace's real path. Raises `StateError` where it cannot be made, or is not the user's own.
        """
        workspace = Path(os.path.realpath(root))
        state = cls(state_directory_of(workspace, environ), workspace)
        place = state.root.parent
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (state.root, state.mirror, state.sandboxes, state.runs):
                _make_private(folder)
        except OSError as error:
            raise StateError(
                f"The state directory `{state.root}` cannot be used: {error.strerror}. Set `{STATE_VARIABLE}` to a "
                "directory that you can write to."
            ) from error
        return state

    @property
    def landing(self) -> Path:
        """The folder for landings, which must share a file system with the workspace. Made when it is asked for.

        It is part of the state directory where that lies on the workspace's file system, else `.agent-server` in the
        workspace, which ignores itself for Git and is left out of the mirror. Raises `StateError`.
        """
        inside = self.workspace / LOCAL_FOLDER
        try:
            if self.root.stat().st_dev == self.workspace.stat().st_dev:
                return _make_private(self.root / "landing")
            _make_private(inside)
            (inside / ".gitignore").write_text("*\n", encoding="utf-8")
            return _make_private(inside / "landing")
        except OSError as error:
            raise StateError(f"No folder for landings can be made in `{inside}`: {error.strerror}.") from error

    @property
    def commits(self) -> Path:
        """The folder in which commits are prepared. It is there only for as long as that goes on, or after a kill."""
        return self.landing / "commits"

    def lock(self, patience: float = 0.0) -> None:
        """Claim the workspace for this process, for running and landing; raises `WorkspaceBusyError`.

        It waits for nobody, but for `patience` seconds for what a dead process leaves. `unlock` gives the claim back,
        and so does the end of the process, however it ends.
        """
        try:
            self._lock = file_lock.take(self.root / "lock", patience)
        except file_lock.LockedError as error:
            raise WorkspaceBusyError(self.workspace, error.pid) from None
        except OSError as error:
            raise StateError(f"`{self.root / 'lock'}` cannot be locked: {error.strerror}.") from error

    def unlock(self) -> None:
        """Give the claim of `lock` back. Does nothing where there is none."""
        if self._lock is not None:
            file_lock.give_back(self._lock)
            self._lock = None


def state_directory_of(root: Path, environ: Mapping[str, str]) -> Path:
    """Where the state directory of the workspace at `root` lies, or would lie."""
    chosen = environ.get(STATE_VARIABLE)
    place = Path(chosen).absolute() if chosen else user_state_path("agent-server")
    return place / sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:_NAME_LENGTH]


def state_directories_beside(root: Path) -> list[Path]:
    """The state directory `root` and those of other workspaces that are kept in the same place. Raises `OSError`."""
    return [folder for folder in root.parent.iterdir() if folder == root or _NAME.fullmatch(folder.name)]


def _make_private(folder: Path) -> Path:
    """Make `folder` if it is missing, for its owner alone. A link, or another user's folder, is refused."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise StateError(f"`{folder}` must be a directory and no symbolic link. Move away what is there.") from None
        if found.st_uid != os.geteuid():
            raise StateError(f"`{folder}` belongs to another user (id {found.st_uid}), so it is not used.") from None
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    return folder
