"""What literate cases cannot show of checklists: odd characters, places, context, problems, and what is kept."""

import pytest

from agent_server.plan.edits import set_field
from agent_server.plan.formats.conductor import READER as CONDUCTOR
from agent_server.plan.formats.kiro import READER as KIRO
from agent_server.plan.formats.spec_kit import READER as SPEC_KIT
from agent_server.plan.model import Plan, Status, apply_edits

TASKS = """\
# Tasks: Wiki

**Input**: `/specs/001-wiki/`

## Format: `[ID] [P?] Text`
- **[P]**: side by side

## Background
The wiki is about clay.

## Table of contents
1. Setup

---

## Phase 1: Setup
- [ ] T001 Create `src/a.py`
- [ ] T002 [P] Create `src/b.py`
  - with care

## Phase 2: Pages
- [ ] T003 [P] Create `src/c.py`
"""


def read(text: str, before: Plan | None = None) -> Plan:
    return SPEC_KIT.parse(text, before)[0]


def test_context_is_the_prose_above_the_phases_without_what_explains_the_file() -> None:
    assert read(TASKS).context == "**Input**: `/specs/001-wiki/`\n\n## Background\n\nThe wiki is about clay."


def test_phases_have_titles_and_places() -> None:
    phases = read(TASKS).phases
    assert [phase.title for phase in phases] == ["Phase 1: Setup", "Phase 2: Pages"]
    assert [phase.title_span.of(TASKS) for phase in phases] == ["Phase 1: Setup", "Phase 2: Pages"]
    assert [phase.span.of(TASKS).splitlines()[0] for phase in phases] == ["## Phase 1: Setup", "## Phase 2: Pages"]


@pytest.mark.parametrize("odd", ["\ufeff{}", "---\nfeature: wiki\n---\n{}", "\n\n{}", "---\n{}"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_places_are_right_whatever_the_line_ends_and_the_start(odd: str, line_end: str) -> None:
    text = odd.format(TASKS).replace("\n", line_end)
    plan = read(text)
    assert plan.title_span.of(text) == plan.title == "Tasks: Wiki"
    assert [task.id_span.of(text) for task in plan.tasks] == ["T001", "T002", "T003"]
    assert [task.title_span.of(text) for task in plan.tasks] == [task.title for task in plan.tasks]
    assert [task.parallel.of(text) for task in plan.tasks if task.parallel] == ["[P]", "[P]"]
    assert [task.status_span.of(text) for task in plan.tasks if task.status_span] == [" ", " ", " "]
    assert plan.tasks[1].instructions_span.of(text) == "- with care"


def test_a_plan_may_end_anywhere() -> None:
    for end in range(len(TASKS)):
        plan = read(TASKS[:end])
        assert plan.text == TASKS[:end]
        assert len(plan.tasks) <= 3


def test_tabs_nest_as_spaces_do() -> None:
    plan = read("- [ ] T001 Build\n\t- [ ] a step\n\t\t- a detail\n- [ ] T002 Paint\n")
    assert [(task.id, task.instructions) for task in plan.tasks] == [
        ("T001", "- [ ] a step\n\t\t- a detail"),
        ("T002", ""),
    ]


def test_ids_are_made_of_titles_in_any_script() -> None:
    plan = read("- [ ] \U0001f41d Feed the bees\n- [ ] \U0001f41d\n- [ ] 表\n- [ ] <b>Bold</b>\n")
    assert [task.id for task in plan.tasks] == ["feed-the-bees", "task-2", "task-3", "bbold-b"]


def test_an_open_block_is_told_and_a_conflict_is() -> None:
    _, problems = SPEC_KIT.parse("- [ ] T001 Build\n\n```\n- [ ] T002 Paint\n")
    assert [problem.code for problem in problems] == ["unclosed-block"]
    text = "- [ ] T001 Build\n<<<<<<< HEAD\n- [x] T002 Paint\n=======\n- [ ] T002 Paint it\n>>>>>>> paint\n"
    plan, problems = SPEC_KIT.parse(text)
    assert [(problem.code, problem.span.of(text)) for problem in problems] == [("merge-conflict", "<<<<<<< HEAD")]
    assert [(task.id, task.status) for task in plan.tasks] == [("T001", Status.TODO), ("T002", Status.DONE)]


def test_ids_that_repeat_and_needs_that_nobody_meets_are_told() -> None:
    text = "- [ ] T001 Build\n- [ ] T001 Paint (depends on T009)\n"
    assert [problem.code for problem in SPEC_KIT.parse(text)[1]] == ["duplicate-id", "unknown-task"]


def test_a_group_may_be_needed() -> None:
    text = "- [ ] 1. Base\n  - [ ] 1.1 Build\n- [ ] 2. Top\n  - [ ] 2.1 Paint\n    - _Depends: 1_\n"
    assert KIRO.parse(text)[1] == ()


def test_typing_in_a_task_leaves_all_others_the_same_objects() -> None:
    plan = read(TASKS)
    after = read(TASKS.replace("with care", "with great care"), plan)
    assert [one is other for one, other in zip(plan.tasks.homes, after.tasks.homes, strict=True)] == [True, False, True]
    assert after.tasks[1].instructions == "- with great care"
    assert after.tasks[2].title_span.of(after.text) == "Create `src/c.py`"
    assert after == read(after.text)


@pytest.mark.parametrize("typed", ["\n", "  \n", "  - and a note\n", "\n  And a word.\n\n", "  - [ ] a step\n"])
def test_what_is_typed_below_a_task_has_only_that_one_read_again(typed: str) -> None:
    text = f"{TASKS}\n## Phase 3: Last\n- [ ] T004 Ship it\n"
    plan = read(text)
    at = plan.tasks[2].span.end
    after = read(text[:at] + typed + text[at:], plan)
    assert after == read(after.text)
    # The phase before stands where it did; had the text been read as a whole, it would be another object.
    assert after.phases[0] is plan.phases[0]
    assert [task.title_span.of(after.text) for task in after.tasks] == [task.title for task in plan.tasks]


@pytest.mark.parametrize("typed", ["- [ ] T009 New\n", "## Phase 9\n", "Words of their own.\n", "```\n"])
def test_what_may_be_more_than_a_note_has_the_text_read(typed: str) -> None:
    plan = read(TASKS)
    at = plan.tasks[1].span.end
    after = read(TASKS[:at] + typed + TASKS[at:], plan)
    assert after == read(after.text)


def test_a_new_line_leaves_all_others_the_same_objects() -> None:
    plan = read(TASKS)
    after = read(TASKS.replace("## Phase 2", "- [ ] T004 [P] Create `src/d.py`\n\n## Phase 2"), plan)
    kept = [task for task in after.tasks.homes if task in plan.tasks.homes]
    assert [task.id for task in kept] == ["T001", "T002", "T003"]
    assert all(any(task is other for other in plan.tasks.homes) for task in kept)


def test_boxes_of_conductor_keep_the_hash_of_their_commit() -> None:
    text = "## Phase 1\n- [x] Task: Build `src/a.py` [0a1b2c3]\n"
    plan, _ = CONDUCTOR.parse(text)
    assert plan.tasks[0].title == "Build `src/a.py`"
    assert apply_edits(text, set_field(plan, plan.tasks[0], "status", ())) == text.replace("[x]", "[ ]")


def test_other_marks_in_a_box_are_open() -> None:
    plan = read("".join(f"- [{mark}] T00{number} Build\n" for number, mark in enumerate("~/>!?", 1)))
    assert [task.status for task in plan.tasks] == [Status.TODO] * 5
