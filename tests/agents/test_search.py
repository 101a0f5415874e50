import pytest

from agent_server.agents.search import MAX_COLUMNS, MAX_LINES, Line, search


def test_both_ways_of_matching_find_the_same() -> None:
    texts = [("a.py", "import os\r\nimport sys\n"), ("b.py", "x = 1\n")]
    plain, _ = search("import", texts)
    regular, _ = search("^import", texts, seconds=60)
    assert plain == regular == (Line("a.py", 1, "import os"), Line("a.py", 2, "import sys"))


@pytest.mark.parametrize("pattern", ["line", "l.ne"])
def test_lines_and_columns_are_capped(pattern: str) -> None:
    found, more = search(pattern, [("a", f"line {'x' * 1000}\n" * (MAX_LINES + 1))], seconds=60)
    assert more
    assert len(found) == MAX_LINES
    assert {len(line.text) for line in found} == {MAX_COLUMNS}


def test_an_expression_that_would_never_end_is_stopped() -> None:
    with pytest.raises(ValueError, match="simpler"):
        search("(a+)+$", [("a", f"{'a' * 64}!")], seconds=0.3)
