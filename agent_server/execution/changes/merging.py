"""Merging two texts that come from a third, by Git: its rules are the ones that the user meets every day."""

from pathlib import Path

from agent_server.execution.changes.review import is_binary
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.workspace.git import ask_git

_CLEAN_OR_CONFLICTS = tuple(range(128))
"""The exit status of `git merge-file` is the number of conflicts, 127 at most; beyond that it could not merge."""


def merged(base: bytes, ours: bytes, theirs: bytes, folder: Path) -> bytes | None:
    """What `ours` and `theirs` make of `base` together; None where they contradict each other, or one is no text.

    `folder` is for this alone, and is removed again, with what a killed merge may have left there. Raises `GitError`
    where there is no Git, and `OSError`.
    """
    if any(map(is_binary, (base, ours, theirs))):
        return None
    remove_tree(folder)
    folder.mkdir(mode=0o700)
    try:
        for name, content in (("base", base), ("ours", ours), ("theirs", theirs)):
            (folder / name).write_bytes(content)
        command = ("merge-file", "-p", "--quiet", "--diff3", "ours", "base", "theirs")
        answered = ask_git(folder, *command, accept=_CLEAN_OR_CONFLICTS)
    finally:
        remove_tree(folder)
    return None if answered.status else answered.output
