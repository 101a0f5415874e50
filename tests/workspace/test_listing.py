"""Which files a workspace has: what git knows or would add, else what a walk finds."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_server.workspace import listing as listing_module
from agent_server.workspace.git import GitError, run_git
from agent_server.workspace.listing import Listing, Method, list_again, list_files, list_roughly
from agent_server.workspace.walking import walk
from tests.workspace.disk import commit_all, git, plant, program, repository

WITHOUT_GIT = "was listed without git, by its `.gitignore` files alone, because"


def files_of(root: Path) -> set[str]:
    return set(list_files(root).files)


class TestByGit:
    def test_tracked_and_untracked_files_are_listed_and_ignored_ones_are_not(self, root: Path) -> None:
        repository(root, {".gitignore": "*.log\nbuild/\n", "src/main.py": ""})
        plant(root, {"new.py": "", "deep/er/new.py": "", "trace.log": "", "build/out.js": ""})
        found = list_files(root)
        assert found.method is Method.GIT
        assert found.files == (".gitignore", "deep/er/new.py", "new.py", "src/main.py")
        assert found.problems == ()

    def test_a_tracked_file_is_listed_though_a_rule_ignores_it(self, root: Path) -> None:
        repository(root, {"vendor/kept.js": ""})
        plant(root, {".gitignore": "vendor/\n", "vendor/other.js": ""})
        assert files_of(root) == {".gitignore", "vendor/kept.js"}

    def test_a_tracked_file_that_was_deleted_is_not_listed_and_its_folder_is(self, root: Path) -> None:
        repository(root, {"a/gone.py": "", "b/kept.py": ""})
        (root / "a/gone.py").unlink()
        found = list_files(root)
        assert found.files == ("b/kept.py",)
        assert found.folders == {"", "a", "b"}

    def test_a_repository_without_a_commit_has_its_untracked_files(self, root: Path) -> None:
        repository(root, {"a.py": ""}, commit=False)
        assert files_of(root) == {"a.py"}

    def test_a_file_that_conflicts_in_a_merge_is_listed_once(self, root: Path) -> None:
        repository(root, {"a.py": "one"})
        git(root, "switch", "--quiet", "--create", "other")
        plant(root, {"a.py": "two"})
        commit_all(root)
        git(root, "switch", "--quiet", "main")
        plant(root, {"a.py": "three"})
        commit_all(root)
        with pytest.raises(Exception, match="returned non-zero"):
            git(root, "merge", "other")
        assert list_files(root).files == ("a.py",)

    def test_a_folder_in_the_place_of_a_tracked_file_has_its_files(self, root: Path) -> None:
        repository(root, {"thing": "", "other": ""})
        (root / "thing").unlink()
        plant(root, {"thing/inside.py": ""})
        assert files_of(root) == {"other", "thing/inside.py"}

    def test_files_that_a_sparse_checkout_leaves_out_are_not_listed(self, root: Path) -> None:
        repository(root, {"in/a.py": "", "out/b.py": "", "top.py": ""})
        git(root, "sparse-checkout", "set", "in")
        assert files_of(root) == {"in/a.py", "top.py"}

    def test_only_what_lies_below_the_root_is_listed_in_a_folder_of_a_repository(self, root: Path) -> None:
        repository(root, {".gitignore": "*.log\n", "app/a.py": "", "lib/b.py": ""})
        plant(root, {"app/trace.log": ""})
        found = list_files(root / "app")
        assert found.files == ("a.py",)
        assert str(root / ".gitignore") in found.governors
        assert str(root / ".git/index") in found.governors

    def test_an_ignored_folder_that_is_the_root_itself_is_walked(self, root: Path) -> None:
        repository(root, {".gitignore": "scratch/\n"})
        plant(root, {"scratch/a.py": ""})
        found = list_files(root / "scratch")
        assert (found.method, found.files, found.problems) == (Method.WALK, ("a.py",), ())

    def test_a_repository_inside_has_its_own_files_and_rules(self, root: Path) -> None:
        repository(root, {"a.py": "", ".gitignore": "outer.log\n"})
        repository(root / "inner", {"b.py": "", ".gitignore": "inner.log\n"})
        plant(root / "inner", {"inner.log": "", "outer.log": ""})
        found = list_files(root)
        assert set(found.files) == {".gitignore", "a.py", "inner/.gitignore", "inner/b.py", "inner/outer.log"}
        assert found.repositories == {"", "inner"}
        assert str(root / "inner/.git/index") in found.governors

    def test_a_submodule_has_its_files(self, root: Path, tmp_path: Path) -> None:
        repository(tmp_path / "library", {"lib.py": ""})
        repository(root, {"a.py": ""})
        git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "library"), "lib")
        commit_all(root)
        assert files_of(root) == {".gitmodules", "a.py", "lib/lib.py"}

    def test_a_submodule_that_was_not_checked_out_is_empty(self, root: Path, tmp_path: Path) -> None:
        repository(tmp_path / "library", {"lib.py": ""})
        repository(root, {"a.py": ""})
        git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "library"), "lib")
        commit_all(root)
        git(root, "submodule", "--quiet", "deinit", "--force", "lib")
        assert files_of(root) == {".gitmodules", "a.py"}

    def test_a_linked_work_tree_is_governed_by_its_own_index_and_the_common_rules(
        self, root: Path, tmp_path: Path
    ) -> None:
        repository(root, {"a.py": ""})
        git(root, "worktree", "add", "--quiet", str(tmp_path / "linked"))
        plant(root, {".git/info/exclude": "*.log\n"})
        plant(tmp_path / "linked", {"b.py": "", "b.log": ""})
        found = list_files(tmp_path / "linked")
        assert found.files == ("a.py", "b.py")
        assert {str(root / ".git/worktrees/linked/index"), str(root / ".git/info/exclude")} <= found.governors

    def test_folders_are_those_in_which_a_listed_file_may_appear(self, root: Path) -> None:
        repository(root, {".gitignore": "build/\n", "a/b/c.py": ""})
        plant(root, {"empty/er/": "", "build/deep/out.js": "", "fresh/build/out.js": "", "fresh/kept/": ""})
        assert list_files(root).folders == {"", "a", "a/b", "empty", "empty/er", "fresh", "fresh/kept"}

    def test_metadata_of_a_repository_that_is_being_made_is_no_folder(self, root: Path) -> None:
        repository(root, {"a.py": ""})
        plant(root, {"clone/.git/objects/": ""})
        assert list_files(root).folders == {"", "clone"}

    @pytest.mark.parametrize(
        "name",
        [
            "with space.py",
            "tab\tand\nline end",
            '"quoted"',
            "back\\slash",
            "é è.py",
            "日本.py",
            ":(top)magic.py",
            "*.py",
            "[a].py",
            "-option",
            "? mark",
            "R deleted",
            os.fsdecode(b"latin-\xe9.py"),
        ],
    )
    def test_any_name_is_listed_as_it_is(self, root: Path, name: str) -> None:
        repository(root, {})
        (root / name).mkdir()
        (root / name / name).touch()
        assert files_of(root) == {f"{name}/{name}"}
        assert name in list_files(root).folders
        commit_all(root)
        found = list_files(root)
        assert found.files == (f"{name}/{name}",)
        (root / name / name).unlink()
        assert list_again(found, [f"{name}/{name}"]).files == ()

    def test_symlinks_are_listed_as_files_and_not_followed(self, root: Path, tmp_path: Path) -> None:
        plant(tmp_path / "outside", {"secret.py": ""})
        repository(root, {"src/a.py": ""})
        (root / "away").symlink_to(tmp_path / "outside")
        (root / "loop").symlink_to(root)
        (root / "dangling").symlink_to("nowhere")
        assert files_of(root) == {"away", "dangling", "loop", "src/a.py"}

    def test_a_list_that_is_too_long_is_cut_off_and_says_so(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing_module, "MAX_GIT_FILES", 2)
        repository(root, {"a": "", "b": "", "c": ""})
        found = list_files(root)
        assert found.files == ("a", "b")
        assert found.problems == (f"`{root}` holds 3 files; only the first 2 are known here. Open a smaller folder.",)


class TestWithoutGit:
    def test_a_folder_in_no_repository_is_walked_without_a_word(self, root: Path) -> None:
        plant(root, {".gitignore": "*.log\n", "a.py": "", "b.log": ""})
        found = list_files(root)
        assert (found.method, found.files, found.problems) == (Method.WALK, (".gitignore", "a.py"), ())

    def test_a_repository_at_home_is_not_taken_for_that_of_a_folder_below(self, home: Path) -> None:
        repository(home, {"dotfile": ""})
        plant(home / "project", {"a.py": ""})
        assert list_files(home / "project").method is Method.WALK

    def test_without_git_the_folder_is_walked_and_the_reason_is_told(
        self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository(root, {".gitignore": "*.log\n", "a.py": ""})
        plant(root, {"b.log": ""})
        monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
        found = list_files(root)
        assert (found.method, found.files) == (Method.WALK, (".gitignore", "a.py"))
        assert found.problems == (f"`{root}` {WITHOUT_GIT} git is not installed.",)
        assert str(root / ".git/index") in found.governors

    def test_a_broken_repository_is_walked_and_the_reason_is_told(self, root: Path) -> None:
        repository(root, {"a.py": ""})
        plant(root, {".git/index": "this is no index"})
        found = list_files(root)
        assert found.files == ("a.py",)
        assert found.problems[0].startswith(f"`{root}` {WITHOUT_GIT} git says: ")

    def test_a_configuration_that_git_cannot_read_is_told(self, root: Path) -> None:
        repository(root, {"a.py": ""})
        plant(root, {".git/config": "[core\n"})
        assert "bad config line 1" in list_files(root).problems[0]

    def test_git_that_does_not_answer_is_given_up(self, root: Path) -> None:
        with pytest.raises(GitError, match=r"git did not answer within 0\.2 seconds"):
            run_git(root, "-c", "alias.wait=!sleep 60", "wait", seconds=0.2)

    def test_a_listing_that_is_cancelled_ends(self, root: Path) -> None:
        repository(root, {"a.py": ""})
        assert list_files(root, cancelled=lambda: True).folders <= {""}

    def test_a_folder_that_does_not_exist_is_a_problem(self, root: Path) -> None:
        found = list_files(root / "nowhere")
        assert found.files == ()
        assert found.problems == (f"The workspace folder `{root}/nowhere` does not exist.",)

    def test_symlinked_folders_are_not_followed(self, root: Path, tmp_path: Path) -> None:
        plant(tmp_path / "outside", {"secret.py": ""})
        plant(root, {"a.py": ""})
        (root / "away").symlink_to(tmp_path / "outside")
        (root / "loop").symlink_to(".")
        assert list_files(root).files == ("a.py", "away", "loop")
        assert walk(str(root), ["away/secret.py"]).files == ()

    def test_what_is_never_a_source_is_left_out(self, root: Path) -> None:
        plant(root, {"a.py": "", "node_modules/x/index.js": "", "deep/__pycache__/a.pyc": "", ".venv/x": ""})
        plant(root, {"environment/pyvenv.cfg": "", "environment/lib/a.py": ""})
        os.mkfifo(root / "fifo")
        assert list_files(root).files == ("a.py",)

    def test_a_walk_that_meets_too_much_stops_and_says_so(self, root: Path) -> None:
        plant(root, {f"{folder}/{name}": "" for folder in "abc" for name in "xyz"})
        walked = walk(str(root), most=8)
        assert 0 < len(walked.files) <= 8
        assert walked.problems == (
            f"`{root}` has too many files to list them all. Open a smaller folder, or make it a repository.",
        )

    def test_a_walk_that_takes_too_long_stops_and_says_so(self, root: Path) -> None:
        plant(root, {"a.py": ""})
        assert "takes too long to list" in walk(str(root), seconds=-1).problems[0]


class TestStrangers:
    """Opening a repository that a stranger made must run nothing of theirs."""

    @pytest.fixture
    def trap(self, tmp_path: Path) -> Path:
        return program(tmp_path / "trap", f"touch {tmp_path}/sprung; cat")

    @pytest.mark.parametrize(
        "setting",
        [
            "core.fsmonitor",
            "core.pager",
            "core.editor",
            "core.askPass",
            "core.sshCommand",
            "core.gitProxy",
            "filter.x.clean",
            "filter.x.process",
            "diff.external",
            "diff.x.textconv",
            "credential.helper",
            "uploadpack.packObjectsHook",
            "alias.ls-files",
        ],
    )
    def test_programs_that_its_configuration_names_are_not_run(
        self, root: Path, tmp_path: Path, trap: Path, setting: str
    ) -> None:
        repository(root, {"a.py": "", ".gitattributes": "* filter=x diff=x\n"})
        prefix = "!" if setting.startswith("alias") else ""
        git(root, "config", setting, f"{prefix}{trap}")
        plant(root, {"a.py": "changed", "new/b.py": ""})
        found = list_files(root)
        assert set(found.files) == {".gitattributes", "a.py", "new/b.py"}
        list_again(found, ["a.py", "new"])
        assert not (tmp_path / "sprung").exists()

    def test_core_fsmonitor_is_a_trap_for_those_who_do_not_look(self, root: Path, tmp_path: Path, trap: Path) -> None:
        repository(root, {"a.py": ""})
        git(root, "config", "core.fsmonitor", str(trap))
        git(root, "status")
        assert (tmp_path / "sprung").exists()

    def test_its_hooks_are_not_run(self, root: Path, tmp_path: Path, trap: Path) -> None:
        repository(root, {"a.py": ""})
        for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout", "pre-commit"):
            program(root / ".git/hooks" / hook, trap.read_text())
        assert files_of(root) == {"a.py"}
        assert not (tmp_path / "sprung").exists()

    def test_programs_of_a_repository_inside_are_not_run(self, root: Path, tmp_path: Path, trap: Path) -> None:
        repository(root, {"a.py": ""})
        repository(root / "inner", {"b.py": ""})
        git(root / "inner", "config", "core.fsmonitor", str(trap))
        assert files_of(root) == {"a.py", "inner/b.py"}
        assert not (tmp_path / "sprung").exists()

    def test_a_work_tree_elsewhere_is_not_looked_into(self, root: Path, tmp_path: Path) -> None:
        plant(tmp_path / "outside", {"secret.py": ""})
        repository(root, {"a.py": ""})
        git(root, "config", "core.worktree", str(tmp_path / "outside"))
        found = list_files(root)
        assert found.files == ("a.py",)
        assert "names another work tree" in found.problems[0]

    def test_a_bare_repository_among_the_files_is_not_entered(self, root: Path, tmp_path: Path, trap: Path) -> None:
        git(root, "init", "--quiet", "--bare", ".")
        git(root, "config", "core.fsmonitor", str(trap))
        git(root, "config", "core.worktree", str(root))
        git(root, "config", "core.bare", "false")
        assert "HEAD" in files_of(root)
        assert not (tmp_path / "sprung").exists()

    def test_git_variables_of_the_environment_do_not_lead_to_another_repository(
        self, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = repository(tmp_path / "other", {"other.py": ""})
        repository(root, {"a.py": ""})
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(other))
        monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
        assert files_of(root) == {"a.py"}

    def test_listing_writes_nothing(self, root: Path) -> None:
        repository(root, {"a.py": "one"})
        before = (root / ".git/index").stat()
        plant(root, {"a.py": "two"})
        list_files(root)
        assert (root / ".git/index").stat().st_mtime_ns == before.st_mtime_ns


def test_git_takes_long_questions_even_when_it_is_slow(root: Path) -> None:
    question = b"line\n" * 100_000
    assert run_git(root, "-c", "alias.slow=!sleep 0.3; cat", "slow", stdin=question) == question


WORLDS: Mapping[str, Mapping[str, str]] = {
    "a new file": {"src/new.py": ""},
    "an ignored file": {"src/new.log": ""},
    "a new folder": {"fresh/one.py": "", "fresh/two.log": "", "fresh/empty/": ""},
    "an ignored folder": {"build/out.js": ""},
    "a folder with rules of its own": {"fresh/.gitignore": "*.tmp\n", "fresh/a.tmp": "", "fresh/b.py": ""},
    "a file where one was": {"src/main.py": "changed"},
}


@pytest.mark.parametrize("by", ["git", "walk"])
class TestListingAgain:
    """After something happened at some paths, looking only there gives what a whole new listing would."""

    @pytest.fixture
    def before(self, root: Path, by: str) -> Listing:
        files = {".gitignore": "*.log\nbuild/\n", "src/main.py": "", "src/deep/er.py": "", "a.py": "", "ab/c.py": ""}
        if by == "git":
            repository(root, files)
        else:
            plant(root, files)
        return list_files(root)

    def same(self, one: Listing, other: Listing) -> None:
        assert one.files == other.files
        assert one.folders == other.folders

    @pytest.mark.parametrize("what", WORLDS)
    def test_what_came(self, root: Path, before: Listing, what: str) -> None:
        plant(root, WORLDS[what])
        tops = {path.split("/")[0] if path.startswith(("fresh", "build")) else path for path in WORLDS[what]}
        self.same(list_again(before, tops), list_files(root))

    def test_what_went(self, root: Path, before: Listing) -> None:
        (root / "src/deep/er.py").unlink()
        (root / "a.py").unlink()
        self.same(list_again(before, ["src/deep/er.py", "a.py"]), list_files(root))

    def test_a_folder_that_went(self, root: Path, before: Listing) -> None:
        (root / "src").rename(root.parent / "elsewhere")
        again = list_again(before, ["src"])
        self.same(again, list_files(root))
        assert again.files == (".gitignore", "a.py", "ab/c.py")

    def test_a_folder_that_was_renamed(self, root: Path, before: Listing) -> None:
        (root / "src").rename(root / "a")
        again = list_again(before, ["src", "a"])
        self.same(again, list_files(root))
        assert "a/deep/er.py" in again.files

    def test_a_file_that_became_a_folder(self, root: Path, before: Listing) -> None:
        (root / "a.py").unlink()
        plant(root, {"a.py/inside.py": ""})
        self.same(list_again(before, ["a.py"]), list_files(root))

    def test_a_folder_that_became_a_symlink(self, root: Path, before: Listing) -> None:
        (root / "src").rename(root.parent / "elsewhere")
        (root / "src").symlink_to(root.parent / "elsewhere")
        again = list_again(before, ["src"])
        assert again.files == (".gitignore", "a.py", "ab/c.py", "src")
        self.same(again, list_files(root))

    def test_what_is_there_and_not_listed_is_remembered_as_ignored(self, root: Path, before: Listing) -> None:
        plant(root, {"build/out.js": "", "x.log": ""})
        assert len(list_again(before, ["build", "x.log", "nowhere"]).ignored) == 2


class TestListingAgainByGit:
    def test_a_repository_inside_answers_for_its_paths(self, root: Path) -> None:
        repository(root, {"a.py": ""})
        repository(root / "inner", {"b.py": "", ".gitignore": "*.log\n"})
        before = list_files(root)
        plant(root, {"inner/c.py": "", "inner/c.log": "", "d.py": ""})
        (root / "inner/b.py").unlink()
        again = list_again(before, ["inner/c.py", "inner/c.log", "inner/b.py", "d.py"])
        assert again.files == ("a.py", "d.py", "inner/.gitignore", "inner/c.py")

    def test_a_repository_that_came_asks_for_a_whole_new_listing(self, root: Path) -> None:
        repository(root, {"a.py": ""})
        before = list_files(root)
        repository(root / "inner", {"b.py": ""})
        with pytest.raises(GitError):
            list_again(before, ["inner"])


class TestRoughly:
    """A first look at a large repository. `LARGE_INDEX_BYTES` is lowered: what it asks for takes long to make."""

    @pytest.fixture(autouse=True)
    def _any_repository_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing_module, "LARGE_INDEX_BYTES", 0)

    def test_tracked_and_untracked_files(self, root: Path) -> None:
        repository(root, {"b.py": "", "sub/ä.py": "", ".gitignore": "*.log\n"})
        plant(root, {"a.py": "", "x.log": ""})
        rough = list_roughly(root)
        assert rough is not None
        assert rough.files == list_files(root).files == (".gitignore", "a.py", "b.py", "sub/ä.py")

    def test_what_was_deleted_is_still_there(self, root: Path) -> None:
        repository(root, {"a.py": "", "b.py": ""})
        (root / "a.py").unlink()
        rough = list_roughly(root)
        assert rough is not None
        assert rough.files == ("a.py", "b.py")

    def test_a_folder_of_a_repository(self, root: Path) -> None:
        repository(root, {"sub/a.py": "", "b.py": ""})
        rough = list_roughly(root / "sub")
        assert rough is not None
        assert rough.files == ("a.py",)

    def test_what_is_no_repository_is_listed_with_care(self, root: Path) -> None:
        assert list_roughly(plant(root, {"a.py": ""})) is None

    def test_so_is_an_empty_one(self, root: Path) -> None:
        assert list_roughly(repository(root, {}, commit=False)) is None

    def test_so_is_one_with_another_inside(self, root: Path) -> None:
        repository(root, {"a.py": ""})
        repository(root / "inside", {"b.py": ""})
        assert list_roughly(root) is None

    def test_so_is_a_sparse_checkout(self, root: Path) -> None:
        repository(root, {"kept/a.py": "", "left/b.py": ""})
        git(root, "sparse-checkout", "set", "kept")
        assert list_roughly(root) is None

    def test_so_is_a_small_one(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing_module, "LARGE_INDEX_BYTES", 1 << 20)
        assert list_roughly(repository(root, {"a.py": ""})) is None
