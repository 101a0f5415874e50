"""The block structure below a plan: what is a heading, and what is hidden in code and comments."""

import pytest

from agent_server.plan.markdown.blocks import CODE, COMMENT, scan


def headings(text: str) -> list[tuple[int, str]]:
    return [(heading.level, heading.content.of(text)) for heading in scan(text).headings]


@pytest.mark.parametrize(
    ("line", "level", "content"),
    [
        ("# Title", 1, "Title"),
        ("## data: Write it", 2, "data: Write it"),
        ("   ### indented by three", 3, "indented by three"),
        ("##\ttab", 2, "tab"),
        ("## closed ##", 2, "closed"),
        ("## C#", 2, "C#"),
        ("## trailing blanks  \t", 2, "trailing blanks"),
        ("## with <!-- a remark -->", 2, "with"),
        ("##", 2, ""),
        ("## ", 2, ""),
        ("## ##", 2, ""),
        ("###### six", 6, "six"),
    ],
)
def test_a_heading(line: str, level: int, content: str) -> None:
    assert headings(line) == [(level, content)]
    assert headings(f"before\r\n{line}\r\nafter") == [(level, content)]


@pytest.mark.parametrize(
    "line",
    ["##no space", "####### seven", "    ## indented by four", "\t## indented by a tab", "> ## quoted", "\\## x"],
)
def test_no_heading(line: str) -> None:
    assert headings(line) == []


@pytest.mark.parametrize(
    "code",
    [
        "```\n## no\n```",
        "~~~\n## no\n~~~",
        "````md\n```\n## no\n```\n````",
        "```\n## no\n~~~\n## no\n```",
        "~~~ `info` with ticks\n## no\n~~~",
        "   ```\n## no\n   ```",
        "```\n## no\n   `````  ",
        "- ```\n  ## no\n  ```",
        "1. a step\n\n    ```\n    # no\n    ```",
        "```\n## no\n    ```\n## no\n```",
    ],
)
def test_fenced_code_holds_no_headings(code: str) -> None:
    assert headings(f"# a\n{code}\n# b") == [(1, "a"), (1, "b")]


@pytest.mark.parametrize("code", ["`` ` ``", "``` inline ``` code", "``\n", "~~ struck ~~"])
def test_what_is_no_fence_hides_nothing(code: str) -> None:
    assert headings(f"{code}\n# b") == [(1, "b")]


def test_a_fence_in_a_list_item_ends_with_the_item() -> None:
    assert headings("- ```\n  # no\n# b") == [(1, "b")]


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- ## no -->",
        "<!--\n## no\n-->",
        "<!--\n\n## no\n\n--> ## no",
        "  <!-- a\n## no -->",
        "<!--> ## no",
        "<!-- ``` -->",
    ],
)
def test_comments_hold_no_headings(comment: str) -> None:
    assert headings(f"# a\n{comment}\n# b") == [(1, "a"), (1, "b")]


def test_a_comment_in_code_is_code() -> None:
    assert headings("`<!--`\n# a") == [(1, "a")]
    assert headings("```\n<!--\n```\n# a") == [(1, "a")]
    text = "## `<!-- a -->` <!-- b -->"
    assert headings(text) == [(2, "`<!-- a -->`")]


@pytest.mark.parametrize(("opening", "kind", "closing"), [("````", CODE, "````"), ("<!-- a", COMMENT, "-->")])
def test_what_is_never_closed_hides_the_rest_and_says_so(opening: str, kind: int, closing: str) -> None:
    text = f"# a\n{opening}\n# b\n"
    blocks = scan(text)
    assert list(blocks.kinds) == [0, kind, kind, kind]
    (unclosed,) = blocks.unclosed
    assert unclosed.closing == closing
    assert unclosed.span.of(text) == opening[:4]


def test_blanking_comments_keeps_every_offset() -> None:
    text = "a <!-- 🦊 --> b\r\nc <!-- open\r`<!-- code -->` <!----> d"
    blocks = scan(text)
    assert len(blocks.text) == len(text)
    assert blocks.text == "a            b\r\nc <!-- open\r`<!-- code -->`         d"
