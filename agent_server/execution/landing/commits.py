"""Landing as commits: one commit a task, on a new branch from HEAD. Files, index and HEAD stay as they are.

The commits are made in a temporary index, of blobs that went through the repository's own filters and attributes, as
`git add` would store them. No hook runs. One atomic call makes the branch in the end, so a kill at any point leaves it
whole or not there; what else is left are objects that nothing names, which Git itself clears away.

The agents started from the workspace, which may hold what is not committed. Their changes are then merged, by Git, onto
what HEAD holds; so uncommitted work of the user gets into no commit. Where that does not go, nothing is made.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from agent_server import __version__
from agent_server.execution.changes.changes import Change, ChangeKind, FileType, type_of
from agent_server.execution.changes.merging import merged
from agent_server.execution.changes.patches import MODES
from agent_server.execution.landing.journal import Step, no_step
from agent_server.execution.paths import UnsafePathError, components
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.sandboxes.isolation import in_words
from agent_server.plan.visible import visible
from agent_server.workspace.git import GitError, ask_git, find_repository

_BRANCHES = "refs/heads/"
_SUBMODULE = "160000"
_LINK = MODES[FileType.SYMLINK]
_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:\.[0-9]+)?")
_NAME_LENGTH = 60
_GIT_SECONDS = 300.0  # a filter may have gigabytes to store
# Whatever the user's configuration says: no other index than ours is written, messages are UTF-8, what `git add` would
# only warn of is no error, and objects are on the disk before a branch names them (the last is for Git up to 2.35).
_OPTIONS = (
    *("-c", "core.splitIndex=false"),
    *("-c", "index.sparse=false"),
    *("-c", "core.safecrlf=false"),
    *("-c", "i18n.commitEncoding=UTF-8"),
    *("-c", "core.fsync=committed,reference"),
    *("-c", "core.fsyncObjectFiles=true"),
)


class CannotCommit(Exception):
    """No branch was made, or deleted. The message is for the user."""


@dataclass(frozen=True, slots=True)
class TaskCommit:
    """What one task lands. `verify` is the command that it passed, with the others; empty where there was none."""

    task: str
    title: str
    changes: tuple[Change, ...]
    model: str = ""
    verify: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that a landing made, and its last commit. `commits` are all of the landing, the first task's first."""

    name: str
    commit: str
    commits: tuple[str, ...] = ()


def branch_name(plan: str, run: str) -> str:
    """The branch for a landing of the plan at that path. `run` is a run's id, with `.2` behind for its second part."""
    stem = PurePosixPath(plan).name.partition(".")[0]
    return f"agent-server/{_NAME.sub('-', stem).strip('-')[:_NAME_LENGTH] or 'plan'}-{run}"


def land_commits(  # noqa: PLR0913  # what lands, for which plan, and where it may be prepared
    root: Path, run: str, parts: Sequence[TaskCommit], *, plan: str, folder: Path, step: Step = no_step
) -> Branch | None:
    """Commit `parts`, in their order, on the new branch `branch_name(plan, run)` of the repository that `root` is in.

    None where HEAD holds all of it already. Files that Git ignores are committed like others: they were approved.
    `folder` is for this alone, and is removed again, with what a killed landing may have left there. `step` is called
    before each thing that is written. Blocks. Raises `CannotCommit`; there is then no new branch.
    """
    if not _RUN.fullmatch(run):
        raise CannotCommit(f"`{visible(run)}` is no name for a landing.")
    name = branch_name(plan, run)
    try:
        with _empty(folder):
            work = _Work(root.resolve(), folder, step)
            work.expect_free(name)
            commits = work.commit_all(parts, {"Plan": plan, "Run": run})
            if not commits:
                return None
            work.make_branch(name, commits[-1])
            return Branch(name, commits[-1], tuple(commits))
    except GitError as error:
        raise CannotCommit(f"Nothing was committed, because {error}.") from error
    except UnsafePathError as error:
        raise CannotCommit(f"{error} Nothing was committed.") from error
    except OSError as error:
        raise CannotCommit(f"Nothing was committed: {in_words(error)}") from error


def landed_branch(root: Path, run: str, *, plan: str) -> Branch | None:
    """The branch that an earlier `land_commits` made, for whoever was killed then. Raises `CannotCommit`."""
    name = branch_name(plan, run)
    try:
        commit = _tip(root, name)
    except GitError as error:
        raise CannotCommit(f"The branch `{name}` cannot be looked up, because {error}.") from error
    return Branch(name, commit) if commit else None


def undo_commits(root: Path, branch: Branch) -> None:
    """Delete the branch, if it still is where the landing left it. One that is gone is fine. Raises `CannotCommit`."""
    try:
        commit = _tip(root, branch.name)
        if not commit:
            return
        if commit != branch.commit:
            raise CannotCommit(f"The branch `{branch.name}` has moved on since it was made, so it was not deleted.")
        used = _git(root, "worktree", "list", "--porcelain").decode("utf-8", "surrogateescape").splitlines()
        if f"branch {_BRANCHES}{branch.name}" in used:
            raise CannotCommit(f"The branch `{branch.name}` is checked out. Switch to another one, then undo again.")
        _git(root, "update-ref", "-d", f"{_BRANCHES}{branch.name}", branch.commit)
    except GitError as error:
        raise CannotCommit(f"The branch `{branch.name}` was not deleted, because {error}.") from error


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a tree of Git holds at a path."""

    mode: str
    blob: str


class _Work:
    """One landing: the repository, and the index in `folder` in which its trees are made."""

    def __init__(self, root: Path, folder: Path, step: Step) -> None:
        repository = find_repository(root)
        self._root = root
        self._folder = folder
        self._prefix = "" if root == repository.top else f"{root.relative_to(repository.top).as_posix()}/"
        self._variables = {"GIT_INDEX_FILE": str(folder / "index")}
        self._step = step
        self._head = self._ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}", accept=(0, 1))
        self._nothing = "0" * len(self._ask("hash-object", "-t", "tree", "--stdin"))
        self._standing = dict(self._entries()) if self._head else {}
        if self._head:
            self._git("read-tree", self._head)

    def expect_free(self, name: str) -> None:
        """Raise `CannotCommit` where there is such a branch, or nobody to be the author."""
        if _tip(self._root, name):
            raise CannotCommit(f"There is a branch `{name}` already. Nothing was committed.")
        try:
            self._ask("var", "GIT_AUTHOR_IDENT")
        except GitError as error:
            raise CannotCommit(
                "Git does not know who you are, so nothing was committed. Set `user.name` and `user.email` "
                "with `git config --global`."
            ) from error

    def commit_all(self, parts: Sequence[TaskCommit], named: Mapping[str, str]) -> list[str]:
        """The commits of those parts that change something, each on the one before."""
        # What does not go is found before the first commit is made.
        trees = [(part, self._updated(part)) for part in parts]
        self._expect_room(change for part in parts for change in part.changes)
        tree = self._ask("write-tree")
        commits: list[str] = []
        parent = self._head
        for part, lines in trees:
            self._step("tree")
            self._git("update-index", "-z", "--add", "--index-info", stdin=b"".join(lines))
            new = self._ask("write-tree")
            if new == tree:
                continue
            self._step("commit")
            message = _message(part, named).encode("utf-8", "replace")
            parent = self._ask("commit-tree", new, *(("-p", parent) if parent else ()), stdin=message)
            commits.append(parent)
            tree = new
        return commits

    def make_branch(self, name: str, commit: str) -> None:
        """Let the branch, which must not exist, begin at that commit."""
        self._step("branch")
        note = ("--create-reflog", "-m", "branch: Created by Agent Server")
        self._git("update-ref", *note, f"{_BRANCHES}{name}", commit, self._nothing)

    def _updated(self, part: TaskCommit) -> list[bytes]:
        """The lines that tell `git update-index` what the task changes, deletions first."""
        lines: list[bytes] = []
        for change in sorted(part.changes, key=lambda each: (each.kind is not ChangeKind.DELETE, each.path)):
            path = self._prefix + change.path
            self._expect_own(change.path)
            before = self._standing.get(path)
            after = self._merged(change, before)
            if after is None:
                self._standing.pop(path, None)
                after = _Entry("0", self._nothing)
            else:
                self._standing[path] = after
            lines.append(f"{after.mode} {after.blob}\t{path}\0".encode("utf-8", "surrogateescape"))
        return lines

    def _merged(self, change: Change, head: _Entry | None) -> _Entry | None:
        """What the branch will hold at the path of `change`, where HEAD, or an earlier task, has `head`."""
        base = self._base(change)
        if change.kind is ChangeKind.DELETE:
            if head is None or (base is not None and head.blob == base.blob):
                return None
            raise _refused(change, "has uncommitted changes, and is to be deleted")
        new = self._stored(change, change.content, change.type)
        if head == new or (base is not None and base.blob == new.blob and base.mode == new.mode):
            return head
        if head is None:
            if change.kind is ChangeKind.CREATE:
                return new
            raise _refused(change, "is not committed yet")
        if base is None:
            raise _refused(change, "was made anew, and HEAD holds another file there")
        return self._three_way(change, base, head, new)

    def _three_way(self, change: Change, base: _Entry, head: _Entry, new: _Entry) -> _Entry:
        mode = new.mode if new.mode != base.mode else head.mode
        if head.blob == base.blob and (head.mode == _LINK) is (base.mode == _LINK):
            return _Entry(mode, new.blob)
        if {_LINK, _SUBMODULE} & {base.mode, head.mode, new.mode}:
            raise _refused(change, "has uncommitted changes, and is a link or a submodule")
        if new.blob in {base.blob, head.blob}:
            return _Entry(mode, head.blob)
        old, ours, theirs = (self._git("cat-file", "blob", each.blob) for each in (base, head, new))
        text = merged(old, ours, theirs, self._folder / "merging")
        if text is None:
            raise _refused(change, "has uncommitted changes from which the task's cannot be told apart")
        self._step("store")
        return _Entry(mode, self._ask("hash-object", "-w", "--no-filters", "--stdin", stdin=text))

    def _base(self, change: Change) -> _Entry | None:
        if change.base is None:
            return None
        if change.before is None:
            raise _refused(change, "cannot be told from HEAD's, for what it was then is not kept")
        return self._stored(change, change.before, type_of(change.base))

    def _stored(self, change: Change, content: Path | None, kind: FileType) -> _Entry:
        """The content as an object, as `git add` would store it at that path."""
        self._step("store")
        filtered = "--no-filters" if kind is FileType.SYMLINK else f"--path={change.path}"
        return _Entry(MODES[kind], self._ask("hash-object", "-w", filtered, "--", str(content)))

    def _entries(self) -> Iterator[tuple[str, _Entry]]:
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", self._head)
        for line in listed.decode("utf-8", "surrogateescape").split("\0")[:-1]:
            told, _, path = line.partition("\t")
            mode, _, blob = told.split(" ")
            yield path, _Entry(mode, blob)

    def _expect_own(self, path: str) -> None:
        """Refuse what lies in another repository: a submodule, or one that Git does not know of."""
        components(path)  # which refuses what no change set may name
        for above in _above(path):
            known = self._standing.get(self._prefix + above)
            if (known and known.mode == _SUBMODULE) or os.path.lexists(self._root / above / ".git"):
                raise CannotCommit(f"`{path}` lies in another repository, `{above}`. Nothing was committed.")

    def _expect_room(self, changes: Iterable[Change]) -> None:
        """Refuse a file where HEAD has a folder, and the other way round: Git would drop what HEAD holds there."""
        folders = {above for path in self._standing for above in _above(path)}
        for change in changes:
            path = self._prefix + change.path
            if path in self._standing and (path in folders or not self._standing.keys().isdisjoint(_above(path))):
                raise _refused(change, "takes the place of what HEAD holds there")

    def _git(self, *arguments: str, stdin: bytes = b"", accept: tuple[int, ...] = (0,)) -> bytes:
        return _git(self._root, *arguments, stdin=stdin, accept=accept, variables=self._variables)

    def _ask(self, *arguments: str, stdin: bytes = b"", accept: tuple[int, ...] = (0,)) -> str:
        return self._git(*arguments, stdin=stdin, accept=accept).decode("utf-8", "surrogateescape").strip()


@contextmanager
def _empty(folder: Path) -> Iterator[None]:
    """An empty folder, until this ends."""
    remove_tree(folder)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        with suppress(OSError):  # what was committed is; the next landing removes the rest
            remove_tree(folder)


def _above(path: str) -> Iterator[str]:
    """The folders that a path lies in, the innermost first."""
    while path := path.rpartition("/")[0]:
        yield path


def _refused(change: Change, why: str) -> CannotCommit:
    return CannotCommit(
        f"`{change.path}` {why}. Nothing was committed: commit or stash your own changes, then try again."
    )


def _message(part: TaskCommit, named: Mapping[str, str]) -> str:
    trailers = {**named, "Task": part.task, "Model": part.model, "Verify": part.verify}
    lines = [f"{key}: {visible(value)}" for key, value in trailers.items() if value]
    return "\n".join(
        [visible(part.title) or visible(part.task), "", *lines, f"Landed-by: Agent Server {__version__}", ""]
    )


def _tip(root: Path, name: str) -> str:
    """The commit of a branch; empty where there is none."""
    return (
        _git(root, "rev-parse", "--verify", "--quiet", f"{_BRANCHES}{name}^{{commit}}", accept=(0, 1)).decode().strip()
    )


def _git(
    root: Path,
    *arguments: str,
    stdin: bytes = b"",
    accept: tuple[int, ...] = (0,),
    variables: Mapping[str, str] | None = None,
) -> bytes:
    named = variables or {}
    return ask_git(
        root, *_OPTIONS, *arguments, stdin=stdin, accept=accept, seconds=_GIT_SECONDS, variables=named
    ).output
