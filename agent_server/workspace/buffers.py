"""The documents that are open in an editor: their texts stand for the files, saved or not."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent_server.workspace.contents import Contents
from agent_server.workspace.paths import confined
from agent_server.workspace.reading import read_regular

# How an editor may have written a text that is not UTF-8. The last two take any bytes, so they come last.
_OTHER_ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252")


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Whether `text` is what a file said that had that time, size and inode."""

    text: str
    stamp: tuple[int, int, int] | None
    saved: bool


class Buffers(Mapping[str, str]):
    """Open documents by their relative paths. A change makes a new mapping inside, so no reader is ever disturbed."""

    def __init__(self, root: Path, contents: Contents) -> None:
        self._root = str(root)
        self._contents = contents
        self._texts: Mapping[str, str] = {}
        self._verdicts: dict[str, _Verdict] = {}
        # Texts that were seen to be what their files held.
        self._saved: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def open(self, path: str, text: str) -> None:
        """The document `path` is open, and its text is now `text`."""
        self._texts = {**self._texts, path: text}

    def close(self, path: str) -> None:
        """The document `path` is no longer open."""
        self._texts = {other: text for other, text in self._texts.items() if other != path}
        self._verdicts.pop(path, None)
        self._saved.pop(path, None)

    def unsaved(self) -> frozenset[str]:
        """The documents in which somebody has typed since their text was what the disk held, or which have no file.

        A file that changes under its document is no work of the user's that could be lost: while a landing writes it,
        editors still have the old text. Line ends, a byte order mark and the encoding make no difference, for editors
        keep those apart from the text.
        """
        return frozenset(path for path, text in self._texts.items() if not self._is_saved(path, text))

    def _is_saved(self, path: str, text: str) -> bool:
        if self._is_on_disk(path, text):
            self._saved[path] = text
            return True
        return self._saved.get(path) == text

    def _is_on_disk(self, path: str, text: str) -> bool:
        disk = self._contents.read(path)
        return _plain(disk) == _plain(text) if disk is not None else self._is_on_disk_otherwise(path, text)

    def _is_on_disk_otherwise(self, path: str, text: str) -> bool:
        """Compares with a file that is large or in another encoding, once for each state of it and of the text."""
        stamp = _stamp(f"{self._root}/{path}")
        known = self._verdicts.get(path)
        if known is None or known.stamp != stamp or known.text != text:
            known = _Verdict(text, stamp, stamp is not None and self._matches(path, text))
            self._verdicts[path] = known
        return known.saved

    def _matches(self, path: str, text: str) -> bool:
        place = confined(self._root, path)
        # No encoding needs more than four bytes a character, and carriage returns may double the length.
        data = read_regular(place, 8 * len(text) + 8) if place else None
        if data is None:
            return False
        return any(_decoded(data, encoding) == _plain(text) for encoding in ("utf-8-sig", *_OTHER_ENCODINGS))


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return _plain(data.decode(encoding))
    except UnicodeDecodeError:
        return None


def _plain(text: str) -> str:
    """`text` with line feeds as its only line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
