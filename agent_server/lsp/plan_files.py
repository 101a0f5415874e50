"""The files of a plan that is a folder, as documents: open ones as the client has them, the others as they are read.

A line of a document is a line of the plan's whole text but for the lines before its part, and columns are the same. So
offsets are turned into positions within the file in which they lie.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from agent_server.lsp import convert
from agent_server.lsp.documents import Document
from agent_server.plan.folders import FolderText, edits_by_file, tasks_first
from agent_server.plan.model import Edit, Plan
from agent_server.plan.text import LineIndex, Span


class PlanFiles:
    """The documents of a folder's files. `opened` are those that the client has open, by the files' paths.

    Documents of files that say what they said in an earlier version are the same.
    """

    def __init__(
        self, root: Path, said: FolderText, opened: Mapping[str, Document], before: "PlanFiles | None" = None
    ) -> None:
        self.said = said
        self.opened = opened
        self._root = root
        self._texts = dict(said.files)
        self._made: dict[str, Document] = before.kept(self._texts) if before is not None else {}

    def kept(self, texts: Mapping[str, str]) -> dict[str, Document]:
        """Its documents of closed files that say the same in `texts`."""
        return {path: document for path, document in self._made.items() if document.text == texts.get(path)}

    def document(self, path: str) -> Document:
        """The file's document; one that is not open has no version."""
        known = self.opened.get(path) or self._made.get(path)
        if known is None:
            file = self._root / path
            known = self._made[path] = Document(convert.to_uri(file), file, None, LineIndex(self._texts.get(path, "")))
        return known

    def at(self, plan: Plan, offset: int) -> tuple[Document, int]:
        """The document that holds an offset of the plan, and the offset at which it begins."""
        part = plan.part_at(offset) or plan.parts[0]
        return self.document(part.path), part.span.start

    def span_of(self, plan: Plan, document: Document) -> Span:
        """What of the plan's text a document holds."""
        known = (*self.opened.items(), *self._made.items())
        path = next((path for path, each in known if each is document), None)
        return next((part.span for part in plan.parts if part.path == path), Span(0, 0))

    def first(self, plan: Plan) -> Document:
        """The file that stands for the plan: the first that has work left."""
        return self.document(next(tasks_first(plan)).path)

    def every(self, plan: Plan) -> Iterator[Document]:
        """All files in their order."""
        return (self.document(part.path) for part in plan.parts)

    def edits(self, plan: Plan, edits: Sequence[Edit]) -> list[tuple[Document, Sequence[Edit]]]:
        """Edits of the plan, file by file."""
        return [(self.document(path), each) for path, each in edits_by_file(plan, edits).items()]
