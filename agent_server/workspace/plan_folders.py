"""Plans that are folders, on the disk: their files listed and read."""

import os
from collections.abc import Callable
from pathlib import Path

from agent_server.plan.folders import FolderText, files_of, folders_to_list, plan_of
from agent_server.plan.formats import FORMATS, Formats


def listed(
    root: Path, folder: str, formats: Formats = FORMATS, more: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """The files of the plan `folder` of the workspace at `root`: its own, and those beside it.

    The disk is asked, and not the workspace's listing: plans may well be ignored. `more` are files that are not on the
    disk yet.
    """
    inside = [*_names(root, folder), *(path for path in more if path.startswith(folder))]
    own = next((path for path in inside if plan_of(path, formats) == folder), None)
    reader = formats.reader_for(own) if own is not None else None
    if reader is None:
        return [], []
    others = (path for each in folders_to_list(folder, reader)[1:] for path in _names(root, each))
    return files_of(folder, {*inside, *others}, formats)


def text_of_folder(
    root: Path,
    folder: str,
    read: Callable[[str], str | None],
    formats: Formats = FORMATS,
    more: tuple[str, ...] = (),
) -> FolderText | None:
    """What the plan `folder` says, its files as `read` gives them; None where it has none, or one cannot be read.

    A plan of which a part is missing would be another plan.
    """
    own, beside = listed(root, folder, formats, more)
    texts = [(path, read(path)) for path in own]
    files = tuple((path, text) for path, text in texts if text is not None)
    return FolderText(files, tuple(beside)) if files and len(files) == len(texts) else None


def _names(root: Path, folder: str) -> list[str]:
    """The files of a folder, by their paths as the workspace spells them; none where it cannot be listed."""
    try:
        with os.scandir(root / folder) as entries:
            return [f"{folder}{entry.name}" for entry in entries if entry.is_file()]
    except (OSError, ValueError):
        return []
