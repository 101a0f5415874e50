import pytest
from lsprotocol import types

from agent_server.lsp.features.workspace_symbol import MOST_SYMBOLS, workspace_symbol
from agent_server.lsp.fuzzy import score
from tests.lsp.cursor import URI, plan_at

ONE = plan_at("# One\n\n## nav: Link the wiki\n- writes: `a`\n\n## wiki-navigation: Build it\n- writes: `b`\n")[0]
TWO = plan_at("# Two\n\n## add-nav: Add it\n- writes: `a`\n\n## n-a-v\n- writes: `b`\n\n## other\n- writes: `c`\n")[0]


def found(query: str) -> list[str]:
    symbols = workspace_symbol([ONE, TWO], types.WorkspaceSymbolParams(query))
    return [symbol.name.partition(":")[0] for symbol in symbols]


def test_the_best_match_of_all_plans_comes_first() -> None:
    assert found("nav") == ["nav", "add-nav", "wiki-navigation", "n-a-v"]


def test_words_may_come_in_any_order_and_case() -> None:
    assert found("LINK nav") == ["nav"]
    assert found("build wiki") == ["wiki-navigation"]


def test_no_query_finds_all() -> None:
    assert sorted(found("")) == ["add-nav", "n-a-v", "nav", "other", "wiki-navigation"]


def test_a_symbol_tells_where_it_is() -> None:
    (symbol,) = workspace_symbol([ONE, TWO], types.WorkspaceSymbolParams("other"))
    assert symbol.container_name == "Two"
    assert symbol.location == types.Location(URI, types.Range(types.Position(8, 0), types.Position(8, 8)))


def test_no_more_is_sent_than_anybody_reads() -> None:
    plan = plan_at("".join(f"## t{number}\n" for number in range(MOST_SYMBOLS + 5)))[0]
    assert len(workspace_symbol([plan], types.WorkspaceSymbolParams("t"))) == MOST_SYMBOLS


@pytest.mark.parametrize(("query", "text"), [("xyz", "nav"), ("van", "nav"), ("nn", "nav"), ("nav x", "nav")])
def test_what_lacks_a_letter_does_not_fit(query: str, text: str) -> None:
    assert score(query, text) is None


def test_letters_that_stand_closer_fit_better() -> None:
    scores = [score("abc", text) for text in ("abc", "abcd", "x-abc", "xabc", "xaxbc", "xaxbxxxc")]
    assert None not in scores
    assert scores == sorted(set(filter(None, scores)), reverse=True)
