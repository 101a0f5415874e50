"""Plans and workspaces out of a git history: commits as tasks, their parents as workspaces, their files as the truth.

What counts as a task, and why, is told in `prediction.md`.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PLAN_COMMITS = 10
"""How many consecutive commits make a plan."""

MOST_FILES = 30
"""A commit of more files is a sweep over the tree, and no task."""

_BOT = re.compile(
    r"\[bot\]|\b(dependabot|renovate|greenkeeper|snyk|pre-commit-ci|github-actions)\b|-bot$", re.IGNORECASE
)
_BUMP = re.compile(
    r"(build|chore|fix|ci)\(deps(-dev)?\)|bump \S+ from \S+ to |update dependency |\W*pre-commit", re.IGNORECASE
)
_RELEASE = re.compile(
    r"(\W*(chore|build|ci)?(\(.*?\))?:?\s*)?(release|version|prepare (for )?(the )?(next |version )?"
    r"(release|development|version)|bump version|publish|start version|v?\d+\.\d+(\.\d+)*)\b|.*maven-release-plugin",
    re.IGNORECASE,
)
_TRAILER = re.compile(r"^[A-Za-z-]+-by: .*$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z]{2,}")
_HEADER = re.compile(rb"([0-9a-f]{40}) ?([0-9a-f]{40})?")
_GITLINK, _SYMLINK = b"160000", b"120000"


@dataclass(frozen=True, slots=True)
class Task:
    """A commit seen as a task: its message, the commit it starts from, and the existing files that it changed."""

    commit: str
    parent: str
    text: str
    files: frozenset[str]


def plans(repository: Path, most_commits: int) -> list[list[Task]]:
    """The newest `most_commits` tasks of a git directory in plans of ten, the oldest first."""
    newest = []
    for task in _tasks(repository):
        newest.append(task)
        if len(newest) == most_commits:
            break
    tasks = newest[: len(newest) // PLAN_COMMITS * PLAN_COMMITS][::-1]
    return [tasks[start : start + PLAN_COMMITS] for start in range(0, len(tasks), PLAN_COMMITS)]


def _tasks(repository: Path) -> Iterator[Task]:
    """All commits that are tasks, the newest first. No commit comes before one that it descends from."""
    log = ("log", "-z", "--no-merges", "--topo-order", "--no-renames", "--raw", "--no-abbrev", "--no-show-signature")
    fields = iter(git(repository, *log, "--format=%x00%H %P%x00%an%x00%B%x00", "HEAD").split(b"\0"))
    commit, parent, author, message = "", "", "", ""
    changed: list[tuple[bytes, str]] = []
    for text in fields:
        if header := _HEADER.fullmatch(text):
            if _is_task(parent, author, message, len(changed)):
                yield from _task(commit, parent, message, changed)
            commit, parent = header[1].decode(), (header[2] or b"").decode()
            author, message = (next(fields).decode("utf-8", "replace") for _ in range(2))
            changed = []
        elif text.removeprefix(b"\n").startswith(b":"):
            changed.append((text.removeprefix(b"\n"), os.fsdecode(next(fields))))
    if _is_task(parent, author, message, len(changed)):
        yield from _task(commit, parent, message, changed)


def _is_task(parent: str, author: str, message: str, files: int) -> bool:
    subject = message.partition("\n")[0]
    by_machine = _BOT.search(author) or _BUMP.match(subject) or _RELEASE.match(subject) or subject.startswith("Revert ")
    return bool(parent) and not by_machine and 1 <= files <= MOST_FILES and len(_WORD.findall(message)) >= 3


def _task(commit: str, parent: str, message: str, changed: list[tuple[bytes, str]]) -> Iterator[Task]:
    """The task, unless the commit only adds files (or moves submodules): then there is nothing to predict."""
    existing = frozenset(
        path for told, path in changed if not told.endswith(b" A") and not told.startswith(b":" + _GITLINK)
    )
    if existing:
        yield Task(commit, parent, _TRAILER.sub("", message).strip(), existing)


def git(repository: Path, *arguments: str) -> bytes:
    """What git says about a git directory."""
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def git_directory(place: Path) -> Path:
    """The git directory that `place` is or holds."""
    return place / ".git" if (place / ".git").is_dir() else place


class Blobs:
    """The contents of a repository's files, read by one `git cat-file --batch`."""

    def __init__(self, repository: Path) -> None:
        command = ["git", f"--git-dir={repository}", "cat-file", "--batch"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, name: str) -> bytes:
        """The blob of that object name; empty where it is missing."""
        source, answers = self._process.stdin, self._process.stdout
        assert source is not None
        assert answers is not None
        source.write(name.encode() + b"\n")
        source.flush()
        header = answers.readline().split()
        if header[1] == b"missing":
            return b""
        return answers.read(int(header[2]) + 1)[:-1]

    def close(self) -> None:
        """Ends git."""
        self._process.communicate()


def files_at(repository: Path, commit: str) -> dict[str, str]:
    """The files of a commit and the names of their blobs; symlinks and submodules are left out."""
    found = {}
    for entry in filter(None, git(repository, "ls-tree", "-r", "-z", commit).split(b"\0")):
        told, path = entry.split(b"\t", 1)
        mode, kind, name = told.split()
        if kind == b"blob" and mode != _SYMLINK:
            found[os.fsdecode(path)] = name.decode()
    return found
