"""What events mean for a listing: whatever is looked at again, the outcome is that of a whole new listing."""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from agent_server.workspace import updating
from agent_server.workspace.listing import Listing, list_files
from agent_server.workspace.updating import update
from agent_server.workspace.watching import Seen
from tests.workspace.disk import git, plant, repository


@pytest.fixture(params=["git", "walk"])
def before(request: pytest.FixtureRequest, root: Path) -> Listing:
    files = {".gitignore": "build/\n*.log\n", "a.py": "", "src/b.py": ""}
    (repository if request.param == "git" else plant)(root, files)
    return list_files(root)


def names(root: Path, *paths: str) -> Seen:
    return Seen(names=frozenset(f"{root}/{path}" for path in paths))


def written(root: Path, *paths: str) -> Seen:
    return Seen(written=frozenset(f"{root}/{path}" for path in paths))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How the disk was asked, in turn."""
    looks: list[str] = []

    def whole(root: Path, **options: object) -> Listing:
        looks.append("whole")
        return list_files(root, **options)  # type: ignore[arg-type]

    def some(listing: Listing, paths: Iterable[str], **options: object) -> Listing:
        looks.append("some")
        return list_again(listing, paths, **options)  # type: ignore[arg-type]

    list_again = updating.list_again
    monkeypatch.setattr(updating, "list_files", whole)
    monkeypatch.setattr(updating, "list_again", some)
    return looks


class TestWhatIsLookedAt:
    def test_a_file_that_was_written_asks_for_nothing(self, root: Path, before: Listing, looks: list[str]) -> None:
        assert update(before, written(root, "a.py")) is before
        assert looks == []

    def test_a_file_that_was_replaced_asks_for_nothing(self, root: Path, before: Listing, looks: list[str]) -> None:
        assert update(before, names(root, "a.py", "src/b.py")) is before
        assert looks == []

    def test_a_file_that_came_and_went_asks_for_nothing(self, root: Path, before: Listing, looks: list[str]) -> None:
        assert update(before, names(root, "src/.b.py.swp", "4913")) is before
        assert looks == []

    def test_what_happens_in_git_s_metadata_asks_for_nothing(
        self, root: Path, before: Listing, looks: list[str]
    ) -> None:
        plant(root, {".git/objects/ab/cd": "", ".git/index.lock": ""})
        assert update(before, names(root, ".git/objects/ab", ".git/index.lock")) is before
        assert looks == []

    def test_a_new_file_is_looked_at_alone(self, root: Path, before: Listing, looks: list[str]) -> None:
        plant(root, {"src/new.py": ""})
        assert update(before, names(root, "src/new.py")).files == (".gitignore", "a.py", "src/b.py", "src/new.py")
        assert looks == ["some"]

    def test_an_ignored_file_is_looked_at_once(self, root: Path, before: Listing, looks: list[str]) -> None:
        plant(root, {"x.log": "", "build/": ""})
        after = update(before, names(root, "x.log", "build"))
        assert after.files == before.files
        assert update(after, names(root, "x.log", "build")) is after
        assert looks == ["some"]

    @pytest.mark.parametrize("path", [".gitignore", "src/.gitignore", ".git", "src/.git", ""])
    def test_what_decides_about_other_paths_asks_for_all(
        self, root: Path, before: Listing, looks: list[str], path: str
    ) -> None:
        update(before, Seen(names=frozenset({f"{root}/{path}".rstrip("/")})))
        update(before, Seen(written=frozenset({f"{root}/{path}".rstrip("/")})))
        assert looks == ["whole", "whole"]

    def test_lost_events_ask_for_all(self, before: Listing, looks: list[str]) -> None:
        assert update(before, Seen(lost=True)) == before
        assert looks == ["whole"]

    def test_very_many_names_ask_for_all(self, root: Path, before: Listing, looks: list[str]) -> None:
        update(before, names(root, *map(str, range(updating.MOST_NAMES + 1))))
        assert looks == ["whole"]

    def test_very_many_new_files_ask_for_all(self, root: Path, before: Listing, looks: list[str]) -> None:
        new = [f"new{number}" for number in range(updating.MOST_QUESTIONS + 1)]
        plant(root, dict.fromkeys(new, ""))
        assert len(update(before, names(root, *new)).files) == len(before.files) + len(new)
        assert looks == ["whole"]

    @pytest.mark.parametrize(
        "path",
        [
            "/elsewhere/a.py",
            "{root}-other/a.py",
            "{root}/../a.py",
            "{root}/.",
            "{root}/./a.py",
            "{root}//a.py",
            "{root}/src/..",
            "{root}/a\0b",
            "{root}/\ud800",
        ],
    )
    def test_names_that_no_file_of_the_workspace_has_are_passed_over(
        self, root: Path, before: Listing, looks: list[str], path: str
    ) -> None:
        plant(root.parent, {"a.py": ""})
        assert update(before, Seen(names=frozenset({path.format(root=root)}))).files == before.files


class TestOutcome:
    """The same names come as other things."""

    def look(self, listing: Listing, *paths: str) -> Listing:
        after = update(listing, names(listing.root, *paths))
        assert after.files == list_files(listing.root).files
        assert after.folders == list_files(listing.root).folders
        return after

    def test_a_file_where_an_ignored_folder_was(self, root: Path, before: Listing) -> None:
        plant(root, {"build/": ""})
        after = self.look(before, "build")
        (root / "build").rmdir()
        plant(root, {"build": ""})
        assert "build" in self.look(after, "build").files

    def test_an_ignored_folder_where_a_file_was(self, root: Path, before: Listing) -> None:
        plant(root, {"build": ""})
        after = self.look(before, "build")
        assert "build" in after.files
        (root / "build").unlink()
        plant(root, {"build/out.js": ""})
        self.look(after, "build")

    def test_a_file_where_a_fifo_was(self, root: Path, before: Listing) -> None:
        os.mkfifo(root / "pipe")
        after = self.look(before, "pipe")
        (root / "pipe").unlink()
        plant(root, {"pipe": ""})
        assert "pipe" in self.look(after, "pipe").files

    def test_a_fifo_where_a_file_was(self, root: Path, before: Listing) -> None:
        (root / "a.py").unlink()
        os.mkfifo(root / "a.py")
        self.look(before, "a.py")

    def test_a_folder_where_a_file_was_and_back(self, root: Path, before: Listing) -> None:
        (root / "a.py").unlink()
        plant(root, {"a.py/deep/c.py": ""})
        after = self.look(before, "a.py")
        (root / "a.py/deep/c.py").unlink()
        (root / "a.py/deep").rmdir()
        (root / "a.py").rmdir()
        plant(root, {"a.py": ""})
        assert self.look(after, "a.py").files == before.files

    def test_a_folder_that_went_with_all_in_it(self, root: Path, before: Listing) -> None:
        (root / "src").rename(root.parent / "elsewhere")
        assert self.look(before, "src").files == (".gitignore", "a.py")

    def test_an_empty_folder(self, root: Path, before: Listing) -> None:
        plant(root, {"empty/er/": ""})
        after = self.look(before, "empty")
        assert "empty/er" in after.folders
        (root / "empty/er").rmdir()
        assert "empty/er" not in self.look(after, "empty/er").folders


def test_a_folder_that_became_a_repository_is_listed_by_its_own_rules(root: Path) -> None:
    repository(root, {"a.py": ""})
    before = list_files(root)
    repository(root / "inner", {".gitignore": "*.log\n", "b.py": "", "x.log": ""})
    after = update(before, names(root, "inner"))
    assert after.files == ("a.py", "inner/.gitignore", "inner/b.py")
    assert after.repositories == {"", "inner"}


def test_a_checkout_is_seen_by_git_s_index(root: Path) -> None:
    repository(root, {"a.py": "", "b.py": ""})
    before = list_files(root)
    git(root, "rm", "--quiet", "--cached", "b.py")
    plant(root, {".git/info/exclude": "b.py\n"})
    assert update(before, Seen(names=frozenset({f"{root}/.git/index"}))).files == ("a.py",)
