"""Plans that are folders, on the disk: their files listed and read."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from agent_server.plan.folders import Beside, FolderText, own_files
from agent_server.plan.formats import FORMATS, Formats
from agent_server.plan.model import FileText


def _listed(
    root: Path, folder: str, formats: Formats = FORMATS, more: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """The files of the plan `folder` of the workspace at `root`: its own, and those beside it.

    The disk is asked, and not the workspace's listing: plans may well be ignored. `more` are files that are not on the
    disk yet.
    """
    inside = dict.fromkeys([*_names(root, folder), *(path for path in more if path.startswith(folder))])
    own = own_files(folder, inside, formats)
    reader = formats.reader_for(own[0]) if own else None
    if reader is None:
        return [], []
    beside = Beside.of(folder, reader)
    others = [path for each in beside.folders for path in _names(root, each)]
    known = frozenset(own)
    return own, sorted(path for path in (*inside, *others) if path not in known and beside.patterns.match(path))


def text_of_folder(
    root: Path,
    folder: str,
    read: Callable[[str], str | None],
    formats: Formats = FORMATS,
    more: Iterable[str] = (),
) -> FolderText | None:
    """What the plan `folder` says, its files as `read` gives them; None where it has none, or one cannot be read.

    A plan of which a part is missing would be another plan.
    """
    own, beside = _listed(root, folder, formats, more)
    texts = [(path, read(path)) for path in own]
    files = tuple(FileText(path, text) for path, text in texts if text is not None)
    return FolderText(files, tuple(beside)) if files and len(files) == len(texts) else None


def _names(root: Path, folder: str) -> list[str]:
    """The files of a folder, by their paths as the workspace spells them; none where it cannot be listed."""
    try:
        with os.scandir(root / folder) as entries:
            return [f"{folder}{entry.name}" for entry in entries if entry.is_file()]
    except (OSError, ValueError):
        return []
