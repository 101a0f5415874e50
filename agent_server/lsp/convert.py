"""From the core's values to LSP's, and back: the only place that knows both."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path

from agent_server.lsp.client import Client
from agent_server.lsp.documents import Document
from agent_server.plan.model import Edit
from agent_server.plan.text import Encoding, LineIndex, Position, Span

_ANNOTATION = "why"


def to_range(lines: LineIndex, span: Span, encoding: Encoding) -> types.Range:
    """A span as an LSP range."""
    start, end = lines.position(span.start, encoding), lines.position(span.end, encoding)
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def to_offset(lines: LineIndex, position: types.Position, encoding: Encoding) -> int:
    """An LSP position as an offset."""
    return lines.offset(Position(position.line, position.character), encoding)


def to_uri(path: Path) -> str:
    """A file's URI."""
    return from_fs_path(str(path)) or path.as_uri()


def to_text_edit(lines: LineIndex, edit: Edit, encoding: Encoding) -> types.TextEdit:
    """An edit of a plan as an LSP text edit."""
    return types.TextEdit(to_range(lines, edit.span, encoding), edit.new_text)


def to_workspace_edits(
    edits: Iterable[tuple[Document, Sequence[Edit]]], client: Client, why: types.ChangeAnnotation | None = None
) -> types.WorkspaceEdit:
    """Edits of some documents, where the client allows it of one version only: it refuses them when that is gone.

    `why` says what they are for, where the client can show that.
    """
    if not client.versioned_edits:
        return types.WorkspaceEdit(
            changes={
                document.uri: [to_text_edit(document.lines, edit, client.encoding) for edit in changes]
                for document, changes in edits
            }
        )
    why = why if client.annotated_edits else None
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version),
                [_annotated(to_text_edit(document.lines, edit, client.encoding), why) for edit in changes],
            )
            for document, changes in edits
        ],
        change_annotations={_ANNOTATION: why} if why else None,
    )


def _annotated(edit: types.TextEdit, why: types.ChangeAnnotation | None) -> types.TextEdit | types.AnnotatedTextEdit:
    return types.AnnotatedTextEdit(_ANNOTATION, edit.range, edit.new_text) if why else edit
