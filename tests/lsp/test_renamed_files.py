from dataclasses import replace
from pathlib import Path

import pytest
from lsprotocol import types

from agent_server.lsp.features.renamed_files import will_rename_files
from agent_server.lsp.snapshot import PlanSnapshot
from tests.lsp.cursor import URI, plan_at

PLAN = "# 🦀 P\n\n## a: One\n- writes: 🦀, `src/nav.py`\n- reads: src/auth/**\n\nDo it.\n"
FILES = {"src/nav.py": "", "src/auth/login.py": ""}
VERSIONED = {"versioned_edits": True, "annotated_edits": True}


def rename(*pairs: tuple[str, str]) -> types.RenameFilesParams:
    return types.RenameFilesParams([types.FileRename(f"file://{old}", f"file://{new}") for old, new in pairs])


def closed(plan: PlanSnapshot, name: str) -> PlanSnapshot:
    """The same plan as a file that is not open."""
    document = replace(plan.document, uri=f"file:///w/{name}", path=Path("/w", name), version=None)
    return replace(plan, document=document, name=name)


def test_paths_of_all_plans_follow_also_of_those_that_are_closed() -> None:
    plan, _ = plan_at(PLAN, FILES, **VERSIONED)
    other = closed(plan, "plans/b.plan.md")
    edit = will_rename_files((plan, other), rename(("/w/src/nav.py", "/w/src/menu.py"), ("/w/src/auth", "/w/auth")))
    assert edit is not None
    first, second = edit.document_changes or ()
    assert isinstance(first, types.TextDocumentEdit)
    assert isinstance(second, types.TextDocumentEdit)
    assert (first.text_document.uri, first.text_document.version) == (URI, 1)
    assert (second.text_document.uri, second.text_document.version) == ("file:///w/plans/b.plan.md", None)
    assert first.edits == second.edits
    assert [(each.range, each.new_text) for each in first.edits] == [
        (types.Range(types.Position(3, 15), types.Position(3, 25)), "src/menu.py"),
        (types.Range(types.Position(4, 9), types.Position(4, 20)), "auth/**"),
    ]
    assert edit.change_annotations == {
        "why": types.ChangeAnnotation("Keep the plan's paths true", False, "4 paths that a plan declares moved.")
    }


def test_a_client_without_versions_gets_plain_changes() -> None:
    plan, _ = plan_at(PLAN, FILES)
    edit = will_rename_files([plan], rename(("/w/src/nav.py", "/w/src/menu.py")))
    assert edit is not None
    assert edit.document_changes is None
    assert [each.new_text for each in (edit.changes or {})[URI]] == ["src/menu.py"]


@pytest.mark.parametrize(
    "pair",
    [
        ("/w/src/other.py", "/w/src/x.py"),
        ("/w/src/nav.py", "/elsewhere/nav.py"),  # it leaves the workspace: no path can follow it
        ("/elsewhere/src/nav.py", "/w/src/nav.py"),
        ("/w", "/v"),
    ],
)
def test_what_no_plan_declares_needs_no_edit(pair: tuple[str, str]) -> None:
    plan, _ = plan_at(PLAN, FILES)
    assert will_rename_files([plan], rename(pair)) is None
    assert will_rename_files([], rename(pair)) is None


def test_other_uris_than_those_of_files_are_left_out() -> None:
    plan, _ = plan_at(PLAN, FILES)
    files = [types.FileRename("untitled:src/nav.py", "untitled:x"), types.FileRename("", "\ud800")]
    assert will_rename_files([plan], types.RenameFilesParams(files)) is None


def test_a_workspace_may_be_spelled_through_a_link() -> None:
    plan, _ = plan_at(PLAN, FILES)
    linked = replace(plan, document=replace(plan.document, uri="file:///link/a.plan.md", path=Path("/link/a.plan.md")))
    edit = will_rename_files([linked], rename(("/link/src/nav.py", "/link/src/menu.py")))
    assert edit is not None
    assert list(edit.changes or ()) == ["file:///link/a.plan.md"]
