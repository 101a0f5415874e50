"""The documents that a client has open, as immutable snapshots."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path

from agent_server.plan.text import Encoding, LineIndex, Position, Span


@dataclass(frozen=True, slots=True)
class Document:
    """One version of one document. `path` is None for documents that are not files, `version` for those not open."""

    uri: str
    path: Path | None
    version: int | None
    lines: LineIndex

    @property
    def text(self) -> str:
        """The document's text."""
        return self.lines.text


class StaleChange(Exception):
    """A change that does not fit: of a document that is not open, or older than what we have."""


class Documents:
    """The open documents of one client. `encoding` is what positions in changes count."""

    def __init__(self) -> None:
        self.encoding = Encoding.UTF16
        self._open: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        """All open documents, as they are now."""
        return iter(tuple(self._open.values()))

    def get(self, uri: str) -> Document | None:
        """The current version of a document, None where it is not open."""
        return self._open.get(uri)

    def open(self, item: types.TextDocumentItem) -> Document:
        """Take a document in; opening one again replaces it."""
        self._open[item.uri] = Document(item.uri, path_of(item.uri), item.version, LineIndex(item.text))
        return self._open[item.uri]

    def change(
        self,
        identity: types.VersionedTextDocumentIdentifier,
        changes: Sequence[types.TextDocumentContentChangeEvent],
    ) -> Document:
        """The next version of a document; raises `StaleChange`, and changes nothing, when it cannot follow."""
        document = self._open.get(identity.uri)
        if document is None:
            raise StaleChange(f"{identity.uri} was changed, but it is not open.")
        if document.version is not None and identity.version <= document.version:
            raise StaleChange(f"{identity.uri}: version {identity.version} cannot follow version {document.version}.")
        lines = document.lines
        for change in changes:
            lines = _changed(lines, change, self.encoding)
        self._open[identity.uri] = Document(document.uri, document.path, identity.version, lines)
        return self._open[identity.uri]

    def close(self, uri: str) -> Document | None:
        """Let a document go; returns its last version."""
        return self._open.pop(uri, None)


def path_of(uri: str) -> Path | None:
    """The file that a `file:` URI names, None for any other URI, and for one that no file can have."""
    if not uri.startswith("file:"):
        return None
    try:
        path = to_fs_path(uri)
        os.fsencode(path or "")
    except ValueError:  # what stands for a host is none; or half an emoji
        return None
    return Path(path) if path and Path(path).is_absolute() and "\0" not in path else None


def _changed(lines: LineIndex, change: types.TextDocumentContentChangeEvent, encoding: Encoding) -> LineIndex:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return LineIndex(change.text)
    start = lines.offset(Position(change.range.start.line, change.range.start.character), encoding)
    end = lines.offset(Position(change.range.end.line, change.range.end.character), encoding)
    return lines.replaced(Span(start, max(start, end)), change.text)
