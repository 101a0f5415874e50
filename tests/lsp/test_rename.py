import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from agent_server.lsp.features.rename import prepare_rename, rename
from tests.lsp.cursor import URI, plan_at

DOCUMENT = types.TextDocumentIdentifier(URI)
PLAN = "## Build the h$0ub\n\n## b: B\n- needs: build-the-hub\n"


def span(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def test_the_id_is_offered_even_where_only_a_title_stands() -> None:
    plan, position = plan_at(PLAN)
    found = prepare_rename(plan, types.PrepareRenameParams(DOCUMENT, position))
    assert found == types.PrepareRenamePlaceholder(span(0, 3, 16), "build-the-hub")


def test_what_has_no_name_is_not_offered() -> None:
    plan, position = plan_at("## a: A\n- model: f$0ast\n")
    assert prepare_rename(plan, types.PrepareRenameParams(DOCUMENT, position)) is None
    assert rename(plan, types.RenameParams(DOCUMENT, position, "x")) is None


def test_a_client_that_knows_versions_gets_edits_for_this_one() -> None:
    plan, position = plan_at(PLAN, versioned_edits=True)
    edit = rename(plan, types.RenameParams(DOCUMENT, position, "hub"))
    expected = [types.TextEdit(span(0, 3, 3), "hub: "), types.TextEdit(span(3, 9, 22), "hub")]
    assert edit == types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(URI, 1), list(expected)),
        ]
    )


def test_any_other_client_gets_plain_changes() -> None:
    plan, position = plan_at(PLAN)
    edit = rename(plan, types.RenameParams(DOCUMENT, position, "hub"))
    assert edit is not None
    assert edit.document_changes is None
    assert list(edit.changes or ()) == [URI]


def test_a_refusal_says_why() -> None:
    plan, position = plan_at(PLAN)
    with pytest.raises(JsonRpcException, match="Another task is called `b`") as refused:
        rename(plan, types.RenameParams(DOCUMENT, position, "b"))
    assert refused.value.code == types.LSPErrorCodes.RequestFailed
