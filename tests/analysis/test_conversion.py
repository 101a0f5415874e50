"""Plans of other formats in our own: what they become, and that it is the same plan."""

import pytest

from agent_server.analysis.conversion import converted
from agent_server.plan import native
from agent_server.plan.formats import reader_for
from tests.analysis.conversions import analysed_alone, check_conversion
from tests.plan.formats.cases import Case, load_cases

TASKS = """\
# Tasks: Wiki

Shared by all.

## Constraints

No new packages.

## Phase 1: Setup

Purpose: begin.

- [x] T001 Create `src/a.py`
- [ ] T002 [P] Write `src/b.py` (depends on T001)
- [ ] T003 [P] Check the result

## Dependencies

- T001 comes first.

```sh
never closed
"""
PATH = "specs/1/tasks.md"


def converted_text(text: str, path: str = PATH) -> str:
    reader = reader_for(path, text)
    assert reader is not None
    return converted(analysed_alone(reader.parse(text))).text


def test_a_plan_becomes_ours_in_the_authors_words() -> None:
    assert (
        converted_text(TASKS)
        == """\
# Tasks: Wiki

Shared by all.

### Constraints

No new packages.

## Wave 1: Phase 1: Setup

### t001: Create `src/a.py`
- writes: `src/a.py`
- status: done

## Wave 2: Phase 1: Setup

### t002: Write `src/b.py` (depends on T001)
- writes: `src/b.py`
- needs: t001

### t003: Check the result

## Notes

Purpose: begin.

### Dependencies

- T001 comes first.

```sh
never closed
```
"""
    )


def test_our_own_plans_stay_as_they_are() -> None:
    text = "# A\n\n##   b:   B\n* writes: a\n"
    assert converted_text(text, "x.plan.md") == text


def test_ids_become_ours_and_stay_apart() -> None:
    reader = reader_for(PATH, TASKS)
    assert reader is not None
    twice = TASKS.replace("T003", "T002")
    made = converted(analysed_alone(reader.parse(twice)))
    assert [task.id for task in native.parse(made.text)[0].tasks] == ["t001", "t002", "t002-2"]


def test_what_cannot_be_said_is_told() -> None:
    reader = reader_for(PATH, TASKS)
    assert reader is not None
    made = converted(analysed_alone(reader.parse(TASKS.replace("depends on T001", "depends on T009"))))
    assert made.lost == ("`t002` needs `T009`, which is no task of the plan.",)


def test_a_conflict_of_git_is_told_and_both_its_sides_are_taken() -> None:
    reader = reader_for(PATH, TASKS)
    assert reader is not None
    purpose = "<<<<<<< HEAD\nPurpose: begin.\n=======\nPurpose: start.\n>>>>>>> theirs"
    made = converted(analysed_alone(reader.parse(TASKS.replace("Purpose: begin.", purpose))))
    assert "Git has left a conflict" in made.lost[0]
    assert "Purpose: begin.\nPurpose: start.\n" in made.text


@pytest.mark.parametrize(
    "bullets", ["- writes: x", "- a\n- needs: y", "- wri", "-\n", "* **Files:** a", "- files: a", "- [ ] status: done"]
)
def test_instructions_are_never_taken_for_fields(bullets: str) -> None:
    text = f"# T\n\n- [ ] T001 Do it\n{''.join(f'  {line}{chr(10)}' for line in bullets.splitlines())}\n- [ ] T002 Go\n"
    reader = reader_for(PATH, text)
    assert reader is not None
    plan, problems = native.parse(converted_text(text))
    assert not problems
    assert not plan.tasks[0].needs
    assert not plan.tasks[0].fields


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.id)
def test_each_case_is_the_same_plan_in_our_format(case: Case) -> None:
    check_conversion(analysed_alone(case.read(case.files)))
