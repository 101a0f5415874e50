"""Plans in JSON: what holds for each of them, wherever it breaks off, and for real ones where a corpus is at hand."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agent_server.plan.edits import add_items, remove_item, set_field
from agent_server.plan.formats import READERS, Reader, reader_for
from agent_server.plan.model import Plan, Status, Task, apply_edits
from agent_server.plan.text import Span
from tests.corpus.plans import CorpusPlan, corpus, needs_corpus

FORMATS = {"taskmaster": "task-master", "beads": "beads", "ralph": "ralph-prd"}
TASKS = """\
\ufeff{
  "master": {
    "tasks": [
      {
        "id": 1,
        "title": "Write \\"data\\"",
        "description": "Entries go to `src/data.ts`.\\nSee `docs/\\u00e9tat.md`.",
        "dependencies": [],
        "status": "pending",
        "subtasks": [
          {"id": 1, "title": "Read", "dependencies": []},
          {"id": 2, "title": "Write `src/data.ts`", "dependencies": [1], "files": ["src/data.ts"]}
        ]
      },
      {"id": 2, "title": "Show", "details": "In `src/hub.ts`.", "dependencies": [1], "status": "pending"}
    ]
  }
}
"""
ISSUES = """\
{"id":"w-a","title":"Data","status":"open","issue_type":"epic"}
{"id":"w-1","title":"Read","description":"From `in.csv`","status":"open","issue_type":"task","estimated_minutes":30}
{"id":"w-a.1","title":"Write","status":"open","issue_type":"task","dependencies":[{"depends_on_id":"w-1","type":"blocks"}]}
"""
STORIES = """\
{"project": "Wiki", "userStories": [
  {"id": "US-1", "title": "Data", "acceptanceCriteria": ["`src/data.ts` is there"], "priority": 1, "passes": true},
  {"id": "US-2", "title": "Hub", "description": "In `src/hub.ts`", "priority": 2, "passes": false,
   "verificationCommand": "npm test"}
]}
"""
PLANS = [(".taskmaster/tasks/tasks.json", TASKS), (".beads/issues.jsonl", ISSUES), ("prd.json", STORIES)]
every_plan = pytest.mark.parametrize(("path", "text"), PLANS, ids=[path for path, _ in PLANS])


def read(path: str, text: str) -> Plan:
    reader = reader_for(path, text)
    assert reader is not None
    return reader.parse(text)[0]


def spans(task: Task) -> Iterator[Span]:
    yield from (task.id_span, task.title_span, task.heading, task.field_lines, task.instructions_span)
    yield from (item.span for item in (*task.needs, *task.writes, *task.reads, *filter(None, [task.verify])))
    if task.status_span is not None:
        yield task.status_span


def check_places(plan: Plan) -> None:
    """Tasks stand one behind the other, all of a task stands in it, and its words are as long as they are written."""
    end = 0
    for task in plan.tasks:
        assert end <= task.span.start < task.span.end <= len(plan.text)
        end = task.span.end
        assert all(task.span.start <= span.start <= span.end <= task.span.end for span in spans(task))
        for words, start in task.words:
            there = plan.text[start : start + len(words)]
            assert start + len(words) <= task.span.end
            if "\\" not in there and "\n" not in words:
                assert words == there


def said(task: Task) -> tuple[object, ...]:
    needs = frozenset(need.text for need in task.needs)
    return task.id, task.title, task.instructions, task.status, task.phase, task.wave, needs


@every_plan
def test_all_of_a_task_stands_in_its_object(path: str, text: str) -> None:
    plan = read(path, text)
    assert len(plan.tasks) > 1
    check_places(plan)


@every_plan
def test_a_text_that_breaks_off_anywhere_keeps_what_came_before(path: str, text: str) -> None:
    reader = reader_for(path, text)
    assert reader is not None
    whole, _ = reader.parse(text)
    for end in range(len(text)):
        plan, problems = reader.parse(text[:end])
        check_places(plan)
        assert {found.code for found in problems} <= {"bad-json", "unknown-task"}
        kept = [task.title for task in whole.tasks if task.span.end <= end]
        assert [task.title for task in plan.tasks][: len(kept)] == kept


def test_paths_are_found_where_they_are_written() -> None:
    task = read(*PLANS[0]).tasks[1]
    assert (task.id, task.writes[0].text, task.writes[0].span.of(TASKS)) == ("1.2", "src/data.ts", "src/data.ts")


def test_an_epic_is_no_task_and_estimates_are_minutes() -> None:
    plan = read(*PLANS[1])
    assert [(task.id, task.minutes) for task in plan.tasks] == [("w-1", 30.0), ("w-a.1", None)]


def test_a_story_may_say_how_it_is_verified() -> None:
    verify = read(*PLANS[2]).tasks[1].verify
    assert verify is not None
    assert (verify.text, verify.span.of(STORIES)) == ("npm test", "npm test")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".beads/interactions.jsonl", '{"id":"1","kind":"comment"}\n'),
        ("src/tasks/tasks.json", '{"version": "2.0.0", "tasks": [{"label": "build", "type": "shell"}]}'),
        ("prd.json", '{"title": "Wiki", "sections": []}'),
    ],
)
def test_other_files_of_those_names_are_no_plans(path: str, text: str) -> None:
    assert reader_for(path, text) is None


def test_an_edit_has_only_that_task_read_again() -> None:
    reader = READERS["beads"]
    before, _ = reader.parse(ISSUES)
    after, _ = reader.parse(ISSUES.replace("in.csv", "in.tsv"), before)
    assert [one is other for one, other in zip(before.tasks.homes, after.tasks.homes, strict=True)] == [False, True]


LISTS = """\
{
  "tasks": [
    {"id": 1, "title": "Data", "subtasks": [
      {"id": 1, "title": "Read", "details": "From `in.csv`.", "status": "done"}
    ]},
    {"id": 2, "title": "Hub", "subtasks": [
      {"id": 1, "title": "Show", "details": "In `hub.ts`.", "dependencies": [], "status": "pending"}
    ]}
  ],
  "metadata": {"projectName": "Wiki"}
}
"""


def test_words_typed_in_a_list_of_tasks_have_only_their_task_read_again() -> None:
    reader = READERS["task-master"]
    before, _ = reader.parse(LISTS)
    after, problems = reader.parse(LISTS.replace("In `hub.ts`.", "In `pages/hub.ts`."), before)
    assert (after, problems) == reader.parse(after.text)
    # The group before stands where it did; had the text been read as a whole, it would be another object.
    assert after.phases[0] is before.phases[0]
    assert after.title_span.of(after.text) == after.title == "Wiki"
    assert after.tasks[1].instructions == "In `pages/hub.ts`."


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"pending"', '"done"'),
        ('"dependencies": []', '"dependencies": ["1.1"]'),
        ("hub.ts`.", 'hub.ts`.", "subtasks": [{"id": 7, "title": "Part"}], "x": "'),
        ("hub.ts`.", 'hub.ts`."'),
        ('"Show"', '"Show'),
        ("hub.ts`.", "hub.ts`.\n"),
    ],
)
def test_what_says_more_than_words_has_the_list_read(old: str, new: str) -> None:
    reader = READERS["task-master"]
    before, _ = reader.parse(LISTS)
    reading = reader.parse(LISTS.replace(old, new), before)
    assert reading == reader.parse(reading[0].text)


def test_a_list_that_is_broken_elsewhere_stays_so_while_words_are_typed() -> None:
    reader = READERS["task-master"]
    broken = LISTS.replace('"metadata": {', '"metadata" {')
    before, problems = reader.parse(broken)
    assert [problem.code for problem in problems] == ["bad-json"]
    after, problems = reader.parse(broken.replace("In `hub.ts`.", "In `pages/hub.ts`."), before)
    assert (after, problems) == reader.parse(after.text)


def test_groups_within_groups_without_end_are_read() -> None:
    lines = [
        json.dumps(
            {
                "id": f"w-{at}",
                "title": "Deep",
                "issue_type": "epic",
                "dependencies": [
                    {"depends_on_id": f"w-{(at + 1) % 500}", "type": kind} for kind in ("parent-child", "blocks")
                ],
            }
        )
        for at in range(500)
    ]
    plan, _ = READERS["beads"].parse("\n".join(lines))
    assert not plan.tasks


@pytest.mark.parametrize(
    ("text", "task_id", "change", "expected"),
    [
        (
            '{"tasks": [\r\n {"id": 1, "dependencies": [\r\n  3]},\r\n {"id": 2, "dependencies": []},\r\n {"id": 3}]}',
            "2",
            ("needs", "3"),
            ' {"id": 2, "dependencies": [\r\n   3\r\n ]},\r\n',
        ),
        ('{"tasks": [{\n  "title": "A"\n}]}', "1", ("status", "done"), '{\n  "title": "A",\n  "status": "done"\n}'),
        ('{"tasks":[{"id":1},{"id":2,"title":"A"}]}', "2", ("needs", "1"), '"title":"A","dependencies":[1]}'),
        ('{"tasks": [{"id": 1, "dependencies": [2, /* and */ 3]}, {"id": 2}]}', "1", ("needs", "3"), "[3]"),
        ('{"tasks": [{"id": 1, "dependencies": [2, /* and */ 3]}, {"id": 3}]}', "1", ("needs", "2"), "[2]"),
        ('{"tasks": [{"id": 1, "dependencies": [ 2, 3 ]}, {"id": 4}]}', "1", ("needs", "4"), "[ 4 ]"),
        ('{"tasks": [{"id": 1, "dependencies": null}, {"id": 2}]}', "1", ("needs", "2"), "null"),
    ],
    ids=["line ends", "lines", "no spaces", "first of two", "last of two", "others instead", "no array"],
)
def test_new_text_is_written_as_what_stands_beside_it(
    text: str, task_id: str, change: tuple[str, str], expected: str
) -> None:
    plan, _ = READERS["task-master"].parse(text)
    task = plan.task(task_id)
    assert task is not None
    name, item = change
    assert expected in apply_edits(text, set_field(plan, task, name, item))


# Real plans


REAL = [plan for plan in corpus(*FORMATS) if plan.file.endswith((".json", ".jsonl"))]
every_real_plan = pytest.mark.parametrize("real", REAL, ids=lambda real: real.file)


@needs_corpus
@every_real_plan
def test_real_plans_have_tasks_in_their_places(real: CorpusPlan) -> None:
    reader = READERS[FORMATS[real.kind]]
    plan, problems = reader.parse(real.text)
    assert reader.recognises(real.text)
    assert plan.tasks
    assert problems == ()
    check_places(plan)


@needs_corpus
@every_real_plan
def test_edits_of_real_plans_change_what_they_say_and_no_other_byte(real: CorpusPlan) -> None:
    reader = READERS[FORMATS[real.kind]]
    plan, _ = reader.parse(real.text)
    every = max(1, len(plan.tasks) // 25)
    made = [change(reader, plan, task) for task in plan.tasks[::every] for change in CHANGES]
    assert any(made)


def mark_done(reader: Reader, plan: Plan, task: Task) -> bool:
    wanted = Status.TODO if task.status is Status.DONE else Status.DONE
    edits = set_field(plan, task, "status", wanted)
    if not edits:
        return False
    text = apply_edits(plan.text, edits)
    after, _ = reader.parse(text, plan)
    assert [each.status for each in after.tasks if each.id == task.id] == [wanted]
    assert same_but(plan, after, task)
    assert apart_from_status(json_of(plan.text)) == apart_from_status(json_of(text))
    assert unchanged(plan, text, task)
    return True


def need_another(reader: Reader, plan: Plan, task: Task) -> bool:
    other = next(
        (each for each in plan.tasks if each.id != task.id and each.id not in {n.text for n in task.needs}), None
    )
    edits = add_items(plan, task, "needs", [other.id]) if other else ()
    if not edits or other is None:
        return False
    text = apply_edits(plan.text, edits)
    after, _ = reader.parse(text, plan)
    changed = after.task(task.id)
    assert changed is not None
    assert {need.text for need in changed.needs} == {*(need.text for need in task.needs), other.id}
    assert unchanged(plan, text, task)
    back = apply_edits(text, remove_item(after, changed, "needs", other.id))
    assert reader.parse(back)[0].task(task.id) is not None
    assert json_of(back) == json_of(plan.text) or "dependencies" not in task.span.of(plan.text)
    return True


def need_less(reader: Reader, plan: Plan, task: Task) -> bool:
    edits = remove_item(plan, task, "needs", task.needs[0].text) if task.needs else ()
    if not edits:
        return False
    text = apply_edits(plan.text, edits)
    changed = reader.parse(text, plan)[0].task(task.id)
    assert changed is not None
    assert [need.text for need in changed.needs] == [need.text for need in task.needs[1:]]
    assert unchanged(plan, text, task)
    return True


CHANGES: list[Callable[[Reader, Plan, Task], bool]] = [mark_done, need_another, need_less]


def unchanged(plan: Plan, text: str, task: Task) -> bool:
    """Whether all that stands outside a task is as it was."""
    behind = plan.text[task.span.end :]
    return text.startswith(plan.text[: task.span.start]) and text.endswith(behind)


def same_but(plan: Plan, after: Plan, task: Task) -> bool:
    pairs = zip(plan.tasks, after.tasks, strict=True)
    return all(said(one)[:5] == said(other)[:5] for one, other in pairs if one.id != task.id)


def json_of(text: str) -> Any:
    """What the text means to anybody else."""
    try:
        return json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def apart_from_status(value: Any) -> Any:
    """A value without what a status is written with."""
    told = {"status", "passes", "closed_at", "close_reason"}
    if isinstance(value, dict):
        return {name: apart_from_status(item) for name, item in value.items() if name not in told}
    return [apart_from_status(item) for item in value] if isinstance(value, list) else value
