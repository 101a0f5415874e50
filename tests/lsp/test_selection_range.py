import pytest
from lsprotocol import types

from agent_server.lsp.features.selection_range import selection_range
from tests.lsp.cursor import URI, plan_at


def selected(marked: str) -> list[str]:
    """The texts from the innermost selection to the outermost."""
    plan, position = plan_at(marked)
    (chain,) = selection_range(plan, types.SelectionRangeParams(types.TextDocumentIdentifier(URI), [position]))
    found: list[str] = []
    at: types.SelectionRange | None = chain
    while at is not None:
        found.append(plan.span(at.range).of(plan.document.text))
        at = at.parent
    return found


def test_from_an_item_to_the_plan() -> None:
    task = "### a: One\n- writes: `x.py`, `y.py`\n- needs: b\n\nDo it.\n"
    text = f"# P\n\n## Wave 1: all\n{task}"
    assert selected(text.replace("y.py", "y.$0py")) == [
        "y.py",
        "`y.py`",
        "`x.py`, `y.py`",
        "- writes: `x.py`, `y.py`",
        "- writes: `x.py`, `y.py`\n- needs: b",
        task,
        f"## Wave 1: all\n{task}",
        text,
    ]


def test_from_a_word_to_the_instructions() -> None:
    text = "# P\n\n## a: One\n- writes: `x`\n\nDo it\nwith care.\n\nThen rest.\n"
    assert selected(text.replace("with", "wi$0th"))[:5] == [
        "with",
        "with care.",
        "Do it\nwith care.",
        "Do it\nwith care.\n\nThen rest.",
        "## a: One\n- writes: `x`\n\nDo it\nwith care.\n\nThen rest.\n",
    ]


@pytest.mark.parametrize(
    ("marked", "first"),
    [
        ("## a: T$0wo words\n", ["Two", "Two words", "a: Two words"]),
        ("## $0a: Two words\n", ["a", "a: Two words", "## a: Two words"]),
        ("## a\n- nee$0ds: b\n", ["needs", "- needs: b", "## a\n- needs: b\n"]),
        ("---\nagents: $02\n---\n", ["2", "agents: 2", "---\nagents: 2\n---"]),
        ("# P\r\n\r\nOne\r\nt$0wo.\r\n\r\nThree.\r\n", ["two", "two.", "One\r\ntwo."]),
        ("# P\n\n## Notes\nMind$0.\n\n## a\n", ["Mind", "Mind.", "## Notes\nMind.", "## Notes\nMind.\n\n"]),
        ("$0", [""]),
    ],
)
def test_anywhere_else(marked: str, first: list[str]) -> None:
    assert selected(marked)[: len(first)] == first


def test_each_position_has_its_own_answer() -> None:
    plan, _ = plan_at("## a\n\nDo it.\n")
    positions = [types.Position(2, 0), types.Position(0, 3), types.Position(99, 0)]
    found = selection_range(plan, types.SelectionRangeParams(types.TextDocumentIdentifier(URI), positions))
    assert [chain.range.start.line for chain in found] == [2, 0, 0]
