"""Which other tasks a text relies on."""

from dataclasses import replace

import pytest

from agent_server.analysis.words.task_references import TaskNames, references
from tests.analysis.analysed import plan_of

PLAN = plan_of("""
    ## data: Write the data
    ## hub: Build the hub page
    ## auth-api: Build the login service
    ## last: Tie it together
""")
NAMES = TaskNames(PLAN.tasks)


def meant(text: str) -> list[str]:
    found = (NAMES.meant(each, PLAN.tasks[3]) for each in references(text))
    return [task for task in found if task is not None]


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("Start after task `data`.", ["data"]),
        ("Start after task data.", ["data"]),
        ("Uses the output of Task 2.", ["hub"]),
        ("This depends on tasks 1, 2 and 3.", ["data", "hub", "auth-api"]),
        ("Depends on: Task 1-3", ["data", "hub", "auth-api"]),
        ("(depends on T001, T002)", ["data", "hub"]),
        ("Once `hub` is done, link it.", ["hub"]),
        ("Use the `ClayEntry` type from task data.", ["data"]),
        ("It depends on the login task.", ["auth-api"]),
        ("Extend what was created in the previous task.", ["auth-api"]),
        ("Show the entries defined in task 1.", ["data"]),
        ("Implement what the login task decided.", ["auth-api"]),
        ("**Depends on**: T001, T002", ["data", "hub"]),
        ("The type is defined in task 1.", ["data"]),
        ("Sign the token (T003), and store it.", ["auth-api"]),
        ("Compare it with the id of the device (from T001).", ["data"]),
        ("Show the entries from Task 1 and Task 2.", ["data", "hub"]),
        ("Invoke the T003 emitter; it makes T002 pass.", ["auth-api", "hub"]),
        ("**Test**: T002 tests pass", ["hub"]),
    ],
)
def test_words_that_rely_on_a_task(text: str, tasks: list[str]) -> None:
    assert meant(text) == tasks


@pytest.mark.parametrize(
    "text",
    [
        "See task 2.",
        "Do it in the same way as task 2.",
        "Unlike task 2, keep it short.",
        "This does not depend on task 2.",
        "It is independent of task 2.",
        "The rest will be added in task 2.",
        "Run before task 2.",
        "After the task is done, say so.",
        "Once `hub` returns, go on.",
        "Use the same logic as the middleware of task 2 (T002).",
        "All tasks of the interface (T001, T002) are blocked until this one is done.",
        "Keep it different from task 2, and apart from T001.",
        "It must not be called from T002.",
        "The account page gets a button (component C, task 2).",
        "```\nafter task 2\n```",
    ],
)
def test_words_that_only_point_at_one(text: str) -> None:
    assert meant(text) == []


def test_tasks_that_bear_numbers_are_meant_by_these() -> None:
    plan = plan_of("## t007: First\n\n## t012: Second\n")
    (found,) = references("(depends on T012)")
    assert TaskNames(plan.tasks).meant(found, plan.tasks[0]) == "t012"


@pytest.mark.parametrize(
    ("text", "tasks"),
    [
        ("Depends on task 01-03.", ["01-03-badges"]),
        ("`src/a.h` as written in Task 01-03-T1", ["01-03-badges"]),
        ("Uses the output of tasks 01-01 and 01-02", ["01-01", "01-02"]),
        ("Depends on task 01-07.", []),  # it is spelled like an id, and there is none
        ("After Task 1: run all tests.", []),  # that is a part of this task
    ],
)
def test_ids_that_are_numbers_with_hyphens_are_no_ranges(text: str, tasks: list[str]) -> None:
    plan = [replace(PLAN.tasks[0], id=each) for each in ("01-01", "01-02", "01-03-badges", "01-04")]
    names = TaskNames(plan)
    assert [*dict.fromkeys(filter(None, (names.meant(each, plan[3]) for each in references(text))))] == tasks


def test_a_word_that_goes_on_behind_two_numbers_is_no_range() -> None:
    assert meant("Depends on task 1-3-T1.") == []


def test_words_that_may_tell_of_work_to_come_are_less_sure() -> None:
    sure, likely = references("It depends on task 1. The table (T002) has a column.")
    assert sure.confidence > likely.confidence


def test_words_that_fit_several_titles_mean_none() -> None:
    (found,) = references("It depends on the build task.")
    assert NAMES.meant(found, PLAN.tasks[0]) is None


@pytest.mark.parametrize(
    "piece", ["Task 1", "-1", "Task 1-2-3 depends on ", "depends on 1-2, ", ".a", "not the (T001) "]
)
def test_a_sentence_without_an_end_costs_no_more_than_its_length(piece: str) -> None:
    references(f"Task 1-2{piece * 1_500}")
