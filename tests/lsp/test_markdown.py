import pytest

from agent_server.lsp.markdown import code, sentence, unlinked, without_markup


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("a.py", "`a.py`"),
        ("a`b.py", "``a`b.py``"),
        ("`a``b`", "``` `a``b` ```"),
        ("a|b<c>.py", "`a|b<c>.py`"),
        ("a\nb", "`a b`"),
    ],
)
def test_a_code_span_holds_any_text(text: str, span: str) -> None:
    assert code(text) == span


def test_other_peoples_markup_is_shown_and_not_obeyed() -> None:
    assert sentence("*x* <img src=x> [a](b) `c | &amp;") == r"\*x\* \<img src=x\> \[a\](b) \`c \| \&amp;"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it mirrors `src/a_b.py` and *no* other", r"it mirrors `src/a_b.py` and \*no\* other"),
        ("`[a](command:b)` [a](command:b)", r"`[a](command:b)` \[a\](command:b)"),
        ("a ` b [a](b)", r"a \` b \[a\](b)"),
        ("``a`b`` [a](b)", r"\`\`a\`b\`\` \[a\](b)"),
        ("C:\\`a`", r"C:\\`a`"),
    ],
)
def test_a_sentence_keeps_its_code_spans_and_shows_the_rest_as_it_is(text: str, shown: str) -> None:
    assert sentence(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("[a](command:b)", "[a] (command:b)"), ("[[a]](file:///b)", "[[a]] (file:///b)"), ("x[0] (y)", "x[0] (y)")],
)
def test_a_message_holds_no_links(text: str, shown: str) -> None:
    assert unlinked(text) == shown


@pytest.mark.parametrize("text", ["a_b*c", "<b>`x`</b>", "1 | 2", r"C:\dir\*"])
def test_a_client_without_markdown_sees_the_text_itself(text: str) -> None:
    assert without_markup(f"**head**\n\n```text\n{'bar'}\n```\n{sentence(text)}") == f"head\n\nbar\n{text}"
