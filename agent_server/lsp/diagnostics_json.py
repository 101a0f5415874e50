"""A plan's diagnostics as JSON, kept from version to version: an edit leaves nearly all of them as they are.

They are what clients are sent most, and at every key. LSP's own types take 15 times as long to be made and encoded, so
here are plain structs instead; the tests hold them to the types.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from pygls.uris import from_fs_path

from agent_server.analysis.findings import Finding
from agent_server.analysis.model import Analysis, Diagnostic, FilePlace
from agent_server.analysis.settings import Severity
from agent_server.lsp import convert
from agent_server.lsp.agent_uris import ProposedUri, uri_of
from agent_server.lsp.client import Client
from agent_server.lsp.documents import Document
from agent_server.plan.model import Status, Task
from agent_server.plan.text import Encoding, Span

SOURCE = "agent-server"
LINE_END = 1_000_000
"""A character that stands for the end of any line: LSP takes one beyond it for that."""

_SEVERITIES = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFORMATION: 3, Severity.HINT: 4}
_UNNECESSARY = 1
_ENCODER = msgspec.json.Encoder()


FileAt = Callable[[int], tuple[Document, int]]
"""What tells of an offset of a plan the document that holds it, and the offset at which that begins."""


class _Place(NamedTuple):
    """A range of a document: line and character of its start, and of its end."""

    document: Document
    line: int
    character: int
    end_line: int
    end_character: int


class _Position(msgspec.Struct, frozen=True):
    line: int
    character: int


class _Range(msgspec.Struct, frozen=True):
    start: _Position
    end: _Position


class _Location(msgspec.Struct, frozen=True):
    uri: str
    range: _Range


class _Related(msgspec.Struct, frozen=True):
    location: _Location
    message: str


class _Description(msgspec.Struct, frozen=True):
    href: str


class _Diagnostic(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    range: _Range
    severity: int
    code: str
    source: str
    message: str
    code_description: _Description | None = None
    tags: tuple[int, ...] | None = None
    related_information: tuple[_Related, ...] | None = None
    data: dict[str, Any] | None = None


class DiagnosticsJson:
    """The diagnostics of the versions of one plan, for one client. Used by one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Finding, tuple[_Place, ...], bytes]] = {}
        self._last: tuple[Document, Analysis, bytes] | None = None

    def of(self, document: Document, analysis: Analysis, client: Client, root: Path, file_at: FileAt) -> bytes:
        """The JSON list for a version: its findings and, where the client can fade text, what needs no more work.

        `root` is the workspace's. Of a plan of several files only that is told which stands in the document.
        """
        if self._last is not None and self._last[0] is document and self._last[1] is analysis:
            return self._last[2]
        known, self._known = self._known, {}
        parts = []
        for finding in analysis.findings:
            places = tuple(_places(file_at, finding, analysis, client.encoding))
            if places[0].document is not document:
                continue
            before = known.get(id(finding))
            if before is None or before[0] is not finding or before[1] != places:
                before = (finding, places, _ENCODER.encode(_struct(finding.home, places, client, root)))
            self._known[id(finding)] = before
            parts.append(before[2])
        if client.fades:
            parts += map(_ENCODER.encode, _faded_tasks(document, analysis, client, file_at))
        encoded = b"[%b]" % b",".join(parts)
        self._last = (document, analysis, encoded)
        return encoded


def to_diagnostic(found: Diagnostic, client: Client, root: Path, file_at: FileAt) -> dict[str, Any]:
    """One finding, JSON-like."""
    spans = (found.span, *(each.span for each in found.related))
    places = tuple(_place(file_at, span.start, span.end, client.encoding) for span in spans)
    plain: dict[str, Any] = msgspec.to_builtins(_struct(found, places, client, root))
    return plain


def uri_in(root: Path, path: str, run: str, task: str, *, now: bool) -> str:
    """The URI of a file of the workspace or, where it does not exist `now`, of what `task` would make of it."""
    return convert.to_uri(root / path) if now or not task else uri_of(ProposedUri(root, run, task, path))


def _places(file_at: FileAt, finding: Finding, analysis: Analysis, encoding: Encoding) -> Iterator[_Place]:
    """Where a finding, and each place that is related to it, stands now."""
    by, *others = map(analysis.roster.place_of, finding.tasks)
    yield _place(file_at, finding.home.span.start + by, finding.home.span.end + by, encoding)
    for each, other in zip(finding.home.related, others, strict=True):
        yield _place(file_at, each.span.start + other, each.span.end + other, encoding)


def _place(file_at: FileAt, start: int, end: int, encoding: Encoding) -> _Place:
    document, by = file_at(start)
    first, last = document.lines.position(start - by, encoding), document.lines.position(end - by, encoding)
    return _Place(document, first.line, first.character, last.line, last.character)


def _struct(found: Diagnostic, places: tuple[_Place, ...], client: Client, root: Path) -> _Diagnostic:
    """A finding at its places; its message names the related places where the client cannot show them."""
    place, *others = places
    message, related = found.message, None
    if client.related_information:
        located = zip(found.related, others, strict=True)
        here = (_Related(_Location(other.document.uri, _range(other)), each.message) for each, other in located)
        related = (*here, *(_Related(_location(each, root), each.message) for each in found.elsewhere))
    else:
        told = zip(found.related, others, strict=True)
        message += "".join(f"\n{_line(other, place.document)}: {each.message}" for each, other in told)
        message += "".join(f"\n{each.path}, line {each.line + 1}: {each.message}" for each in found.elsewhere)
    return _Diagnostic(
        _range(place),
        _SEVERITIES[found.severity],
        found.code,
        SOURCE,
        message,
        code_description=_Description(_page(found.code)) if client.code_descriptions else None,
        related_information=related,
        data=_what_fixes_need(found) if client.diagnostic_data else None,
    )


def _line(place: _Place, document: Document) -> str:
    """How a place is named beside one in the document."""
    if place.document is document or place.document.path is None:
        return f"Line {place.line + 1}"
    return f"{place.document.path.name}, line {place.line + 1}"


def _location(place: FilePlace, root: Path) -> _Location:
    uri = uri_in(root, place.path, place.run, place.task, now=place.now)
    return _Location(uri, _Range(_Position(place.line, place.column or 0), _Position(place.line, LINE_END)))


def _range(place: _Place) -> _Range:
    return _Range(_Position(place.line, place.character), _Position(place.end_line, place.end_character))


def _what_fixes_need(found: Diagnostic) -> dict[str, Any]:
    """What tells this finding from others like it, and the text that would mend it: the client hands it back."""
    parts = {"tasks": found.tasks, "paths": found.paths, "suggestion": found.suggestion}
    return {name: part for name, part in parts.items() if part}


def _faded_tasks(document: Document, analysis: Analysis, client: Client, file_at: FileAt) -> Iterator[_Diagnostic]:
    """Tasks that are done or skipped, as hints that editors show by fading their text and not in a list."""
    tasks = analysis.plan.tasks
    for number, home in enumerate(tasks.homes):
        if not home.is_open and file_at(tasks.places[number])[0] is document:
            span = _faded(tasks[number])
            words = "This task is done." if home.status is Status.DONE else "This task is skipped."
            place = _place(file_at, span.start, span.end, client.encoding)
            yield _Diagnostic(_range(place), 4, home.status.value, SOURCE, words, tags=(_UNNECESSARY,))


def _faded(task: Task) -> Span:
    ends = [task.heading.end, *(field.span.end for field in task.fields)]
    return Span(task.heading.start, task.instructions_span.end if task.instructions else max(ends))


@cache
def _page(code: str) -> str:
    """The URI of a rule's page, which ships with the package: it works offline and always fits the version."""
    page = Path(str(files("agent_server.analysis.rules") / "pages" / f"{code}.md"))
    return from_fs_path(str(page)) or page.as_uri()
