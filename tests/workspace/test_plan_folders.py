"""Plans that are folders, listed and read on the disk: all of one, or nothing."""

from pathlib import Path

import pytest

from agent_server.plan.folders import FolderText, Places, edited, edits_by_file, is_folder, plan_of
from agent_server.plan.formats import Formats
from agent_server.plan.model import Edit, Status
from agent_server.plan.text import Position, Span
from agent_server.workspace.plan_folders import text_of_folder
from tests.cli import gsd_folder

BACKLOG = "---\nid: task-{number}\ntitle: T\nstatus: To Do\ndependencies: [{needs}]\n---\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    gsd_folder.made(tmp_path / "work", tmp_path / "settings.toml")
    return tmp_path / "work"


def read(root: Path, folder: str = gsd_folder.FOLDER, more: tuple[str, ...] = ()) -> FolderText | None:
    def text_of(path: str) -> str | None:
        file = root / path
        return file.read_text() if file.is_file() else "unsaved" if path in more else None

    return text_of_folder(root, folder, text_of, more=more)


def test_a_folder_is_named_by_each_of_its_files(root: Path) -> None:
    assert plan_of(f"{gsd_folder.FOLDER}01-02-PLAN.md") == gsd_folder.FOLDER
    assert is_folder(gsd_folder.FOLDER)
    assert plan_of("specs/1/tasks.md") == "specs/1/tasks.md"
    assert plan_of("notes/a.md", Formats({"gsd": ["notes/*.md"]})) == "notes/"
    assert plan_of("PLAN.md", Formats({"gsd": ["PLAN.md"]})) == "PLAN.md"
    said = read(root)
    assert said is not None
    assert [path.rpartition("/")[2] for path, _ in said.files] == ["01-01-PLAN.md", "01-02-PLAN.md", "01-03-PLAN.md"]


def test_a_folder_that_only_a_users_own_pattern_finds_is_read_like_any_other(root: Path) -> None:
    formats = Formats({"gsd": ["notes/*.md"]})
    (root / "notes").mkdir()
    for name, needs in (("send", ""), ("show", "send")):
        (root / f"notes/{name}.md").write_text(
            f"---\nwave: 1\ndepends_on: [{needs}]\nfiles_modified: []\n---\n# Do it\n"
        )
    said = text_of_folder(root, "notes/", lambda path: (root / path).read_text(), formats)
    assert said is not None
    plan = said.plan(formats)
    assert plan is not None
    assert [(task.id, [need.text for need in task.needs]) for task in plan.tasks] == [("send", []), ("show", ["send"])]


def test_what_is_no_plan_of_the_folder_is_left_out_and_a_summary_says_that_a_plan_is_done(root: Path) -> None:
    (root / gsd_folder.FOLDER / "01-RESEARCH.md").write_text("Words.\n")
    (root / gsd_folder.FOLDER / "01-02-SUMMARY.md").write_bytes(b"\xff")
    said = read(root)
    assert said is not None
    assert said.beside == (f"{gsd_folder.FOLDER}01-02-SUMMARY.md",)
    plan = said.plan()
    assert plan is not None
    assert [task.status for task in plan.tasks] == [Status.TODO, Status.DONE, Status.TODO]


def test_a_folder_of_which_one_file_cannot_be_read_is_not_read_without_that(root: Path) -> None:
    said = text_of_folder(root, gsd_folder.FOLDER, lambda path: None if "01-02" in path else "")
    assert said is None
    assert read(root, ".planning/") is None
    assert read(root, "nowhere/") is None


def test_a_file_that_is_not_on_the_disk_yet_counts(root: Path) -> None:
    new = f"{gsd_folder.FOLDER}01-04-PLAN.md"
    said = read(root, more=(new, "elsewhere/01-05-PLAN.md"))
    assert said is not None
    assert said.files[-1] == (new, "unsaved")
    assert len(said.files) == 4


def test_tasks_of_the_folders_beside_are_known_by_their_files(tmp_path: Path) -> None:
    for folder, name, needs in (
        ("tasks", "7", "task-3, TASK-5, task-9"),
        ("completed", "3", ""),
        ("archive/tasks", "5", ""),
    ):
        (tmp_path / "backlog" / folder).mkdir(parents=True)
        file = tmp_path / "backlog" / folder / f"task-{name} - T.md"
        file.write_text(BACKLOG.format(number=name, needs=needs))
    said = read(tmp_path, "backlog/tasks/")
    assert said is not None
    found = said.read()
    assert found is not None
    plan, problems = found
    assert [task.id for task in plan.tasks] == ["task-7"]
    assert [problem.span.of(plan.text) for problem in problems] == ["task-9"]


def test_places_and_edits_are_those_of_the_files(root: Path) -> None:
    said = read(root)
    plan = said.plan() if said else None
    assert plan is not None
    assert said is not None
    second = plan.tasks[1]
    places = Places(plan, gsd_folder.FOLDER)
    file, start, end = places.range(Span(second.id_span.start, len(plan.text)))
    assert (file, start) == (f"{gsd_folder.FOLDER}01-02-PLAN.md", Position(2, 6))
    assert end.line == 13
    last = plan.parts[1].span.end
    edits = (Edit(second.id_span, "9"), Edit(Span(last - 1, last - 1), "!"))
    ((path, own),) = edits_by_file(plan, edits).items()
    text = dict(said.files)[path]
    # The file ends without a line end, which the plan's text has there.
    assert not text.endswith("\n")
    assert edited(text, own) == text.replace("plan: 02", "plan: 9") + "!"
