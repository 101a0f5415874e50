"""Whatever the text and wherever the cursor: an answer of the right shape, and no exception."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from lsprotocol.converters import get_converter

from agent_server.lsp.features.code_action import code_action
from agent_server.lsp.features.code_lens import code_lens
from agent_server.lsp.features.diagnostics import diagnostic
from agent_server.lsp.features.document_link import document_link
from agent_server.lsp.features.document_symbol import document_symbol
from agent_server.lsp.features.folding_range import folding_range
from agent_server.lsp.features.formatting import formatting, range_formatting
from agent_server.lsp.features.hover import hover
from agent_server.lsp.features.inlay_hint import inlay_hint
from agent_server.lsp.features.selection_range import selection_range
from agent_server.lsp.features.semantic_tokens import LEGEND, semantic_tokens, semantic_tokens_range
from agent_server.lsp.features.workspace_symbol import workspace_symbol
from agent_server.plan.text import Encoding
from tests.lsp.cursor import URI, plan_at
from tests.lsp.test_document_symbol import every, inside
from tests.lsp.test_semantic_tokens import decoded
from tests.plan.test_properties import TEXTS

DOCUMENT = types.TextDocumentIdentifier(URI)
OPTIONS = types.FormattingOptions(2, insert_spaces=True)
CONVERTER = get_converter()
FILES = {"a": "", "b": "", "src/a.ts": "", "src/app/page.tsx": ""}

PLACES = st.builds(types.Position, st.integers(0, 60), st.integers(0, 60))
CLIENTS = st.fixed_dictionaries(
    {
        "encoding": st.sampled_from(Encoding),
        "nested_symbols": st.booleans(),
        "fades": st.booleans(),
        "most_folds": st.sampled_from([None, 0, 3]),
        "token_modifiers": st.sampled_from([frozenset[str](), frozenset(LEGEND.token_modifiers)]),
    }
)


@given(TEXTS, PLACES, PLACES, CLIENTS)
def test_every_request_is_answered(
    text: str, one: types.Position, other: types.Position, client: dict[str, object]
) -> None:
    plan, _ = plan_at(text.replace("$0", ""), FILES, **client)
    asked = types.Range(min(one, other), max(one, other))
    # An answer of null is right where nothing stands.
    hover(plan, types.HoverParams(DOCUMENT, one))
    answers = [
        code_lens(plan, types.CodeLensParams(DOCUMENT)),
        code_action(plan, types.CodeActionParams(DOCUMENT, asked, types.CodeActionContext([]))),
        document_symbol(plan, types.DocumentSymbolParams(DOCUMENT)),
        workspace_symbol([plan], types.WorkspaceSymbolParams("a")),
        folding_range(plan, types.FoldingRangeParams(DOCUMENT)),
        semantic_tokens(plan, types.SemanticTokensParams(DOCUMENT)),
        document_link(plan, types.DocumentLinkParams(DOCUMENT)),
        formatting(plan, types.DocumentFormattingParams(DOCUMENT, OPTIONS)),
        range_formatting(plan, types.DocumentRangeFormattingParams(DOCUMENT, asked, OPTIONS)),
        inlay_hint(plan, types.InlayHintParams(DOCUMENT, asked)),
        diagnostic(plan, types.DocumentDiagnosticParams(DOCUMENT)),
    ]
    assert all(CONVERTER.unstructure(answer) is not None for answer in answers)


@given(TEXTS, st.lists(PLACES, min_size=1, max_size=3))
def test_selections_grow_from_the_position_to_the_whole_text(text: str, places: list[types.Position]) -> None:
    plan, _ = plan_at(text.replace("$0", ""))
    chains = selection_range(plan, types.SelectionRangeParams(DOCUMENT, places))
    for place, chain in zip(places, chains, strict=True):
        found = list(ranges(chain))
        assert plan.span(found[-1]).of(plan.document.text) == plan.document.text
        assert all(plan.span(each).contains(plan.offset(place)) for each in found)
        assert all(inside(small, large) and small != large for small, large in pairwise(found))


def ranges(chain: types.SelectionRange | None) -> Iterator[types.Range]:
    while chain is not None:
        yield chain.range
        chain = chain.parent


@given(TEXTS)
def test_symbols_hold_their_children(text: str) -> None:
    plan, _ = plan_at(text.replace("$0", ""), nested_symbols=True)
    for root in document_symbol(plan, types.DocumentSymbolParams(DOCUMENT)):
        assert isinstance(root, types.DocumentSymbol)
        for symbol in every(root):
            assert symbol.name
            assert inside(symbol.selection_range, symbol.range)
            assert all(inside(child.range, symbol.range) for child in symbol.children or ())


@given(TEXTS, PLACES, PLACES, st.sampled_from(Encoding))
def test_tokens_of_a_range_are_those_of_the_text_that_stand_there(
    text: str, one: types.Position, other: types.Position, encoding: Encoding
) -> None:
    plan, _ = plan_at(text.replace("$0", ""), FILES, encoding=encoding)
    whole = list(decoded(plan, semantic_tokens(plan, types.SemanticTokensParams(DOCUMENT)).data))
    asked = types.Range(min(one, other), max(one, other))
    part = list(decoded(plan, semantic_tokens_range(plan, types.SemanticTokensRangeParams(DOCUMENT, asked)).data))
    assert all("\n" not in shown and "\r" not in shown for shown, *_ in whole)
    assert part in [whole[at : at + len(part)] for at in range(len(whole) + 1)]


@given(TEXTS)
def test_there_is_one_fold_a_line_and_each_hides_something(text: str) -> None:
    plan, _ = plan_at(text.replace("$0", ""))
    folds = folding_range(plan, types.FoldingRangeParams(DOCUMENT))
    firsts = [fold.start_line for fold in folds]
    assert firsts == sorted(set(firsts))
    assert all(fold.start_line < fold.end_line < plan.document.lines.line_count for fold in folds)
