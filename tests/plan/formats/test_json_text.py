"""JSON with places: what is told of a sound text, of one that only people and editors write, and of a broken one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.plan.json_plans.text import Kind, Value, read_json
from agent_server.plan.json_plans.words import joined, words_of

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=20)
INDENTS = st.sampled_from([None, 0, 2, "\t"])


def meant(value: Value | None) -> Any:
    """What a value means, read from its places."""
    assert value is not None
    if value.kind is Kind.OBJECT:
        return {
            json.loads(key.span.of(value.text)): meant(item) for key, item in zip(value.keys, value.items, strict=True)
        }
    if value.kind is Kind.ARRAY:
        return [meant(item) for item in value.items]
    return json.loads(value.span.of(value.text))


@given(JSON, INDENTS, st.booleans())
def test_every_value_of_a_sound_text_has_its_place(expected: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(expected, indent=indent, ensure_ascii=ascii_only)
    value, problem = read_json(text)
    assert problem is None
    assert meant(value) == expected
    assert value is not None
    assert value.span.of(text) == text


@given(st.text(st.characters(exclude_categories=["C"]) | st.sampled_from('\n\t"\\/')))
def test_a_string_says_what_was_written(said: str) -> None:
    value, _ = read_json(json.dumps(said))
    assert value is not None
    assert value.said == said


@pytest.mark.parametrize(
    "text",
    [
        '\ufeff{"a": [1, 2]}',
        '{"a": [1, 2,],}',
        '{"a": [1, 2]} // that is all',
        '/* first */ {"a": /* here */ [1, // one\n 2]}',
    ],
    ids=["byte order mark", "commas behind the last", "comment behind it", "comments in it"],
)
def test_what_editors_leave_is_no_problem(text: str) -> None:
    value, problem = read_json(text)
    assert problem is None
    assert meant(value) == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('{"a": [1, 2', "2", "The text ends here, and a `[` is still open."),
        ('{"a": [1, 2}', "}", "A `[` is still open here."),
        ('{"a": [1 2]}', "2", "A comma is missing before this."),
        ('{"a": [1, 2] "b": 3}', '"b"', "A comma is missing before this."),
        ('{"a" [1, 2]}', "[", "A colon is missing before this."),
        ('{"a": [1, 2], "b"}', "}", "A value is missing before this."),
        ('{"a": [1, 2], "b":, "c": 3}', ",", "A value is missing before this comma."),
        ('{"a": [1, 2], b: 3}', "b", "`b` is not JSON. A text needs quotation marks."),
        ('{"a": [1, 2]}]', "]", "This bracket was never opened."),
        ('{"a": [1, 2]} {}', "{", "The text goes on behind its end."),
        ('{"a": [1, 2], "b": "c\n}', '"c', "This text has no closing quotation mark."),
        ('<<<<<<< mine\n{"a": [1, 2]}', "<<<<<<<", "`<<<<<<<` is not JSON. A text needs quotation marks."),
    ],
)
def test_of_a_broken_text_the_first_problem_is_told(text: str, place: str, message: str) -> None:
    _, problem = read_json(text)
    assert problem is not None
    assert (problem.span.of(text), problem.message) == (place, message)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2',
        '{"a": [1, 2}',
        '{"a": [1 2]}',
        '{"a" [1, 2]',
        '{"a": [1, 2], "b":',
        '{"a": [1, 2], "b',
        '{"b":, "a": [1, 2]}',
    ],
)
def test_of_a_broken_text_is_kept_what_can_be_read(text: str) -> None:
    value, _ = read_json(text)
    assert meant(value) == {"a": [1, 2]}


@given(st.text(st.sampled_from('{}[]",:\\/*\n 1atrue')) | st.text())
def test_any_text_is_read(text: str) -> None:
    value, _ = read_json(text)
    waiting = [value] if value is not None else []
    while waiting:
        each = waiting.pop()
        assert 0 <= each.start <= each.inner.start <= each.inner.end <= each.end <= len(text)
        assert all(each.start <= item.start and item.end <= each.end for item in (*each.keys, *each.items))
        waiting += [*each.keys, *each.items]


@pytest.mark.parametrize("piece", ["[", '{"a":', "]", "[}", " ", "/*", '"', "\\", '"\\', "//", ",", "[]", "1 "])
def test_hostile_texts_are_read_without_a_stack(piece: str) -> None:
    read_json(piece * 30_000)


@pytest.mark.parametrize(
    ("written", "words", "named"),
    [
        (r"Write src/a.py", "Write src/a.py", "src/a.py"),
        (r"One.\nWrite src/a.py", "One. \nWrite src/a.py", "src/a.py"),
        (r"Write \"src/a.py\" now", 'Write  "src/a.py"  now', "src/a.py"),
        (r"Écrire \u00e9tat in src/a.py", "Écrire état      in src/a.py", "src/a.py"),
        (r"\ud83d\ude00 Write src/a.py", "           \U0001f600 Write src/a.py", "src/a.py"),
        (r"Half \ud83d of src/a.py", "Half      \ufffd of src/a.py", "src/a.py"),
        (r"Write src\/a.py now", "Write src/a.py  now", None),
    ],
)
def test_words_stand_where_they_are_written(written: str, words: str, named: str | None) -> None:
    text = f'{{"details": "{written}"}}'
    root, _ = read_json(text)
    assert root is not None
    said, place = words_of(root.items[0])
    assert (said, len(said)) == (words.strip(), place.end - place.start)
    if named is not None:
        start = place.start + said.index(named)
        assert text[start : start + len(named)] == named


def test_several_strings_are_paragraphs_and_lists_where_they_are_written() -> None:
    text = '{"a": "See `x.py`.", "n": 1, "b": ["Write `y.py`", "", "Run"], "c": "Done"}'
    root, _ = read_json(text)
    assert root is not None
    said, place = joined(root.get(name) or root for name in ("a", "b", "c"))
    assert [line.strip() for line in said.split("\n")] == ["See `x.py`.", "", "- Write `y.py`", "- Run", "", "Done"]
    for word in ("See", "`y.py`", "Run", "Done"):
        assert text[place.start + said.index(word) :].startswith(word)
