"""What a request about a plan is answered from: one version of the plan, its analysis, and who asks. Immutable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lsprotocol import types

from agent_server.analysis.model import Analysis
from agent_server.execution.records.run_record import RunRecord
from agent_server.execution.runs.next_steps import Step, next_steps
from agent_server.execution.runs.progress import Progress
from agent_server.lsp import convert
from agent_server.lsp.client import Client
from agent_server.lsp.diagnostics_json import DiagnosticsJson
from agent_server.lsp.documents import Document, Documents
from agent_server.lsp.plan_files import PlanFiles
from agent_server.plan.formats import READERS
from agent_server.plan.model import Edit, Plan
from agent_server.plan.task_files.keys import front_matter
from agent_server.plan.text import Span
from agent_server.settings import ExecutionSettings


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    """A plan at one moment, for one client.

    `document` is the open document, or the file of a closed plan: that one has no version. Of a plan that is a folder
    it is one of the `files`; the analysis is of all of them, and what lies in another is not `here`. `root` is the
    workspace that the plan belongs to, `name` what runs call it. `run` is how its run stands, where one was launched
    since the server started: `is_running` says that it still goes on, and `briefs` what its agents were told. `record`
    is that of its last run, of an earlier process too. `encoding` keeps what was encoded for earlier versions. `chosen`
    are the settings of runs.
    """

    document: Document
    root: Path
    name: str
    analysis: Analysis
    client: Client
    run: Progress | None = None
    is_running: bool = False
    briefs: Mapping[str, str] = field(default_factory=dict)
    record: RunRecord | None = None
    files: PlanFiles | None = field(default=None, compare=False, repr=False)
    chosen: ExecutionSettings = field(default_factory=ExecutionSettings)
    encoding: DiagnosticsJson = field(default_factory=DiagnosticsJson, compare=False, repr=False)

    @property
    def running(self) -> Progress | None:
        """The run, while it is going on."""
        return self.run if self.is_running else None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What can be decided now about the last run."""
        return next_steps(self.record) if self.record is not None and not self.is_running else ()

    @property
    def diagnostics(self) -> bytes:
        """The plan's diagnostics for the client, as a JSON list. Asked in the worker's thread."""
        return self.encoding.of(self.document, self.analysis, self.client, self.root, self.file_at)

    @property
    def here(self) -> Span:
        """What of the plan's text the document holds."""
        plan = self.analysis.plan
        return Span(0, len(plan.text)) if self.files is None else self.files.span_of(plan, self.document)

    @property
    def top(self) -> Span:
        """Where the plan as a whole is shown in the document: at its title, or at the top of another file."""
        title = self.analysis.plan.title_span
        return title if self.is_here(title) else Span(self.here.start, self.here.start)

    @property
    def alone(self) -> Plan:
        """The plan as if the document held all of it."""
        plan, text = self.analysis.plan, self.document.text
        if self.files is None:
            return plan
        return replace(READERS[plan.format].parse(text)[0], front_matter=front_matter(text).span)

    def is_here(self, span: Span) -> bool:
        """Whether a span of the plan's text begins in the document."""
        return self.files is None or self.file_at(span.start)[0] is self.document

    def is_current(self, documents: Documents) -> bool:
        """Whether the client has no other text of the plan by now."""
        opened = (self.document,) if self.files is None else self.files.opened.values()
        return all(documents.get(each.uri) is each for each in opened)

    def seen_first(self) -> "PlanSnapshot":
        """The same plan, seen from the file that stands for it."""
        first = self.document if self.files is None else self.files.first(self.analysis.plan)
        return self if first is self.document else self._seen_from(first)

    def views(self) -> tuple["PlanSnapshot", ...]:
        """The same plan, seen from each of its files."""
        if self.files is None:
            return (self,)
        every = self.files.every(self.analysis.plan)
        return tuple([self if each is self.document else self._seen_from(each) for each in every])

    def file_at(self, offset: int) -> tuple[Document, int]:
        """The document that holds an offset of the plan's text, and the offset at which it begins."""
        return (self.document, 0) if self.files is None else self.files.at(self.analysis.plan, offset)

    def offset(self, position: types.Position) -> int:
        """Where a position of the client's is, in the plan's text."""
        return self.here.start + convert.to_offset(self.document.lines, position, self.client.encoding)

    def span(self, value: types.Range) -> Span:
        """What a range of the client's covers."""
        return Span(self.offset(value.start), self.offset(value.end))

    def range(self, span: Span) -> types.Range:
        """A span of the plan's text, for the client, in the file that it lies in."""
        return self.location(span).range

    def location(self, span: Span) -> types.Location:
        """A span of the plan's text, for the client, as a place in a file. What reaches beyond that ends with it."""
        document, start = self.file_at(span.start)
        place = Span(span.start - start, span.end - start)
        return types.Location(document.uri, convert.to_range(document.lines, place, self.client.encoding))

    def edits(self, edits: Sequence[Edit]) -> list[tuple[Document, Sequence[Edit]]]:
        """Edits of the plan's text, document by document."""
        return [(self.document, edits)] if self.files is None else self.files.edits(self.analysis.plan, edits)

    def workspace_edit(self, edits: Sequence[Edit], why: types.ChangeAnnotation | None = None) -> types.WorkspaceEdit:
        """Edits of the plan's text, for the client."""
        return convert.to_workspace_edits(self.edits(edits), self.client, why)

    def _seen_from(self, document: Document) -> "PlanSnapshot":
        return replace(self, document=document, encoding=DiagnosticsJson())
