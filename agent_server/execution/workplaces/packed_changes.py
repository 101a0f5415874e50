"""A change set as a value that travels between machines: the bytes of its contents come with it, each under its name.

The name of a content is its fingerprint, so what arrives can be checked, and what several paths share travels once.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from agent_server.execution.changes.changes import Change
from agent_server.execution.paths import UnsafePathError, components
from agent_server.execution.sandboxes.isolation import SandboxError
from agent_server.plan.visible import visible

MOST_BYTES = 256_000_000
"""The most that the contents of one change set may hold to be sent."""

_NAME = re.compile(r"(?:file|executable|symlink)-([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class PackedChanges:
    """Changes whose `content` and `before` are bare names, and the bytes by those names."""

    changes: tuple[Change, ...]
    contents: Mapping[str, bytes]


def pack(changes: Sequence[Change]) -> PackedChanges:
    """The change set with its contents. Blocks. Raises `SandboxError` where it holds too much, and `OSError`."""
    files = {path.name: path for path in _files(changes)}
    size = sum(path.stat().st_size for path in files.values())
    if size > MOST_BYTES:
        raise SandboxError(
            f"The agent changed {size / 1e6:,.0f} MB of files, and no more than {MOST_BYTES / 1e6:,.0f} MB can be sent "
            "back by a worker. Keep build output out of the task, or run it without `scheduler`."
        )
    return PackedChanges(
        tuple(_placed(change, lambda path: Path(path.name)) for change in changes),
        {name: path.read_bytes() for name, path in files.items()},
    )


def unpack(packed: PackedChanges, store: Path) -> tuple[Change, ...]:
    """The change set, its contents written into the folder `store`. Blocks.

    Raises `SandboxError` where it names a path or a content that no change set may, or lacks one; and `OSError`.
    """
    _check(packed)
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = store / "partial"
    for name, content in packed.contents.items():
        partial.write_bytes(content)
        partial.replace(store / name)
    return tuple(_placed(change, lambda path: store / path.name) for change in packed.changes)


def _check(packed: PackedChanges) -> None:
    for name, content in packed.contents.items():
        match = _NAME.fullmatch(name)
        if match is None or sha256(content).hexdigest() != match[1]:
            raise SandboxError("A worker sent a file that is not what it says. Nothing of it is kept.")
    for change in packed.changes:
        try:
            components(change.path)
        except UnsafePathError as error:
            raise SandboxError(f"A worker sent a path that may not be. {error}") from None
        after, before = (None if path is None else path.name for path in (change.content, change.before))
        if after != change.new or before not in {None, change.base}:
            raise SandboxError(f"A worker sent another content for `{visible(change.path)}` than it says.")
        if not {after, before} - {None} <= packed.contents.keys():
            raise SandboxError(f"A worker sent no content for `{visible(change.path)}`.")


def _placed(change: Change, place: Callable[[Path], Path]) -> Change:
    """The change with its contents at another place."""
    return replace(
        change,
        content=None if change.content is None else place(change.content),
        before=None if change.before is None else place(change.before),
    )


def _files(changes: Iterable[Change]) -> Iterable[Path]:
    return (path for change in changes for path in (change.content, change.before) if path is not None)
