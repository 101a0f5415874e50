"""What must hold whoever was killed: looks at what a server left, once the next one has recovered.

Every file that the user left alone is, by what the record says of its task, as before or as the wave wrote it, and
those of one landing are all of one kind. Every text that the user saved stands in its place or is kept where recovery
says. What agents had finished is held or has landed. No process, mount, sandbox, journal, lock or temporary file is
left, and the database is sound.
"""

import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent_server.analysis.facts import TaskState
from agent_server.execution.changes.changes import content_of
from agent_server.execution.records.record import DATABASE, RunRecord, RunStore
from agent_server.execution.runs.lifecycle import GOING_ON, RunState
from agent_server.execution.sandboxes.copying import remove_tree
from agent_server.execution.state import StateDirectory
from tests.chaos import processes
from tests.chaos.user import User
from tests.chaos.wave import BESIDE, PATHS, git, new_texts

_GONE_WITHIN = 60.0

Texts = Mapping[str, str | None]


@dataclass(frozen=True)
class Snapshot:
    """The workspace at one moment. `head` is what is committed, `index` what is in Git's index."""

    texts: Texts
    head: str
    index: str
    branches: Mapping[str, str]

    @classmethod
    def of(cls, root: Path) -> "Snapshot":
        """The workspace now."""
        listed = git(root, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/agent-server")
        branches = dict(line.split(" ") for line in listed.splitlines())
        texts = {path: _text(root / path) for path in (*PATHS, *BESIDE)}
        return cls(texts, git(root, "rev-parse", "HEAD"), git(root, "ls-files", "-s"), branches)


@dataclass(frozen=True)
class Stage:
    """What one server did. `moving` are the tasks that were to land, or to be undone; `displaced` is what landings

    of this round displaced. `records` are the ones of the round before and after it; None where there was none.
    """

    act: str
    number: int
    commits: bool
    moving: Collection[str]
    before: Snapshot
    records: tuple[RunRecord | None, RunRecord | None]
    user: User
    displaced: Texts
    touched: Collection[str]
    """What the user saved in earlier stages of the round: there a landing may have merged."""

    @property
    def landed(self) -> frozenset[str]:
        """The tasks that have landed in it, by the record."""
        return self._entered(TaskState.LANDED)

    @property
    def undone(self) -> frozenset[str]:
        """The tasks that were undone in it, by the record."""
        return self._entered(TaskState.UNDONE)

    def _entered(self, state: TaskState) -> frozenset[str]:
        before, after = self.records
        was = before.tasks if before is not None else {}
        now = after.tasks if after is not None else {}
        return frozenset(
            name
            for name, task in now.items()
            if task.state is state and (name not in was or was[name].state is not state)
        )


def faults(stage: Stage, root: Path, state: StateDirectory, temporary: Path, mark: str) -> Iterator[str]:
    """All that is wrong."""
    now = Snapshot.of(root)
    yield from _misplaced(stage, now.texts)
    yield from _lost(stage, now.texts, root, state)
    yield from _wrong_repository(stage, now, root)
    yield from _wrong_record(stage, RunStore(state.runs))
    yield from _left_behind(root, state, temporary, mark)


def _misplaced(stage: Stage, now: Texts) -> Iterator[str]:
    """Files that the user left alone, and that are neither old nor new, or not what their task's state says."""
    target = stage.displaced if stage.act == "undo" else new_texts(stage.number)
    before = stage.before.texts
    alone = [path for path in PATHS if path not in stage.user.saved]
    moving = [path for path in alone if _task(path) in stage.moving and path in target]
    as_new = [path for path in moving if now[path] == target[path] != before[path]]
    as_old = [path for path in moving if now[path] == before[path] != target[path]]
    if as_new and as_old:
        yield f"half landed: {as_new} are new, {as_old} are old"
    moved = frozenset() if stage.commits else stage.landed | stage.undone
    for path in alone:
        is_moved = _task(path) in moved
        if is_moved and path not in target:
            continue  # the user had touched it when it landed
        if is_moved and target[path] is None and not _is_changed(stage, path):
            is_moved = False  # there was nothing to delete when the agent began; the user has made it since
        wanted = (target if is_moved else before)[path]
        is_merged = is_moved and path in stage.touched and _is_merged(now[path], before[path], wanted)
        if now[path] != wanted and not is_merged:
            told = (now[path] or "nothing")[-60:]
            yield f"{path} ends {told!r}, and its task has {'' if is_moved else 'not '}moved ({stage.act})"
    for path in BESIDE:
        if path not in stage.user.saved and now[path] != before[path]:
            yield f"{path}, which no task writes, is {now[path]!r}"


def _is_changed(stage: Stage, path: str) -> bool:
    """Whether the path is part of what its task made, by the record."""
    record = stage.records[1]
    return record is None or path in record.tasks[_task(path)].changed


def _is_merged(now: str | None, before: str | None, wanted: str | None) -> bool:
    """Whether the text holds what the agent made of its start, and what the user added at its end."""
    added = {line for line in (before or "").splitlines() if line.startswith("user ")}
    return bool(now and wanted) and set(wanted.splitlines()) | added == set(now.splitlines())


def _lost(stage: Stage, now: Texts, root: Path, state: StateDirectory) -> Iterator[str]:
    """What the user saved last at a path, and nobody can find."""
    landing = root / ".agent-server" / "landing" if (root / ".agent-server").exists() else state.landing
    for path, token in stage.user.saved.items():
        if token is None:
            if path in BESIDE and now[path] is not None:
                yield f"{path}, which the user deleted, is back"
            continue
        if token in (now[path] or ""):
            continue
        has_moved = _task(path) in stage.landed | stage.undone
        # A landing keeps what it displaced; all else that has no place is rescued.
        kept = landing if has_moved and path not in stage.user.late else landing / "rescued"
        if path in BESIDE or not any(token in text for text in _all_texts(kept)):
            yield f"lost what the user saved at {path}: {token}"


def _wrong_repository(stage: Stage, now: Snapshot, root: Path) -> Iterator[str]:
    if now.head != stage.before.head or now.index != stage.before.index:
        yield "HEAD or the index has changed"
    yield from (f"{lock} is left" for lock in (root / ".git").rglob("*.lock"))
    record = stage.records[1]
    wanted: dict[str, str] = {}
    if record is not None:
        for landing, commit in record.commits.items():
            tasks = [name for name, task in record.tasks.items() if task.landing == landing]
            if any(record.tasks[name].state is TaskState.LANDED for name in tasks):
                branch = next((name for name in now.branches if name.endswith(f"-{landing}")), f"of {landing}")
                wanted[branch] = commit
                if branch in now.branches:
                    yield from _wrong_branch(stage, root, branch, tasks)
        found = {name: commit for name, commit in now.branches.items() if record.id in name}
        # Who was killed when a branch was just deleted could not say so: undoing once more does.
        if found != wanted and not (stage.act == "undo" and not found):
            yield f"the branches are {found}, and the record says {wanted}"
    others = {name: commit for name, commit in stage.before.branches.items() if record is None or record.id not in name}
    yield from (f"the branch {name} is not what it was" for name in others if now.branches.get(name) != others[name])


def _wrong_branch(stage: Stage, root: Path, branch: str, tasks: Collection[str]) -> Iterator[str]:
    new = new_texts(stage.number)
    for path in PATHS:
        commit = branch if _task(path) in tasks else "HEAD"
        there = git(root, "ls-tree", branch, "--", path) and git(root, "show", f"{branch}:{path}")
        if commit == "HEAD":
            wanted = git(root, "ls-tree", "HEAD", "--", path) and git(root, "show", f"HEAD:{path}")
        else:
            wanted = new[path] or ""
        is_touched = path in stage.user.saved or path in stage.touched
        if there != wanted and not (is_touched and commit != "HEAD"):
            yield f"{path} on the branch {branch} is {there!r}"


def _wrong_record(stage: Stage, store: RunStore) -> Iterator[str]:
    with closing(sqlite3.connect(store.folder.with_name(DATABASE))) as database:
        said = database.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            yield f"the database says {said}"
    yield from (f"{aside} was put aside" for aside in store.folder.parent.glob("*.damaged-*"))
    before, record = stage.records
    if record is None:
        if before is not None:
            yield "the run's record is gone"
        return
    if record.state in GOING_ON:
        yield f"the record says {record.state} after recovery"
    held = [name for name, task in record.tasks.items() if task.state is TaskState.HELD]
    if record.state is RunState.LANDED and held:
        yield f"the record says landed, but {held} are held"
    for name in held:
        yield from _wrong_changes(stage, store, record, name)
    if before is not None and stage.act != "discard":
        for name, task in before.tasks.items():
            now = record.tasks[name]
            is_same = now.attempt == task.attempt  # what was built on a task that is tried again is so, too
            if is_same and task.state is TaskState.HELD and now.state not in {TaskState.HELD, TaskState.LANDED}:
                yield f"{name} was held, and is {now.state} now"


def _wrong_changes(stage: Stage, store: RunStore, record: RunRecord, name: str) -> Iterator[str]:
    new = new_texts(stage.number)
    changes = store.changes(record.id, name)
    if tuple(change.path for change in changes) != record.tasks[name].changed:
        yield f"what {name} had finished is not what the record says"
    for change in changes:
        text = content_of(change).decode() if change.new is not None else None
        if text != new[change.path]:
            yield f"what {name} made of {change.path} is kept as {text!r}"


def _left_behind(root: Path, state: StateDirectory, temporary: Path, mark: str) -> Iterator[str]:
    until = time.monotonic() + _GONE_WITHIN
    signs = (mark, str(state.root), str(root))
    while (left := [pid for sign in signs for pid in processes.with_text(sign)]) and time.monotonic() < until:
        time.sleep(0.01)
    yield from (f"process {pid} is left: {processes.command_line(pid)[:200]}" for pid in left)
    mounts = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    yield from (f"a mount is left: {line}" for line in mounts if str(state.root) in line)
    journals = (*(state.landing / "pending").glob("*"), *state.landing.glob("commits"))
    for leftover in (*state.sandboxes.iterdir(), *journals, *temporary.iterdir()):
        yield f"{leftover} is left"
        remove_tree(leftover)  # told once


def _task(path: str) -> str:
    return path.partition("/")[0]


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _all_texts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path.read_text("utf-8", "replace")
