"""Change sets brought up to what the user made of the workspace since they were frozen.

The landing refuses a file that is not what the agents started from. Where that is a text, the user's version and the
agent's are merged by Git over the base that both come from; the result is then a change of the user's version, to be
verified and landed like any other. All else is a conflict for the user to settle.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from agent_server.execution.changes.changes import Change, FileType, fingerprint
from agent_server.execution.changes.merging import merged
from agent_server.execution.changes.review import is_binary
from agent_server.execution.paths import UnsafePathError, components, directory, opened
from agent_server.execution.sandboxes.isolation import SandboxError, in_words
from agent_server.workspace.git import GitError

_FILES = (FileType.FILE.value, FileType.EXECUTABLE.value)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that does not fit the workspace any more; `why` is a clause that follows the path."""

    path: str
    why: str

    def __str__(self) -> str:
        return f"`{self.path}` {self.why}"


@dataclass(frozen=True, slots=True)
class Rebased:
    """Changes that start from what the workspace holds now. Of those in `conflicts` none is among them.

    `merged` are the paths whose text was merged with the user's. A change that the user made too is left out.
    """

    changes: tuple[Change, ...]
    merged: tuple[str, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def rebased(root: Path, changes: Sequence[Change], store: Path) -> Rebased:
    """`changes`, brought up to what stands in the tree at `root` now. New contents are kept in `store`.

    Text that both sides changed is merged by Git. Everything else that both sides touched is a conflict: bytes that are
    no text, links, modes, what one side deleted, what both made. Reads the disk, writes nothing into the tree.
    Raises `SandboxError`.
    """
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept: list[Change] = []
    merges: list[str] = []
    conflicts: list[Conflict] = []
    try:
        with opened(root) as tree:
            for change in changes:
                now = _standing(tree, change.path)
                if now.fingerprint == change.base:
                    kept.append(change)
                elif now.fingerprint != change.new:
                    outcome = _merged(change, now, store)
                    if isinstance(outcome, Conflict):
                        conflicts.append(outcome)
                    elif outcome.new != outcome.base:
                        kept.append(outcome)
                        merges.append(change.path)
    except UnsafePathError as error:
        raise SandboxError(str(error)) from error
    except OSError as error:
        raise SandboxError(f"The work cannot be brought up to the workspace: {in_words(error)}") from error
    return Rebased(tuple(kept), tuple(merges), tuple(conflicts))


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands at a path; of a file its bytes too, which have that fingerprint."""

    fingerprint: str | None
    content: bytes | None = None


def _standing(tree: int, path: str) -> _Standing:
    *parents, name = components(path)
    try:
        with directory(tree, parents) as parent:
            found = fingerprint(name, dir_fd=parent)
            if found is None or not found.startswith(_FILES):
                return _Standing(found)
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            with os.fdopen(os.open(name, flags, dir_fd=parent), "rb") as file:
                content = file.read()
            # Should it have been saved between the two looks, the bytes are what counts.
            return _Standing(f"{found.partition('-')[0]}-{sha256(content).hexdigest()}", content)
    except (FileNotFoundError, NotADirectoryError):
        return _Standing(None)


def _merged(change: Change, now: _Standing, store: Path) -> Change | Conflict:
    """The change, over what stands there now, which is neither its base nor what it makes of it."""
    if why := _unmergeable(change, now):
        return Conflict(change.path, why)
    if change.before is None or change.content is None or now.content is None:
        return Conflict(change.path, "changed since the wave began, and what it was then is not kept")
    texts = change.before.read_bytes(), now.content, change.content.read_bytes()
    if any(map(is_binary, texts)):
        return Conflict(change.path, "changed since the wave began, and is no text that could be merged")
    try:
        text = merged(*texts, store / "merging")
    except GitError as error:
        return Conflict(change.path, f"changed since the wave began, and was not merged, because {error}")
    if text is None:
        return Conflict(change.path, "changed since the wave began, in the same lines")
    before, base = _kept(now.content, change.type, store)
    content, new = _kept(text, change.type, store)
    return replace(change, base=base, new=new, content=content, before=before)


def _unmergeable(change: Change, now: _Standing) -> str:
    """Why the two versions cannot be merged, whatever they say; empty where they are files of one mode."""
    if change.base is None:
        return "was made by somebody else, too, since the wave began"
    if now.fingerprint is None:
        return "was deleted since the wave began"
    if change.new is None:
        return "changed since the wave began, and was to be deleted"
    modes = {each.partition("-")[0] for each in (change.base, now.fingerprint, change.new)}
    if len(modes) > 1 or FileType.SYMLINK.value in modes:
        return "changed since the wave began, and is a link, or has another mode"
    return ""


def _kept(content: bytes, kind: FileType, store: Path) -> tuple[Path, str]:
    """Where `content` is kept now, and its fingerprint."""
    name = f"{kind.value}-{sha256(content).hexdigest()}"
    partial = store / "partial"
    partial.write_bytes(content)
    return partial.rename(store / name), name
