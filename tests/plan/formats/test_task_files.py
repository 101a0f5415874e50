"""Plans that are folders: where their files stand, what is kept between versions, and texts that nobody expects."""

import pytest

from agent_server.plan.edits import set_field
from agent_server.plan.formats import READERS, Reader, Reading
from agent_server.plan.formats.places import PLACES
from agent_server.plan.model import Plan, Status, apply_edits

FOLDER_FORMATS = [reader for reader in READERS.values() if reader.parse_files]
ONE = "---\nphase: 01-shop\nplan: 01\nwave: 1\ndepends_on: []\nfiles_modified: [a.py]\n---\nWrite `a.py`."
TWO = "---\nphase: 01-shop\nplan: 02\nwave: 1\ndepends_on: [01]\nfiles_modified: [b.py]\n---\nWrite `b.py`.\n"
HOSTILE = [
    "",
    "---",
    "---\n",
    "---\n---\n",
    "\ufeff---\nid: a\ntitle: b\nstatus: c\n---",
    "---\nid: [\ntitle: b\n---\n",
    "---\nid: task-1\ntitle: |\n---\n",
    "---\nid: 'a\ntitle: \"\nstatus:\n  - \n - x\n---\n",
    "<<<<<<< ours\n---\nid: a\n=======\n---\nid: b\n>>>>>>> theirs\n",
    "---\nid: a\ntitle: t\ndependencies: " + "[" * 50_000 + "\n---\n",
    "---\nid: a\ntitle: t\ndependencies: [" + "'" * 50_000 + "\n---\n",
    "---\nid: a\ntitle: t\ndependencies:" + " " * 100_000 + "x\n---\n",
    "---\n" + "wave: 1\n" * 20_000 + "files_modified:\n" + "- a\n" * 20_000 + "---\n",
    "---\nwave: 99999999999999999999\nfiles_modified: [a]\n---\n<files>" + "(" * 100_000,
    "---\nwave: \u0664\nfiles_modified: [a]\n---\n" + "<objective>" * 10_000 + "<context>" + "@" * 50_000,
    "---\nwave: 1\nfiles_modified: [a]\n---\n<output>" + "/SUMMARY" * 10_000,
    "---\nwave: 1\nfiles_modified: [a]\n---\n<output>" + "a" * 50_000 + "/" * 50_000,
    "---\r\nid: a\rtitle: b\nstatus: \U0001f6a7 Done\r\n---\r\n\ud800",
]


def gsd(*texts: str, before: Plan | None = None) -> Reading:
    parse_files = READERS["gsd"].parse_files
    assert parse_files is not None
    files = [(f".planning/phases/01-shop/01-0{number}-PLAN.md", text) for number, text in enumerate(texts, 1)]
    return parse_files(files, (), before)


def test_the_text_of_a_folder_is_all_its_files_each_with_a_line_end() -> None:
    plan, problems = gsd(ONE, TWO)
    assert plan.text == f"{ONE}\n{TWO}"
    assert [part.path.rpartition("/")[2] for part in plan.parts] == ["01-01-PLAN.md", "01-02-PLAN.md"]
    assert [part.span.of(plan.text) for part in plan.parts] == [f"{ONE}\n", TWO]
    assert [plan.part_at(task.id_span.start) for task in plan.tasks] == list(plan.parts)
    assert [item.span.of(plan.text) for task in plan.tasks for item in task.writes] == ["a.py", "b.py"]
    assert not problems


def test_an_edit_of_one_file_leaves_the_tasks_of_all_others_as_they_are() -> None:
    before, _ = gsd(ONE, TWO)
    after, _ = gsd(f"{ONE} And more.", TWO, before=before)
    assert after.tasks.homes[1] is before.tasks.homes[1]
    assert after.tasks[1].writes[0].span.of(after.text) == "b.py"
    anew, _ = gsd(f"{ONE} And more.", TWO)
    assert (after.tasks, after.parts, after.phases) == (anew.tasks, anew.parts, anew.phases)


def test_a_need_that_no_task_of_the_folder_meets_is_reported_where_it_is_written() -> None:
    plan, (problem,) = gsd(ONE, TWO.replace("[01]", "[09]"))
    assert problem.code == "unknown-task"
    assert problem.span.of(plan.text) == "09"


def test_a_file_that_is_read_alone_misses_no_other() -> None:
    plan, problems = READERS["gsd"].parse(TWO)
    assert [task.id for task in plan.tasks] == ["01-02"]
    assert not problems


@pytest.mark.parametrize("eol", ["\r\n", "\r"])
def test_edits_keep_the_line_ends_of_a_file(eol: str) -> None:
    text = TWO.replace("\n", eol)
    plan, _ = READERS["gsd"].parse(text)
    (task,) = plan.tasks
    done = apply_edits(text, set_field(plan, task, "status", "done"))
    assert done == text.replace(f"[b.py]{eol}---", f"[b.py]{eol}status: done{eol}---")
    again, _ = READERS["gsd"].parse(done)
    assert again.tasks[0].status is Status.DONE
    assert apply_edits(done, set_field(again, again.tasks[0], "status", ())) == text


@pytest.mark.parametrize("reader", FOLDER_FORMATS, ids=lambda reader: reader.name)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_the_text_it_is_read_and_spans_lie_in_it(reader: Reader, text: str) -> None:
    plan, problems = reader.parse(text)
    for task in plan.tasks:
        spans = [task.span, task.heading, task.id_span, task.title_span, task.instructions_span]
        spans += [item.span for item in (*task.writes, *task.reads, *task.needs)]
        assert all(0 <= span.start <= span.end <= len(plan.text) for span in spans)
        for name, items in (("status", ["done"]), ("needs", ["x"]), ("writes", ["y z.py"]), ("wave", ["2"])):
            apply_edits(plan.text, set_field(plan, task, name, items))
    assert all(problem.span.end <= len(plan.text) for problem in problems)


def test_plans_are_known_by_where_they_lie_and_by_what_they_say() -> None:
    assert READERS["gsd"].recognises(TWO)
    assert not READERS["gsd"].recognises("# A plan\n\n## Wave 1\n")
    assert PLACES["backlog"].patterns.match("backlog/archive/tasks/task-1 - a.md")
    assert not PLACES["backlog"].patterns.match("backlog/tasks/readme.md")
    assert READERS["backlog"].recognises("---\nid: a\ntitle: b\nstatus: To Do\ndependencies: []\n---\n")
