"""What tools print, read: each section of `build_outputs.md` is a test, most of them with what a real tool printed."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.build_output.problems import FAMILIES, MOST, problems_in
from agent_server.analysis.settings import Severity

ROOT = "/home/ada/kiln"
TEXT = (Path(__file__).parent / "build_outputs.md").read_text()
FILES = re.search(r"```files\n(.*?)\n```", TEXT, re.DOTALL)[1].split("\n")  # type: ignore[index]  # it is there
SECTIONS = re.findall(r"^## (.*?)\n\n~~~output\n(.*?)\n~~~\n\n```problems\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)


def shown(problem: BuildProblem) -> str:
    column = "" if problem.column is None else f":{problem.column}"
    code = f"[{problem.code}]" if problem.code else ""
    place = f"{problem.path} {problem.line}{column}"
    return f"{place} {problem.severity.value} {problem.source or '-'}{code} {problem.message}\n"


def said(output: str, known: list[str] = FILES, roots: tuple[str, ...] = (ROOT,)) -> list[BuildProblem]:
    return list(problems_in(output, roots, known))


@pytest.mark.parametrize(("output", "expected"), [each[1:] for each in SECTIONS], ids=[each[0] for each in SECTIONS])
def test_problems_of(output: str, expected: str) -> None:
    assert "".join(map(shown, said(output))) == expected


def test_every_section_is_a_test() -> None:
    assert len(SECTIONS) == TEXT.count("\n## ") > 40


def test_a_build_in_a_copy_is_about_the_same_files() -> None:
    output = "/state/sandboxes/a-1/tree/src/clay.py:6: error: Bad  [misc]\n"
    assert said(output) == []
    (found,) = said(output, roots=(ROOT, "/state/sandboxes/a-1/tree/"))
    assert (found.path, found.line) == ("src/clay.py", 5)


def test_a_path_that_may_be_several_files_is_none() -> None:
    output = "index.ts(1,1): error TS1005: ';' expected.\n"
    assert [each.path for each in said(output, ["web/index.ts"])] == ["web/index.ts"]
    assert said(output, ["web/index.ts", "api/index.ts"]) == []
    assert [each.path for each in said(output, ["index.ts", "api/index.ts"])] == ["index.ts"]


def test_what_make_has_left_it_comes_back_to() -> None:
    output = f"""\
make: Entering directory '{ROOT}/one'
make[1]: Entering directory '{ROOT}/two'
a.c:1:1: error: inner
make[1]: Leaving directory '{ROOT}/two'
a.c:1:1: error: outer
make: Leaving directory '{ROOT}/one'
a.c:1:1: error: outmost
"""
    found = said(output, ["one/a.c", "two/a.c", "a.c"])
    assert [(each.path, each.message) for each in found] == [
        ("two/a.c", "inner"),
        ("one/a.c", "outer"),
        ("a.c", "outmost"),
    ]


def test_of_too_many_the_gravest_are_kept_in_their_order() -> None:
    warnings = [f"src/clay.py:{line}:1: warning: pale {line}" for line in range(1, 300)]
    errors = [f"src/kiln.py:{line}:1: error: cold {line}" for line in range(1, 100)]
    mixed = [line for pair in zip(warnings, [*errors, *[""] * 200], strict=True) for line in pair]
    found = said("\n".join(mixed))
    assert len(found) == MOST
    severities = [each.severity for each in found]
    assert severities.count(Severity.ERROR) == len(errors)
    assert severities[0] is Severity.WARNING
    lines = [each.line for each in found if each.severity is Severity.WARNING]
    assert lines == sorted(lines) == list(range(101))


def test_a_line_of_megabytes_is_cut_and_the_rest_is_read() -> None:
    hostile = ["src/clay.py:1: error: " + "(" * 3_000_000, "    at " + " (a" * 300_000, "_" * 200_000 + " a _"]
    found = said("\n".join([*hostile, "src/kiln.py:2: error: cold  [misc]"]))
    assert found[-1].path == "src/kiln.py"
    assert all(len(each.message) <= 500 for each in found)


MARKS = [":", "(", ")", "[", "]", ",", "'", '"', "::", "^", "-->", "___", "\u25cf", "\u276f", " ", "  ", "\t", "\n"]
WORDS = ["src/clay.py", "1", "2", "error", "at", "File", "warning", "E", "panic", "thread", "make", "FAIL", "a"]
PIECES = st.sampled_from([*WORDS, *MARKS])


@given(st.lists(PIECES, max_size=60).map("".join))
def test_nothing_that_is_printed_is_a_fault(output: str) -> None:
    for found in said(output):
        assert found.path in FILES
        assert found.line >= 0
        assert found.message
    lines = output.split("\n")
    for family in FAMILIES:
        for remark in family(lines):
            assert 0 <= remark.at < len(lines)
            assert remark.places
