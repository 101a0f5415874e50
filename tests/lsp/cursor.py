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
from agent_server.plan.native import parse
from agent_server.plan.text import LineIndex, Span

ROOT = Path("/w")
NAME = "a.plan.md"
URI = f"file://{ROOT}/{NAME}"


def plan_at(text: str, files: Mapping[str, str] | None = None, **client: Any) -> tuple[PlanSnapshot, types.Position]:
    """The plan without its cursor over a workspace of `files`, and where the cursor stood; the start where none did."""
    before, _, behind = text.partition("$0")
    plan, problems = parse(before + behind)
    analysis = analyse(plan, problems, Tree(files or {}, files or {}))
    document = Document(URI, ROOT / NAME, 1, LineIndex(plan.text))
    snapshot = PlanSnapshot(document, ROOT, NAME, analysis, Client(**client))
    offset = len(before) if behind or "$0" in text else 0
    return snapshot, snapshot.range(Span(offset, offset)).start
