"""Landing as commits on a new branch; files, index and HEAD stay as they are."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent_server import __version__
from agent_server.execution.changes.changes import Change, change_set
from agent_server.execution.landing.commits import (
    Branch,
    CannotCommit,
    TaskCommit,
    branch_name,
    landed_branch,
    undo_commits,
)
from agent_server.execution.landing.commits import land_commits as land
from tests.execution.repositories import git, repository, tree_of
from tests.execution.trees import Link, Program, Tree, clear, plant, read

RUN = "20260101T000000-abcdef"
PLAN = "plans/wiki.plan.md"
NAME = f"agent-server/wiki-{RUN}"
TEXT = "".join(f"{number}\n" for number in range(20))
OLD: Tree = {
    "README.md": TEXT,
    "run.sh": Program("old\n"),
    "link": Link("README.md"),
    "src/gone.py": "gone\n",
    "data/a": "a\n",
}
FILE, PROGRAM, LINK = "100644", "100755", "120000"


def land_commits(root: Path, run: str, parts: Sequence[TaskCommit], *, plan: str) -> Branch | None:
    """As the function, with a folder that must be gone in the end."""
    folder = root.parent / "scratch"
    plant(folder, {"index": "left by a landing that was killed", "index.lock": ""})
    try:
        return land(root, run, parts, plan=plan, folder=folder)
    finally:
        # Where the arguments are refused, it is not touched.
        assert not folder.exists() or (folder / "index.lock").exists()


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path / "repository", OLD)


def changes(root: Path, new: Tree, *gone: str) -> tuple[Change, ...]:
    """What an agent makes that starts from what the workspace holds now."""
    folder = root.parent / f"work-{len(list(root.parent.iterdir()))}"
    after = plant(folder / "after", new)
    base = plant(folder / "base", read(root))
    return change_set(base, {path: after / path for path in new} | dict.fromkeys(gone), folder / "store")


def state(root: Path) -> tuple[object, ...]:
    """All that a landing must leave alone."""
    return (
        read(root),
        git(root, "status", "--porcelain=v2", "--branch"),
        git(root, "rev-parse", "--verify", "-q", "HEAD") if git(root, "for-each-ref", "refs/heads/main") else "",
        (root / ".git/index").read_bytes() if (root / ".git/index").is_file() else b"",
    )


def test_each_task_is_one_commit_and_the_users_files_index_and_head_stay(root: Path) -> None:
    plant(root, {"staged": "staged\n", "untracked": "mine\n", "README.md": f"{TEXT}mine\n"})
    git(root, "add", "staged")
    before = state(root)
    head = git(root, "rev-parse", "HEAD")
    parts = [
        TaskCommit(
            "a", "Write the page", changes(root, {"src/new.py": "new\n", "run.sh": "plain\n"}), "sonnet", "make"
        ),
        TaskCommit(
            "b", "Turn the link", changes(root, {"link": Link("run.sh"), "data": "file\n"}, "src/gone.py", "data/a")
        ),
    ]
    branch = land_commits(root, RUN, parts, plan=PLAN)
    assert branch is not None
    assert (branch.name, branch.commit) == (NAME, git(root, "rev-parse", NAME))
    assert [git(root, "rev-parse", f"{NAME}~{back}") for back in (2, 1, 0)] == [head, *branch.commits]
    assert state(root) == before
    assert tree_of(root, NAME) == {
        "README.md": (FILE, TEXT),
        "run.sh": (FILE, "plain\n"),
        "link": (LINK, "run.sh"),
        "src/new.py": (FILE, "new\n"),
        "data": (FILE, "file\n"),
    }
    assert git(root, "log", "-1", "--format=%an <%ae>%n%cn%n%B", branch.commits[0]) == (
        f"The User <user@example.com>\nThe User\nWrite the page\n\nPlan: {PLAN}\nRun: {RUN}\nTask: a\nModel: sonnet\n"
        f"Verify: make\nLanded-by: Agent Server {__version__}\n"
    )
    trailers = git(root, "log", "-1", "--format=%(trailers:only)", branch.commits[0])
    assert trailers.startswith("Plan: ")
    assert git(root, "fsck", "--strict") == ""


def test_an_uncommitted_edit_in_other_lines_gets_into_no_commit(root: Path) -> None:
    mine = TEXT.replace("15\n", "mine\n")
    plant(root, {"README.md": mine})
    part = TaskCommit("a", "A", changes(root, {"README.md": mine.replace("2\n", "agent\n", 1)}))
    assert land_commits(root, RUN, [part], plan=PLAN) is not None
    assert tree_of(root, NAME)["README.md"] == (FILE, TEXT.replace("2\n", "agent\n", 1))
    assert read(root)["README.md"] == mine


def test_a_mode_that_is_not_committed_stays_the_users(root: Path) -> None:
    (root / "README.md").chmod(0o755)
    part = TaskCommit("a", "A", changes(root, {"README.md": Program(f"{TEXT}agent\n")}))
    assert land_commits(root, RUN, [part], plan=PLAN) is not None
    assert tree_of(root, NAME)["README.md"] == (FILE, f"{TEXT}agent\n")


DIRTY: dict[str, tuple[dict[str, str | Link | None], Tree, tuple[str, ...], str]] = {
    "the same lines": (
        {"README.md": TEXT.replace("2\n", "mine\n", 1)},
        {"README.md": TEXT.replace("2\n", "agent\n", 1)},
        (),
        "cannot be told apart",
    ),
    "no text": ({"README.md": "a\0b"}, {"README.md": "a\0c"}, (), "cannot be told apart"),
    "a link": ({"link": Link("x")}, {"link": Link("y")}, (), "is a link"),
    "not committed": ({"mine": "1\n"}, {"mine": "2\n"}, (), "is not committed yet"),
    "to be deleted": ({"src/gone.py": "mine\n"}, {}, ("src/gone.py",), "is to be deleted"),
    "deleted by the user": ({"src/gone.py": None}, {"src/gone.py": "again\n"}, (), "HEAD holds another file"),
    "a file for a folder": ({"data/a": None}, {"data": "file\n"}, (), "takes the place of what HEAD holds"),
    "a folder for a file": ({"src/gone.py": None}, {"src/gone.py/x": "1\n"}, (), "takes the place of what HEAD holds"),
}


@pytest.mark.parametrize("case", DIRTY)
def test_what_cannot_be_told_apart_is_refused_before_there_is_a_branch(case: str, root: Path) -> None:
    mine, new, gone, why = DIRTY[case]
    for path, what in mine.items():
        clear(root, path)
        if what is not None:
            plant(root, {path: what})
        elif path == "data/a":
            (root / "data").rmdir()
    before = state(root)
    good = TaskCommit("a", "A", changes(root, {"fine": "fine\n"}))
    with pytest.raises(CannotCommit, match=f"{why}.* Nothing was committed"):
        land_commits(root, RUN, [good, TaskCommit("b", "B", changes(root, new, *gone))], plan=PLAN)
    assert git(root, "branch", "--list", "agent-server/*") == ""
    assert state(root) == before


def test_what_head_holds_already_makes_no_commit(root: Path) -> None:
    plant(root, {"new": "1\n"})
    part = TaskCommit("a", "A", changes(root, {}, "new"))
    assert land_commits(root, RUN, [part, TaskCommit("b", "B", ())], plan=PLAN) is None
    assert git(root, "branch", "--list", "agent-server/*") == ""


def test_filters_and_attributes_apply_as_for_git_add(root: Path) -> None:
    git(root, "config", "filter.shout.clean", "tr a-z A-Z")
    plant(root, {".gitattributes": "*.txt filter=shout\n*.bat text eol=crlf\n"})
    git(root, "add", ".gitattributes")
    new: Tree = {"sub/x.txt": "quiet\n", "y.bat": "one\r\ntwo\r\n", "z.md": "as\r\nit is\n", "l.txt": Link("quiet")}
    assert land_commits(root, RUN, [TaskCommit("a", "A", changes(root, new))], plan=PLAN) is not None
    found = tree_of(root, NAME)
    assert found["sub/x.txt"][1] == "QUIET\n"
    assert found["y.bat"][1] == "one\ntwo\n"
    assert found["z.md"][1] == "as\r\nit is\n"
    assert found["l.txt"] == (LINK, "quiet")


def test_a_filtered_file_that_is_committed_is_not_taken_for_edited(root: Path) -> None:
    plant(root, {".gitattributes": "*.bat text eol=crlf\n", "y.bat": "one\r\ntwo\r\n"})
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "second")
    part = TaskCommit("a", "A", changes(root, {"y.bat": "one\r\n2\r\n"}))
    assert land_commits(root, RUN, [part], plan=PLAN) is not None
    assert tree_of(root, NAME)["y.bat"] == (FILE, "one\n2\n")


def test_no_hook_runs(root: Path, tmp_path: Path) -> None:
    for hook in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change", "update"):
        plant(root / ".git/hooks", {hook: Program(f"#!/bin/sh\ntouch '{tmp_path}/ran'\nexit 1\n")})
    branch = land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"new": "1\n"}))], plan=PLAN)
    assert branch is not None
    undo_commits(root, branch)
    assert not (tmp_path / "ran").exists()


def test_sha256_repositories(tmp_path: Path) -> None:
    root = repository(tmp_path / "repository", OLD, "--object-format=sha256")
    branch = land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"new": "1\n"}, "data/a"))], plan=PLAN)
    assert branch is not None
    assert len(branch.commit) == 64
    assert tree_of(root, NAME).keys() == {*OLD, "new"} - {"data/a"}


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_a_repository_without_a_commit(form: str, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q", "-b", "main", f"--object-format={form}")
    git(root, "config", "user.name", "The User")
    git(root, "config", "user.email", "user@example.com")
    before = state(root)
    branch = land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"x/new": "1\n"}))], plan=PLAN)
    assert branch is not None
    assert tree_of(root, NAME) == {"x/new": (FILE, "1\n")}
    assert git(root, "rev-list", "--count", NAME) == "1"
    assert state(root) == before


def test_a_work_tree_whose_git_is_a_file(root: Path, tmp_path: Path) -> None:
    git(root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = tmp_path / "side"
    plant(side, {"side": "1\n"})
    git(side, "add", "-A")
    git(side, "commit", "-q", "-m", "on the side")
    assert (side / ".git").is_file()
    assert land_commits(side, RUN, [TaskCommit("a", "A", changes(side, {"new": "1\n"}))], plan=PLAN) is not None
    assert git(root, "rev-parse", f"{NAME}~1") == git(root, "rev-parse", "side")
    assert tree_of(root, NAME).keys() == {*OLD, "side", "new"}


def test_a_workspace_below_the_repositorys_top(root: Path) -> None:
    part = TaskCommit("a", "A", changes(root / "src", {"new.py": "1\n"}, "gone.py"))
    plant(root, {"src/.gitattributes": "new.py text eol=crlf\n"})
    assert land_commits(root / "src", RUN, [part], plan=PLAN) is not None
    assert tree_of(root, NAME).keys() == {*OLD, "src/new.py"} - {"src/gone.py"}


def test_submodules_stay_and_nothing_is_committed_into_them(root: Path, tmp_path: Path) -> None:
    other = repository(tmp_path / "other", {"inner": "1\n"})
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    git(root, "commit", "-q", "-m", "a submodule")
    assert land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"new": "1\n"}))], plan=PLAN) is not None
    assert tree_of(root, NAME)["sub"] == ("160000", git(other, "rev-parse", "HEAD"))
    with pytest.raises(CannotCommit, match="`sub/inner` lies in another repository, `sub`"):
        land_commits(root, f"{RUN}.2", [TaskCommit("a", "A", changes(root, {"sub/inner": "2\n"}))], plan=PLAN)
    clear(root, "sub")
    (root / "sub").mkdir()
    with pytest.raises(CannotCommit, match="`sub/more` lies in another repository, `sub`"):
        land_commits(root, f"{RUN}.2", [TaskCommit("a", "A", changes(root, {"sub/more": "2\n"}))], plan=PLAN)


def test_odd_names_are_committed(root: Path) -> None:
    new: Tree = {"a b": "1", "caf\udce9": "2", "tab\there": "3", "-x": "4", "new\nline": "5", 'q"uote\\': "6"}
    assert land_commits(root, RUN, [TaskCommit("a", "A", changes(root, new))], plan=PLAN) is not None
    assert {path: text for path, (_, text) in tree_of(root, NAME).items() if path in new} == new


def test_two_tasks_may_change_one_file_after_each_other(root: Path) -> None:
    first = changes(root, {"README.md": f"{TEXT}one\n"})
    plant(root, {"README.md": f"{TEXT}one\n"})
    second = changes(root, {"README.md": f"{TEXT}one\ntwo\n"})
    git(root, "checkout", "-q", "README.md")
    parts = [TaskCommit("a", "A", first), TaskCommit("b", "B", second)]
    assert land_commits(root, RUN, parts, plan=PLAN) is not None
    assert tree_of(root, f"{NAME}~1")["README.md"][1] == f"{TEXT}one\n"
    assert tree_of(root, NAME)["README.md"][1] == f"{TEXT}one\ntwo\n"


def test_words_of_a_plan_cannot_pass_for_trailers(root: Path) -> None:
    part = TaskCommit("a", "Title\n\nSigned-off-by: Somebody", changes(root, {"new": "1\n"}), "m\nSigned-off-by: X")
    assert land_commits(root, RUN, [part], plan=PLAN) is not None
    told = git(root, "log", "-1", "--format=%B", NAME).splitlines()
    assert told[0] == r"Title\n\nSigned-off-by: Somebody"
    assert not any(line.startswith("Signed-off-by") for line in told)


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        ("a/feature.plan.md", "agent-server/feature-1"),
        ("Größer als ~^:?*[.md", "agent-server/Gr-er-als-1"),
        ("..", "agent-server/plan-1"),
        (f"{'x' * 200}.md", f"agent-server/{'x' * 60}-1"),
    ],
)
def test_a_branch_is_named_after_the_plan_and_the_run(plan: str, name: str, root: Path) -> None:
    assert branch_name(plan, "1") == name
    git(root, "check-ref-format", f"refs/heads/{name}")


def test_a_second_part_of_a_run_is_a_branch_of_its_own(root: Path) -> None:
    for run in (RUN, f"{RUN}.2"):
        assert land_commits(root, run, [TaskCommit("a", "A", changes(root, {run: "1\n"}))], plan=PLAN) is not None
    assert git(root, "branch", "--list", "agent-server/*", "--format=%(refname:short)").splitlines() == [
        NAME,
        f"{NAME}.2",
    ]
    with pytest.raises(CannotCommit, match=r"There is a branch `agent-server/wiki-.*` already"):
        land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"x": "1\n"}))], plan=PLAN)


def test_a_branch_of_the_users_that_is_in_the_way_is_told(root: Path) -> None:
    git(root, "branch", "agent-server")
    with pytest.raises(CannotCommit, match="Nothing was committed, because git says: "):
        land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"x": "1\n"}))], plan=PLAN)


def test_without_a_repository_or_a_name_nothing_is_committed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = plant(tmp_path / "bare", {"x": "1\n"})
    part = TaskCommit("a", "A", changes(bare, {"x": "2\n"}))
    with pytest.raises(CannotCommit, match="Nothing was committed, because it is in no git repository"):
        land_commits(bare, RUN, [part], plan=PLAN)
    git(root, "config", "user.name", "")
    git(root, "config", "user.useConfigOnly", "true")
    git(root, "config", "--unset", "user.email")
    monkeypatch.delenv("EMAIL", raising=False)
    with pytest.raises(CannotCommit, match=r"Git does not know who you are.*Set `user\.name`"):
        land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"x": "2\n"}))], plan=PLAN)
    with pytest.raises(CannotCommit, match="is no name for a landing"):
        land_commits(root, "../x", [part], plan=PLAN)


@pytest.mark.parametrize("path", [".git/hooks/pre-commit", "../out", "sub/.git/config"])
def test_git_itself_and_what_lies_outside_is_never_committed(path: str, root: Path) -> None:
    (change,) = changes(root, {"x": "1\n"})
    evil = Change(path, change.kind, change.type, change.base, change.new, change.content)
    with pytest.raises(CannotCommit, match=r"is not written: .* Nothing was committed"):
        land_commits(root, RUN, [TaskCommit("a", "A", (evil,))], plan=PLAN)


# Undo, and finding what an earlier process made.


@pytest.fixture
def branch(root: Path) -> Branch:
    made = land_commits(root, RUN, [TaskCommit("a", "A", changes(root, {"new": "1\n"}))], plan=PLAN)
    assert made is not None
    return made


def test_undoing_deletes_the_branch_and_can_be_repeated(root: Path, branch: Branch) -> None:
    found = landed_branch(root, RUN, plan=PLAN)
    assert found == Branch(branch.name, branch.commit)
    undo_commits(root, branch)
    undo_commits(root, branch)
    assert landed_branch(root, RUN, plan=PLAN) is None
    assert git(root, "branch", "--list", "agent-server/*") == ""


def test_a_branch_that_moved_on_is_not_deleted(root: Path, branch: Branch) -> None:
    moved = git(root, "commit-tree", f"{branch.commit}^{{tree}}", "-p", branch.commit, "-m", "mine")
    git(root, "update-ref", f"refs/heads/{NAME}", moved)
    with pytest.raises(CannotCommit, match="has moved on"):
        undo_commits(root, branch)
    assert git(root, "rev-parse", NAME) == moved


def test_a_branch_that_is_checked_out_is_not_deleted(root: Path, branch: Branch, tmp_path: Path) -> None:
    git(root, "worktree", "add", "-q", str(tmp_path / "side"), NAME)
    with pytest.raises(CannotCommit, match="is checked out"):
        undo_commits(root, branch)
    assert git(root, "rev-parse", NAME) == branch.commit
