"""Plans with a cursor in them: `$0` marks where it stands, as in rust-analyzer's tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types

from agent_server.analysis.analyse import analyse
from agent_server.analysis.tree import Tree
from agent_server.lsp.client import Client
from agent_server.lsp.documents import Document
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.formats import reader_for
from agent_server.plan.text import LineIndex, Span

ROOT = Path("/w")
NAME = "a.plan.md"
URI = f"file://{ROOT}/{NAME}"


def plan_at(
    text: str, files: Mapping[str, str] | None = None, name: str = NAME, **client: Any
) -> tuple[PlanSnapshot, types.Position]:
    """The plan without its cursor over a workspace of `files`, and where the cursor stood; the start where none did.

    `name` is the plan's path, which tells its format.
    """
    before, _, behind = text.partition("$0")
    reader = reader_for(name, before + behind)
    assert reader is not None
    plan, problems = reader.parse(before + behind)
    analysis = analyse(plan, problems, Tree(files or {}, files or {}))
    document = Document(f"file://{ROOT}/{name}", ROOT / name, 1, LineIndex(plan.text))
    snapshot = PlanSnapshot(document, ROOT, name, analysis, Client(**client))
    offset = len(before) if behind or "$0" in text else 0
    return snapshot, snapshot.range(Span(offset, offset)).start
