"""From the core's values to LSP's, and back: the only place that knows both."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.uris import from_fs_path

from agent_server.analysis.model import Analysis, Diagnostic
from agent_server.analysis.settings import Severity
from agent_server.lsp.client import Client
from agent_server.lsp.documents import Document
from agent_server.plan.model import Edit, Status, Task
from agent_server.plan.text import Encoding, LineIndex, Position, Span

SOURCE = "agent-server"

_ANNOTATION = "why"

_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}


def to_range(lines: LineIndex, span: Span, encoding: Encoding) -> types.Range:
    """A span as an LSP range."""
    start, end = lines.position(span.start, encoding), lines.position(span.end, encoding)
    return types.Range(types.Position(start.line, start.character), types.Position(end.line, end.character))


def to_offset(lines: LineIndex, position: types.Position, encoding: Encoding) -> int:
    """An LSP position as an offset."""
    return lines.offset(Position(position.line, position.character), encoding)


def to_span(lines: LineIndex, value: types.Range, encoding: Encoding) -> Span:
    """An LSP range as a span."""
    return Span(to_offset(lines, value.start, encoding), to_offset(lines, value.end, encoding))


def to_uri(path: Path) -> str:
    """A file's URI."""
    return from_fs_path(str(path)) or path.as_uri()


def to_diagnostics(document: Document, analysis: Analysis, client: Client) -> list[types.Diagnostic]:
    """All findings of a plan and, where the client can fade text, the tasks that need no more work."""
    found = [to_diagnostic(document, each, client) for each in analysis.diagnostics]
    if client.fades:
        tasks = analysis.plan.tasks
        closed = (task for home, task in zip(tasks.homes, tasks, strict=True) if not home.is_open)
        found += [_faded(document, task, client) for task in closed]
    return found


def to_diagnostic(document: Document, found: Diagnostic, client: Client) -> types.Diagnostic:
    """A finding as an LSP diagnostic of `document`; its message names the related places where the client cannot."""
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(document.uri, to_range(document.lines, each.span, client.encoding)), each.message
        )
        for each in found.related
    ]
    elsewhere = "".join(f"\nLine {each.location.range.start.line + 1}: {each.message}" for each in related)
    return types.Diagnostic(
        range=to_range(document.lines, found.span, client.encoding),
        severity=_SEVERITIES[found.severity],
        code=found.code,
        code_description=types.CodeDescription(_page(found.code)) if client.code_descriptions else None,
        source=SOURCE,
        message=found.message if client.related_information else found.message + elsewhere,
        related_information=related if client.related_information else None,
        data=_what_fixes_need(found) if client.diagnostic_data else None,
    )


def _what_fixes_need(found: Diagnostic) -> dict[str, Any]:
    """What tells this finding from others like it, and the text that would mend it: the client hands it back."""
    parts = {"tasks": found.tasks, "paths": found.paths, "suggestion": found.suggestion}
    return {name: list(part) if isinstance(part, tuple) else part for name, part in parts.items() if part}


def _faded(document: Document, task: Task, client: Client) -> types.Diagnostic:
    """A task that is done or skipped, as a hint that editors show by fading its text and not in a list."""
    ends = [task.heading.end, *(field.span.end for field in task.fields)]
    end = task.instructions_span.end if task.instructions else max(ends)
    words = "This task is done." if task.status is Status.DONE else "This task is skipped."
    return types.Diagnostic(
        range=to_range(document.lines, Span(task.heading.start, end), client.encoding),
        severity=types.DiagnosticSeverity.Hint,
        code=task.status.value,
        source=SOURCE,
        message=words,
        tags=[types.DiagnosticTag.Unnecessary],
    )


def to_text_edit(lines: LineIndex, edit: Edit, encoding: Encoding) -> types.TextEdit:
    """An edit of a plan as an LSP text edit."""
    return types.TextEdit(to_range(lines, edit.span, encoding), edit.new_text)


def to_workspace_edit(
    document: Document, edits: Sequence[Edit], client: Client, why: types.ChangeAnnotation | None = None
) -> types.WorkspaceEdit:
    """Edits of one document, as `to_workspace_edits` makes them of several."""
    return to_workspace_edits([(document, edits)], client, why)


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


@cache
def _page(code: str) -> str:
    """The URI of a rule's page, which ships with the package: it works offline and always fits the version."""
    return to_uri(Path(str(files("agent_server.analysis.rules") / "pages" / f"{code}.md")))
