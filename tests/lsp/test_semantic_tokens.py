from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from lsprotocol import types

from agent_server.lsp.features.semantic_tokens import (
    LEGEND,
    SentTokens,
    semantic_tokens,
    semantic_tokens_delta,
    semantic_tokens_range,
)
from agent_server.lsp.snapshot import PlanSnapshot
from agent_server.plan.text import Encoding, Position
from tests.lsp.cursor import URI, plan_at

DOCUMENT = types.TextDocumentIdentifier(URI)
PARAMS = types.SemanticTokensParams(DOCUMENT)
ALL = {"token_modifiers": frozenset(LEGEND.token_modifiers)}

TEXT = """\
---
verify: make check
model: fast
---
# P

## data: Write it
- writes: `a.py`, `src/*.py`, `!src/x.py`
- exports: ROWS
- model: capable
- minutes: 5

## Use it
- imports: pkg.mod, `a.py`
- needs: data, nowhere
- locks: db
- agent: replay
- verify: `make it`
- status: done
- owner: me

It comes after task data.

## Wave 3
### c
"""


def decoded(plan: PlanSnapshot, data: Sequence[int]) -> Iterator[tuple[str, str, list[str]]]:
    """The text, the type and the modifiers of each token."""
    line = character = 0
    assert len(data) % 5 == 0
    lines, encoding = plan.document.lines, plan.client.encoding
    for at in range(0, len(data), 5):
        down, right, length, kind, bits = data[at : at + 5]
        line, character = line + down, right if down else character + right
        start = lines.offset(Position(line, character), encoding)
        end = lines.offset(Position(line, character + length), encoding)
        assert start < end
        names = LEGEND.token_modifiers
        yield plan.document.text[start:end], LEGEND.token_types[kind], [n for b, n in enumerate(names) if bits >> b & 1]


def tokens(text: str, **client: Any) -> list[tuple[str, str, list[str]]]:
    plan, _ = plan_at(text, **client)
    return list(decoded(plan, semantic_tokens(plan, PARAMS).data))


def test_each_piece_has_the_type_of_what_it_means() -> None:
    assert tokens(TEXT, **ALL) == [
        ("verify", "property", []),
        ("make check", "string", []),
        ("model", "property", []),
        ("fast", "enumMember", []),
        ("data", "function", ["declaration"]),
        ("writes", "property", []),
        ("a.py", "string", []),
        ("src/*.py", "regexp", []),
        ("!", "operator", []),
        ("src/x.py", "string", []),
        ("exports", "property", []),
        ("ROWS", "variable", ["declaration"]),
        ("model", "property", []),
        ("capable", "enumMember", []),
        ("minutes", "property", []),
        ("5", "number", []),
        ("Use it", "function", ["declaration", "done"]),
        ("imports", "property", ["done"]),
        ("pkg.mod", "namespace", ["done"]),
        ("a.py", "string", ["done"]),
        ("needs", "property", ["done"]),
        ("data", "function", ["done"]),
        ("locks", "property", ["done"]),
        ("db", "variable", ["done"]),
        ("agent", "property", ["done"]),
        ("replay", "class", ["done"]),
        ("verify", "property", ["done"]),
        ("make it", "string", ["done"]),
        ("status", "property", ["done"]),
        ("done", "keyword", ["done"]),
        ("data", "function", ["done"]),
        ("Wave", "keyword", []),
        ("3", "number", []),
        ("c", "function", ["declaration"]),
    ]


def test_a_client_gets_only_what_it_knows() -> None:
    text = "## a\n- writes: `*.py`\n- reads: `b`\n- minutes: 5\n- status: done\n"
    known = tokens(text, token_types=frozenset({"string", "keyword"}), token_modifiers=frozenset({"deprecated"}))
    assert known == [
        ("writes", "keyword", ["deprecated"]),
        ("*.py", "string", ["deprecated"]),
        ("reads", "keyword", ["deprecated"]),
        ("b", "string", ["deprecated"]),
        ("minutes", "keyword", ["deprecated"]),
        ("status", "keyword", ["deprecated"]),
        ("done", "keyword", ["deprecated"]),
    ]
    assert {tuple(modifiers) for *_, modifiers in tokens(text)} == {()}


def test_the_legend_holds_the_types_of_lsp_alone() -> None:
    standard = {kind.value for kind in types.SemanticTokenTypes}
    assert standard.issuperset(LEGEND.token_types)


@pytest.mark.parametrize("encoding", list(Encoding))
def test_tokens_are_counted_in_the_clients_units(encoding: Encoding) -> None:
    found = tokens("## 🦊é\n- writes: `é🦊.py`, `b.py`\n", encoding=encoding)
    assert [text for text, *_ in found] == ["🦊é", "writes", "é🦊.py", "b.py"]


def test_what_goes_over_several_lines_is_cut_into_them() -> None:
    text = "## a: Write the data file\n- writes: `a`\n\n## b\n- writes: `b`\n\nIt comes after the data\n  file task.\n"
    assert [text for text, kind, _ in tokens(text) if kind == "function"] == ["a", "b", "data", "file"]
    assert tokens("---\nverify: |\n  make a\n  make b\n---\n") == [("verify", "property", [])]


def test_of_a_range_only_its_tokens_are_sent() -> None:
    plan, _ = plan_at(TEXT)
    asked = types.Range(types.Position(8, 0), types.Position(9, 30))
    found = decoded(plan, semantic_tokens_range(plan, types.SemanticTokensRangeParams(DOCUMENT, asked)).data)
    assert [text for text, *_ in found] == ["exports", "ROWS", "model", "capable"]


def applied(data: Sequence[int], edits: Sequence[types.SemanticTokensEdit]) -> list[int]:
    new = list(data)
    for edit in sorted(edits, key=lambda edit: -edit.start):
        new[edit.start : edit.start + edit.delete_count] = edit.data or []
    return new


def test_a_delta_makes_the_new_tokens_of_the_old() -> None:
    before = semantic_tokens(plan_at(TEXT)[0], PARAMS)
    changed = TEXT.replace("ROWS", "ROWS, COLUMNS")
    after = semantic_tokens(plan_at(changed)[0], PARAMS)
    assert before.result_id is not None
    delta = semantic_tokens_delta(plan_at(changed)[0], types.SemanticTokensDeltaParams(DOCUMENT, before.result_id))
    assert isinstance(delta, types.SemanticTokensDelta)
    assert applied(before.data, delta.edits) == after.data
    assert sum(edit.delete_count + len(edit.data or ()) for edit in delta.edits) <= 10
    assert delta.result_id == after.result_id
    same = semantic_tokens_delta(plan_at(changed)[0], types.SemanticTokensDeltaParams(DOCUMENT, after.result_id or ""))
    assert same == types.SemanticTokensDelta([], after.result_id)


def test_who_names_an_id_that_nobody_knows_gets_all_tokens() -> None:
    plan, _ = plan_at(TEXT)
    found = semantic_tokens_delta(plan, types.SemanticTokensDeltaParams(DOCUMENT, "gone"))
    assert found == semantic_tokens(plan, PARAMS)


def test_only_the_latest_tokens_are_kept() -> None:
    from array import array

    sent = SentTokens(most=2)
    one, two, three = (sent.keep("u", array("I", [number])) for number in range(3))
    assert sent.get("u", one) is None
    assert sent.get("v", two) is None
    assert (sent.get("u", two), sent.get("u", three)) == (array("I", [1]), array("I", [2]))
