"""What a request about a plan is answered from: one version of the plan, its analysis, and who asks. Immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types

from agent_server.analysis.model import Analysis
from agent_server.execution.records.run_record import RunRecord
from agent_server.execution.runs.next_steps import Step, next_steps
from agent_server.execution.runs.progress import Progress
from agent_server.lsp import convert
from agent_server.lsp.client import Client
from agent_server.lsp.diagnostics_json import DiagnosticsJson
from agent_server.lsp.documents import Document
from agent_server.plan.text import Span
from agent_server.settings import ExecutionSettings


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    """A plan at one moment, for one client.

    `document` is the open document, or the file of a closed plan: that one has no version. `root` is the workspace that
    the plan belongs to, `name` what runs call it. `run` is how its run stands, where one was launched since the server
    started: `is_running` says that it still goes on, and `briefs` what its agents were told. `record` is that of its
    last run, of an earlier process too. `encoding` keeps what was encoded for earlier versions. `chosen` are the
    settings of runs.
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
        return self.encoding.of(self.document, self.analysis, self.client, self.root)

    def offset(self, position: types.Position) -> int:
        """Where a position of the client's is, in the plan's text."""
        return convert.to_offset(self.document.lines, position, self.client.encoding)

    def span(self, value: types.Range) -> Span:
        """What a range of the client's covers."""
        return convert.to_span(self.document.lines, value, self.client.encoding)

    def range(self, span: Span) -> types.Range:
        """A span of the plan's text, for the client."""
        return convert.to_range(self.document.lines, span, self.client.encoding)

    def location(self, span: Span) -> types.Location:
        """A span of the plan's text, for the client, as a place in a file."""
        return types.Location(self.document.uri, self.range(span))
