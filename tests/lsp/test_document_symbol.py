"""The outline: by wave, in the order of the text, and so that an editor finds the symbol at its cursor."""

from collections.abc import Iterator, Sequence
from typing import Any

from lsprotocol import types

from agent_server.lsp.features.document_symbol import document_symbol
from agent_server.lsp.snapshot import PlanSnapshot
from tests.lsp.cursor import URI, plan_at

PARAMS = types.DocumentSymbolParams(types.TextDocumentIdentifier(URI))
TOGETHER = """\
# Site

## a: One
- writes: `a.py`
- minutes: 3

## b: Two
- writes: `b.py`
- minutes: 9

## c: Three
- writes: `c.py`
- needs: a
- minutes: 2
"""
SCATTERED = TOGETHER.replace("- writes: `b.py`\n", "- writes: `b.py`\n- needs: a\n").replace(
    "- needs: a\n- minutes: 2", ""
)


def outline(plan: PlanSnapshot) -> types.DocumentSymbol:
    (symbol,) = document_symbol(plan, PARAMS)
    assert isinstance(symbol, types.DocumentSymbol)
    return symbol


def names(symbols: Sequence[types.DocumentSymbol] | None) -> list[Any]:
    return [(symbol.name, [child.name for child in symbol.children or ()]) for symbol in symbols or ()]


def inside(inner: types.Range, outer: types.Range) -> bool:
    return outer.start <= inner.start <= inner.end <= outer.end


def every(symbol: types.DocumentSymbol) -> Iterator[types.DocumentSymbol]:
    yield symbol
    for child in symbol.children or ():
        yield from every(child)


def test_tasks_stand_below_their_wave_and_fields_below_their_task() -> None:
    plan = outline(plan_at(TOGETHER, nested_symbols=True)[0])
    assert plan.name == "Site"
    assert names(plan.children) == [("Wave 1 (2 tasks, 9 min)", ["a", "b"]), ("Wave 2 (1 task, 2 min)", ["c"])]
    (wave, _) = plan.children or ()
    assert names(wave.children) == [("a", ["writes", "minutes"]), ("b", ["writes", "minutes"])]
    assert [child.detail for child in wave.children or ()] == ["One · default · 3 min", "Two · default · 9 min"]


def test_where_a_wave_is_scattered_each_task_names_its_own() -> None:
    plan = outline(plan_at(SCATTERED, nested_symbols=True)[0])
    assert [(child.name, str(child.detail)) for child in plan.children or ()] == [
        ("a", "wave 1 · One · default · 3 min"),
        ("b", "wave 2 · Two · default · 9 min"),
        ("c", "wave 1 · Three · default · 9 min"),
    ]


def test_tasks_without_a_wave_say_why_where_there_are_no_groups() -> None:
    text = "## a\n- writes: `a`\n\n## b\n- status: done\n\n## a\n- writes: `c`\n\n## c\n- writes: `c`\n"
    plan = outline(plan_at(text, nested_symbols=True)[0])
    assert [str(child.detail).split(" · ")[0] for child in plan.children or ()] == [
        "wave 1",
        "b",
        "not scheduled",
        "wave 1",
    ]


def test_tasks_that_do_not_run_are_shown_as_what_they_are() -> None:
    text = "## a\n- status: done\n\n## b\n- status: skip\n\n## c\n- writes: `c`\n- needs: c\n\n## a\n- writes: `a`\n"
    plan = outline(plan_at(text, nested_symbols=True)[0])
    assert names(plan.children) == [
        ("Done (1 task)", ["a"]),
        ("Skipped (1 task)", ["b"]),
        ("Not scheduled (2 tasks)", ["c", "a"]),
    ]
    assert plan.name == "a.plan.md"


def test_ranges_hold_their_children_and_siblings_do_not_overlap() -> None:
    for symbol in every(outline(plan_at(SCATTERED, nested_symbols=True)[0])):
        assert inside(symbol.selection_range, symbol.range)
        children = symbol.children or []
        assert all(inside(child.range, symbol.range) for child in children)
        ends = [types.Position(0, 0), *(child.range.end for child in children)]
        assert all(end <= child.range.start for end, child in zip(ends, children, strict=False))


def test_a_client_without_trees_gets_the_symbols_one_by_one() -> None:
    found = document_symbol(plan_at(TOGETHER)[0], PARAMS)
    shown = [(each.name, each.container_name) for each in found if isinstance(each, types.SymbolInformation)]
    assert shown[:4] == [
        ("Site", None),
        ("Wave 1 (2 tasks, 9 min)", "Site"),
        ("a", "Wave 1 (2 tasks, 9 min)"),
        ("writes", "a"),
    ]
    assert len(shown) == 1 + 2 + 3 + 7


def test_words_of_the_plan_are_shown_on_one_line() -> None:
    plan = outline(plan_at("# P\u202e\n\n## a: x\u2028y\n- reads: `\u200b`\n", nested_symbols=True)[0])
    assert all(f"{symbol.name}{symbol.detail or ''}".isprintable() for symbol in every(plan))


def test_a_text_without_title_and_tasks_has_no_outline() -> None:
    assert document_symbol(plan_at("Hello.\n", nested_symbols=True)[0], PARAMS) == []
