"""Where paths of the outside world belong: which workspace, which name in it, or nowhere."""

import os
from pathlib import Path

import pytest

from agent_server.workspace.paths import confined, find_root, is_case_sensitive, relative
from tests.workspace.disk import plant


class TestFindRoot:
    def test_the_nearest_repository_wins_over_any_project(self, root: Path) -> None:
        plant(root, {".git/": "", "app/pyproject.toml": "", "app/docs/x.plan.md": ""})
        assert find_root(root / "app/docs/x.plan.md") == root

    def test_a_linked_work_tree_is_a_repository_too(self, root: Path) -> None:
        plant(root, {".git/": "", "linked/.git": "gitdir: elsewhere", "linked/docs/x.plan.md": ""})
        assert find_root(root / "linked/docs/x.plan.md") == root / "linked"

    def test_without_a_repository_the_nearest_project_is_it(self, root: Path) -> None:
        plant(root, {"package.json": "", "app/Cargo.toml": "", "app/docs/x.plan.md": ""})
        assert find_root(root / "app/docs/x.plan.md") == root / "app"

    def test_without_either_it_is_the_folder_of_the_file(self, root: Path) -> None:
        plant(root, {"docs/x.plan.md": ""})
        assert find_root(root / "docs/x.plan.md") == root / "docs"

    def test_a_plan_that_a_tool_keeps_for_a_folder_belongs_to_the_folder(self, root: Path) -> None:
        plant(root, {".claude/plans/x.md": "", "site/.kiro/specs/shop/tasks.md": "", ".notes/x.plan.md": ""})
        assert find_root(root / ".claude/plans/x.md") == root
        assert find_root(root / "site/.kiro/specs/shop/tasks.md") == root / "site"
        assert find_root(root / ".notes/x.plan.md") == root / ".notes"

    def test_plans_that_a_tool_keeps_in_the_home_folder_are_a_folder_of_their_own(self, home: Path) -> None:
        plant(home, {".claude/plans/x.md": ""})
        assert find_root(home / ".claude/plans/x.md") == home / ".claude/plans"

    def test_the_home_folder_is_no_workspace_of_what_lies_deeper(self, home: Path) -> None:
        plant(home, {".git/": "", "package.json": "", "notes/x.plan.md": ""})
        assert find_root(home / "notes/x.plan.md") == home / "notes"

    def test_a_symlink_to_a_folder_is_resolved(self, root: Path, tmp_path: Path) -> None:
        plant(root, {".git/": "", "docs/": ""})
        (tmp_path / "link").symlink_to(root / "docs")
        assert find_root(tmp_path / "link/x.plan.md") == root

    def test_a_file_that_does_not_exist_has_a_root(self, root: Path) -> None:
        plant(root, {".git/": ""})
        assert find_root(root / "not/yet/x.plan.md") == root


class TestRelative:
    def test_a_path_inside_is_told_from_the_root_on(self, root: Path) -> None:
        assert relative(root, root / "src/a.py") == "src/a.py"
        assert relative(root, f"{root}//src/./a.py") == "src/a.py"
        assert relative(root, f"{root}/src/../a.py") == "a.py"

    def test_the_root_is_the_empty_path(self, root: Path) -> None:
        assert relative(root, root) == relative(root, f"{root}/") == relative(root, f"{root}/src/..") == ""

    @pytest.mark.parametrize(
        "path", ["/etc/passwd", "{root}/../x", "{root}-other/x", "src/a.py", "", "{root}/a\0b", "/"]
    )
    def test_a_path_elsewhere_has_no_name(self, root: Path, path: str) -> None:
        assert relative(root, path.format(root=root)) is None

    def test_symlinks_on_the_way_are_resolved_and_the_last_one_is_itself(self, root: Path, tmp_path: Path) -> None:
        plant(root, {"src/a.py": ""})
        plant(tmp_path / "outside", {"b.py": ""})
        (root / "short").symlink_to("src")
        (root / "away").symlink_to(tmp_path / "outside")
        (tmp_path / "alias").symlink_to(root)
        assert relative(root, root / "short/a.py") == "src/a.py"
        assert relative(root, root / "short") == "short"
        assert relative(root, root / "away/b.py") is None
        assert relative(root, tmp_path / "alias/src/a.py") == "src/a.py"
        assert relative(tmp_path / "alias", root / "src/a.py") == "src/a.py"
        assert relative(tmp_path / "alias", tmp_path / "alias") == ""

    def test_where_case_is_ignored_names_come_back_as_the_disk_spells_them(self, root: Path) -> None:
        plant(root, {"Src/Main.py": ""})
        assert relative(root, root / "sRC/mAIN.PY") == "sRC/mAIN.PY"
        assert relative(root, root / "sRC/mAIN.PY", case_sensitive=False) == "Src/Main.py"
        assert relative(root, str(root).upper() + "/sRC/New.py", case_sensitive=False) == "Src/New.py"


class TestConfined:
    def test_a_path_inside_is_told_where_it_really_lies(self, root: Path) -> None:
        plant(root, {"src/a.py": ""})
        (root / "short").symlink_to("src")
        assert confined(str(root), "short/a.py") == f"{root}/src/a.py"
        assert confined(str(root), "not/yet") == f"{root}/not/yet"
        assert confined(str(root), "") == str(root)
        assert confined("/", "etc") == "/etc"

    @pytest.mark.parametrize(
        "path", ["/etc/passwd", "../x", "src/../../x", "src/../a.py", "a\0b", "away/b.py", "away", "up/x"]
    )
    def test_a_path_that_leads_out_is_refused(self, root: Path, tmp_path: Path, path: str) -> None:
        plant(tmp_path / "outside", {"b.py": ""})
        (root / "away").symlink_to(tmp_path / "outside")
        (root / "up").symlink_to("..")
        assert confined(str(root), path) is None

    def test_a_neighbour_whose_name_starts_alike_is_outside(self, root: Path, tmp_path: Path) -> None:
        plant(tmp_path / "work-other", {"b.py": ""})
        (root / "away").symlink_to(tmp_path / "work-other")
        assert confined(str(root), "away/b.py") is None

    def test_a_home_sign_is_a_name_like_any_other(self, root: Path) -> None:
        assert confined(str(root), "~/x") == f"{root}/~/x"


class TestCaseSensitivity:
    def test_a_disk_that_has_both_spellings_tells_them_apart(self, root: Path) -> None:
        plant(root, {"name": "", "other": ""})
        assert is_case_sensitive(root, ["name"]) == (not (root / "NAME").exists())

    def test_two_files_of_two_spellings_are_two(self, root: Path) -> None:
        plant(root, {"name": ""})
        if (root / "NAME").exists():
            pytest.skip("this disk ignores case")
        plant(root, {"NAME": ""})
        assert is_case_sensitive(root, ["name"])

    def test_one_file_that_answers_to_both_spellings_means_that_case_is_ignored(self, root: Path) -> None:
        plant(root, {"name": ""})
        if not (root / "NAME").exists():
            os.link(root / "name", root / "NAME")  # What a disk that ignores case answers
        assert not is_case_sensitive(root, ["123", "name"])

    def test_nothing_is_written(self, root: Path) -> None:
        is_case_sensitive(root)
        assert list(root.iterdir()) == []
