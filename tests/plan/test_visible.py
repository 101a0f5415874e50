import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.plan.visible import visible, visible_lines


@given(st.text())
def test_all_that_is_shown_can_be_seen_on_one_line(text: str) -> None:
    assert visible(text).isprintable()


@given(st.text(), st.integers(2, 50))
def test_long_text_loses_its_middle_and_says_so(text: str, most: int) -> None:
    shown = visible(text, most)
    assert ("more characters" in shown) == (len(text) > most)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("make test  -k x", "make test  -k x"),
        ("größer 漢字 😀", "größer 漢字 😀"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x1b[2K", r"\u{1b}[2K"),
        ("x\u202ey", r"x\u{202e}y"),
        ("make" + " " * 90 + "; rm x", "make[90 spaces]; rm x"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_lines_stay_lines_with_their_tabs_and_gaps(text: str) -> None:
    shown = visible_lines(text)
    assert shown.count("\n") == text.count("\n")
    assert shown.replace("\n", "").replace("\t", "").isprintable()
    assert visible_lines("\tx = 1    # y\r\n\x07") == "\tx = 1    # y\n\\u{7}"
