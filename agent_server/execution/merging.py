"""Merging two texts that come from a third, by Git: its rules are the ones that the user meets every day."""

from pathlib import Path
from tempfile import TemporaryDirectory

from agent_server.execution.review import is_binary
from agent_server.workspace.git import ask_git

_CLEAN_OR_CONFLICTS = tuple(range(128))
"""The exit status of `git merge-file` is the number of conflicts, 127 at most; beyond that it could not merge."""


def merged(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """What `ours` and `theirs` make of `base` together; None where they contradict each other, or one is no text.

    Raises `GitError` where there is no Git, and `OSError`.
    """
    if any(map(is_binary, (base, ours, theirs))):
        return None
    with TemporaryDirectory(prefix="agent-server-") as folder:
        for name, content in (("base", base), ("ours", ours), ("theirs", theirs)):
            (Path(folder) / name).write_bytes(content)
        command = ("merge-file", "-p", "--quiet", "--diff3", "ours", "base", "theirs")
        answered = ask_git(Path(folder), *command, accept=_CLEAN_OR_CONFLICTS)
    return None if answered.status else answered.output
