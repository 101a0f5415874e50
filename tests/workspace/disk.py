"""What the tests of the workspace do to a disk: plant files, and run git as a user would."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def plant(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Make `files` below `root`; a path that ends in `/` becomes an empty folder."""
    root.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)
    return root


def git(folder: Path, *arguments: str) -> str:
    """What `git ARGUMENTS` prints in `folder`."""
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return os.fsdecode(done.stdout)


def repository(root: Path, files: Mapping[str, str | bytes], *, commit: bool = True) -> Path:
    """A repository on the branch `main` with `files`; they are committed, or else untracked."""
    plant(root, files)
    git(root, "init", "--quiet", "--initial-branch", "main")
    if commit:
        commit_all(root)
    return root


def commit_all(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "All of it")


def program(place: Path, script: str) -> Path:
    """An executable shell script."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
    return place
