"""Offsets and LSP positions: three encodings, three line ends, and nothing else counts as either."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.plan.text import Encoding, LineIndex, Position, Span

TEXTS = st.text(alphabet=st.sampled_from("ab é\u0301🦊\n\r\u2028\u000b\u000c\u0085\ud800"), max_size=60)
ENCODINGS = st.sampled_from(Encoding)


@pytest.mark.parametrize(
    ("encoding", "character"),
    [(Encoding.UTF8, 4), (Encoding.UTF16, 2), (Encoding.UTF32, 1)],
)
def test_an_emoji_counts_as_many_units_as_its_encoding_takes(encoding: Encoding, character: int) -> None:
    lines = LineIndex("🦊x")
    assert lines.position(1, encoding) == Position(0, character)
    assert lines.offset(Position(0, character), encoding) == 1


@pytest.mark.parametrize(
    ("encoding", "character"),
    [(Encoding.UTF8, 3), (Encoding.UTF16, 2), (Encoding.UTF32, 2)],
)
def test_a_combining_mark_counts_for_itself(encoding: Encoding, character: int) -> None:
    lines = LineIndex("e\u0301x")
    assert lines.position(2, encoding) == Position(0, character)
    assert lines.offset(Position(0, character), encoding) == 2


def test_utf_16_is_the_encoding_that_a_client_may_count_on() -> None:
    assert LineIndex("🦊x").position(1) == Position(0, 2)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_three_line_ends_of_lsp(line_end: str) -> None:
    lines = LineIndex(f"one{line_end}two{line_end}")
    assert lines.line_count == 3
    assert [lines.line_span(line).of(lines.text) for line in range(3)] == ["one", "two", ""]
    assert lines.position(3 + len(line_end)) == Position(1, 0)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085", "\u000b", "\u000c", "\u001c"])
def test_what_only_python_takes_for_a_line_end_is_none(separator: str) -> None:
    lines = LineIndex(f"one{separator}two\nthree")
    assert lines.line_count == 2
    assert lines.position(4) == Position(0, 4)


def test_a_character_past_the_line_means_its_end() -> None:
    lines = LineIndex("one\r\ntwo")
    assert lines.offset(Position(0, 99)) == 3
    assert lines.offset(Position(9, 9)) == 8


def test_a_position_inside_a_pair_of_code_units_means_the_next_character() -> None:
    assert LineIndex("🦊x").offset(Position(0, 1), Encoding.UTF16) == 1


@given(TEXTS, ENCODINGS)
def test_every_offset_outside_of_line_ends_survives_the_round_trip(text: str, encoding: Encoding) -> None:
    lines = LineIndex(text)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n":
            continue
        assert lines.offset(lines.position(offset, encoding), encoding) == offset


@given(TEXTS, ENCODINGS, st.integers(0, 9), st.integers(0, 99))
def test_every_position_means_an_offset_on_its_line(text: str, encoding: Encoding, line: int, character: int) -> None:
    lines = LineIndex(text)
    offset = lines.offset(Position(line, character), encoding)
    assert 0 <= offset <= len(text)
    assert lines.line_at(offset) == min(line, lines.line_count - 1)


@given(TEXTS)
def test_the_lines_and_their_ends_are_the_text(text: str) -> None:
    lines = LineIndex(text)
    spans = [lines.line_span(line) for line in range(lines.line_count)]
    between = [Span(first.end, second.start).of(text) for first, second in pairwise(spans)]
    assert set(between) <= {"\n", "\r\n", "\r"}
    assert "".join(span.of(text) + end for span, end in zip(spans, [*between, ""], strict=True)) == text


@given(TEXTS, TEXTS, st.data())
def test_the_index_of_an_edited_text_is_the_one_of_the_new_text(text: str, new: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    edited = LineIndex(text).replaced(Span(start, end), new)
    fresh = LineIndex(text[:start] + new + text[end:])
    assert edited.text == fresh.text
    assert [edited.line_span(line) for line in range(edited.line_count)] == [
        fresh.line_span(line) for line in range(fresh.line_count)
    ]
    for offset in range(len(fresh.text) + 1):
        assert edited.position(offset) == fresh.position(offset)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), TEXTS), max_size=8))
def test_the_index_after_many_edits_is_that_of_the_text(text: str, edits: list[tuple[int, int, str]]) -> None:
    lines = LineIndex(text)
    for one, other, new in edits:
        start, end = sorted((min(one, len(lines.text)), min(other, len(lines.text))))
        lines = lines.replaced(Span(start, end), new)
    anew = LineIndex(lines.text)
    assert lines.line_count == anew.line_count
    assert all(lines.line_span(line) == anew.line_span(line) for line in range(anew.line_count + 1))
    offsets = range(len(anew.text) + 1)
    assert [lines.line_at(offset) for offset in offsets] == [anew.line_at(offset) for offset in offsets]
