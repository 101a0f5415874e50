"""Git repositories for tests, apart from the settings of whoever runs them."""

import os
import subprocess
from pathlib import Path

from tests.execution.trees import Tree, plant

ENVIRON = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
NOTHING_LATER = ("-c", "maintenance.auto=false")
"""Options of Git: otherwise it may still lock and tidy a repository when a command has long ended."""


def git(root: Path, *arguments: str) -> str:
    """What a git command prints, without the last line's end."""
    done = subprocess.run(["git", *NOTHING_LATER, *arguments], cwd=root, env=ENVIRON, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def repository(root: Path, tree: Tree, *options: str) -> Path:
    """A repository that holds `tree`, committed by "The User"; `options` are for `git init`."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main", *options)
    git(root, "config", "user.name", "The User")
    git(root, "config", "user.email", "user@example.com")
    plant(root, tree)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first", "--allow-empty")
    return root


def tree_of(root: Path, commit: str) -> dict[str, tuple[str, str]]:
    """Mode and text of each file of a commit."""
    found = {}
    for line in git(root, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0")[:-1]:
        told, _, path = line.partition("\t")
        mode, kind, name = told.split()
        done = subprocess.run(["git", "cat-file", kind, name], cwd=root, check=False, capture_output=True)
        found[path] = mode, done.stdout.decode("utf-8", "surrogateescape") if kind == "blob" else name
    return found
