"""The shadow repository: the mirror's files in a Git repository of our own, from which Git writes working trees.

It lies in the state directory. The user's repository is neither read nor written, and nothing of anybody's
configuration applies: no hooks, no filters, no attributes, no conversion of line ends or encodings. So every file goes
in and comes out byte for byte, ignored and untracked ones too, and no program of a stranger's repository runs.

Only the index and the blobs are needed, never a commit. What Git does not keep (empty directories, times, modes but the
executable bit) is set afterwards, as the mirror has it. No `.git` stands in a working tree, for it would lead who works
there to this repository.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from agent_server.agents.threads import in_cancellable_thread, in_thread
from agent_server.execution.sandboxes.command import run
from agent_server.execution.sandboxes.copying import copy_tree, remove_tree
from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.execution.sandboxes.keeping import Keeper, Kept, Streams

_ATTRIBUTES = "* -filter -text -eol -ident -working-tree-encoding\n"
_OPTIONS = {
    "checkout.workers": "0",  # as many as there are processors
    # All is stored as it is, in one pack for each time that something is added: files would cost far more.
    "core.bigFileThreshold": "1",
    "core.compression": "0",
    "core.attributesFile": os.devnull,
    "core.autocrlf": "false",
    "core.excludesFile": os.devnull,
    "core.fileMode": "true",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.ignoreCase": "false",
    "core.precomposeUnicode": "false",
    "core.protectHFS": "false",
    "core.protectNTFS": "false",
    "core.sparseCheckout": "false",
    "core.splitIndex": "false",
    "core.symlinks": "true",
    "core.trustctime": "true",
    "core.untrackedCache": "false",
    "index.threads": "true",
}
# Old versions of files are never needed. With this many packs the repository is made anew.
_MOST_PACKS = 50
_SECONDS = 3_600.0


class ShadowRepository:
    """The repository at `place`, which holds the files of `mirror`. Its Git runs under `keeper`.

    One process at a time may use it: who holds the mirror.
    """

    def __init__(self, place: Path, mirror: Path, keeper: Keeper) -> None:
        self._place = place
        self._mirror = mirror
        self._keeper = keeper

    async def record(self) -> None:
        """Take in the mirror as it is now. Raises `SandboxError`, also where there is no Git."""
        _program()
        await in_thread(self._clear)
        try:
            await self._add()
        except SandboxError:  # a kill, or somebody, may have damaged it
            await in_thread(remove_tree, self._place)
            await self._add()

    async def check_out(self, tree: Path) -> None:
        """Write the files that were last recorded to `tree`, which is not there yet. Raises `SandboxError`."""
        await in_thread(tree.mkdir, 0o700)
        await self._git("checkout-index", "--all", "--force", f"--prefix={tree}/")
        await in_cancellable_thread(
            lambda cancelled: copy_tree(str(self._mirror), str(tree), cancelled, without_content=True)
        )

    async def _add(self) -> None:
        # Names by SHA-256: two files that have one SHA-1 can be made.
        await self._git("init", "--quiet", "--bare", "--template=", "--object-format=sha256", str(self._place))
        await in_thread(self._isolate)
        await self._git("add", "--all", "--force", "--", ".")

    def _clear(self) -> None:
        """Remove what a killed Git left behind, and all where too much has gathered."""
        packs = self._place / "objects" / "pack"
        if len(list(packs.glob("*.pack"))) > _MOST_PACKS:
            remove_tree(self._place)
        for leftover in (*self._place.glob("*.lock"), *packs.glob("tmp_*")):
            leftover.unlink()

    def _isolate(self) -> None:
        information = self._place / "info"
        information.mkdir(exist_ok=True)
        (information / "attributes").write_text(_ATTRIBUTES, "ascii")
        (information / "exclude").write_text("", "ascii")

    async def _git(self, *arguments: str) -> None:
        places = (f"--git-dir={self._place}", f"--work-tree={self._mirror}")
        options = (word for name, value in _OPTIONS.items() for word in ("-c", f"{name}={value}"))
        where = () if arguments[0] == "init" else places
        command = (_program(), "--no-pager", *where, *options, *arguments)

        async def start(streams: Streams) -> Kept:
            return await self._keeper.start(
                command, environ=self._environment(), directory=self._mirror, streams=streams
            )

        try:
            completed = await run(start, _SECONDS, None)
        except OSError as error:
            raise SandboxError(f"Git cannot be started: {error.strerror}.") from error
        if completed.exit_status:
            raise SandboxError(f"Git cannot write a working tree of the workspace: {completed.output.strip()}")

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._place),
            "LC_ALL": "C",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }


def _program() -> str:
    """Git by its whole path: where PATH has relative folders, a workspace's own `git` must not be what runs."""
    found = shutil.which("git")
    if found is None or not found.startswith("/"):
        raise SandboxError("Worktrees need Git, which is not installed here. Install it, or use another isolation.")
    return found
