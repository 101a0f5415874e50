"""A change set: what one agent, or one wave, would change in the workspace, with enough to check it before landing."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ChangeKind(StrEnum):
    """What happens to the path."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"


class FileType(StrEnum):
    """What stands at the path afterwards (for a delete: what stood there)."""

    FILE = "file"
    EXECUTABLE = "executable"
    SYMLINK = "symlink"


@dataclass(frozen=True, slots=True)
class Change:
    """One path of a change set, relative to the workspace root.

    `base` is the fingerprint (`fingerprint` in this module) of what the agent started from, None where nothing was
    there. `new` is the fingerprint afterwards, None for a delete. `content` is a file that holds the new bytes (for a
    symlink: its target, UTF-8 with surrogate escapes); None for a delete.
    """

    path: str
    kind: ChangeKind
    type: FileType
    base: str | None
    new: str | None
    content: Path | None
