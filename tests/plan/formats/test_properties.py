"""What holds for every reader of a text, whatever is typed into it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.plan.formats import Reader, reader_for
from agent_server.plan.model import WRITABLE, Plan
from tests.plan.formats.cases import Case, load_cases
from tests.plan.formats.edits import changes_of, check_change, check_new_task

CASES = [case for case in load_cases() if len(case.files) == 1]
NAMES = ("spec_kit", "kiro", "openspec", "conductor", "ralph")
CHECKLISTS = [case for case in CASES if case.file.stem in NAMES]

PIECES = (
    *(
        "\n",
        "\r\n",
        "\n\n",
        "  ",
        "\t",
        " ",
        "#",
        "## ",
        "### Phase 2\n",
        "- [ ] ",
        "- [x] ",
        "* ",
        "1. ",
        "[P] ",
        "(P) ",
    ),
    *("T001", "T002 ", "1.1 ", "2. ", "Task: ", "**", "`", "```\n", "~~~", "<!--", "-->", "---\n", "<<<<<<< a\n"),
    *(
        "=======\n",
        ">>>>>>> b\n",
        "(depends on T001)",
        "_Depends: 1.1_",
        "[",
        "]",
        "(",
        ")",
        "\\",
        "\ufeff",
        "\U0001f41d",
    ),
    *("é", "表", "\0", "\u2028", "x", "word "),
)
SPLICE = st.tuples(st.integers(0), st.integers(0, 12), st.lists(st.sampled_from(PIECES), max_size=3).map("".join))


def _reader(case: Case) -> tuple[Reader, str]:
    path, text = case.files[0]
    reader = reader_for(path, text)
    assert reader is not None
    return reader, text


def _spliced(text: str, splice: tuple[int, int, str]) -> str:
    at = splice[0] % (len(text) + 1)
    return text[:at] + splice[2] + text[at + splice[1] :]


def _compared(reading: tuple[Plan, object]) -> tuple[Plan, object]:
    return replace(reading[0], readings={}, writer=None), reading[1]


@given(st.sampled_from(CASES), st.lists(SPLICE, min_size=1, max_size=5))
def test_a_text_that_is_being_edited_reads_as_if_it_were_new(case: Case, splices: list[tuple[int, int, str]]) -> None:
    reader, text = _reader(case)
    plan, _ = reader.parse(text)
    for splice in splices:
        text = _spliced(text, splice)
        reading = reader.parse(text, plan)
        assert _compared(reading) == _compared(reader.parse(text))
        plan, problems = reading
        assert plan.text == text
        assert all(0 <= problem.span.start <= problem.span.end <= len(text) for problem in problems)


@given(st.sampled_from(CHECKLISTS), st.data())
def test_an_edit_says_what_was_meant_and_changes_nothing_else(case: Case, data: st.DataObject) -> None:
    reader, text = _reader(case)
    if data.draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    if data.draw(st.booleans()):
        text = text.rstrip()
    plan, _ = reader.parse(text)
    task = data.draw(st.sampled_from(list(plan.tasks)))
    check_change(reader, plan, task, data.draw(st.sampled_from(list(changes_of(plan, task)))))


@pytest.mark.parametrize("name", NAMES)
def test_each_change_that_a_checklist_holds_is_made_in_some_case(name: str) -> None:
    held, made = set[str](), set[str]()
    for case in (case for case in CHECKLISTS if case.file.stem == name):
        reader, text = _reader(case)
        plan, _ = reader.parse(text)
        held |= {field for field in WRITABLE if plan.holds(field)}
        wanted = ((task, change) for task in plan.tasks for change in changes_of(plan, task) if change[0] not in made)
        made |= {change[0] for task, change in wanted if check_change(reader, plan, task, change)}
        made |= {"task"} if check_new_task(reader, plan, "Write the last page") else set()
    assert made == held


@given(st.sampled_from(CHECKLISTS), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_new_task_is_the_only_difference(case: Case, line_end: str, ends: bool) -> None:
    reader, text = _reader(case)
    text = (text if ends else text.rstrip()).replace("\n", line_end)
    plan, _ = reader.parse(text)
    check_new_task(reader, plan, "Write the last page")


HOSTILE = (" ", "\t", "[", ")", "*", "_", "`", "-", "#", "<!--", "- [ ] ", "T001 ", "1.", "depends on ", "after T1, ")


@pytest.mark.parametrize("piece", HOSTILE)
def test_lines_of_a_hundred_thousand_characters_are_read(piece: str) -> None:
    long = piece * (100_000 // len(piece))
    text = f"{long}\n## {long}\n- [ ] T001 depends on {long}\n"
    for reader in {_reader(case)[0].name: _reader(case)[0] for case in CHECKLISTS}.values():
        plan, _ = reader.parse(text)
        assert plan.text == text
        reader.recognises(text)
