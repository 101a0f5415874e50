"""The index of all sources: what it answers, what it reads, and what it never reads."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent_server.analysis.questions import Definers, Importers, Importing, Likely, Naming
from agent_server.workspace.contents import MAX_FILE_BYTES
from agent_server.workspace.index.index import Index, NoIndex
from agent_server.workspace.listing import list_files
from tests.workspace.disk import plant, repository
from tests.workspace.indexing import ask, database_in, files_of

Make = Callable[..., Index]

PACKAGE = {
    "app/__init__.py": "from app.data import load\n",
    "app/data/__init__.py": "from .wiki import Entry\n\n\ndef load():\n    return Entry()\n",
    "app/data/wiki.py": "class Entry:\n    title = 'The clay wiki'\n",
    "app/pages/home.py": "from ..data import load\nfrom ..data.wiki import Entry\n",
    "app/pages/hub.py": "import app.data.wiki\nimport os\n",
    "tests/test_hub.py": "from app.pages import hub\n",
    "README.md": "The clay wiki, and its hub.\n",
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def make(cache: Path) -> Iterator[Make]:
    """Makes an index of a folder, up to date with what is in it."""
    made: list[Index] = []

    def make(root: Path, report: Callable[[str], None] = pytest.fail) -> Index:
        index = Index(root, {"AGENT_SERVER_CACHE_DIR": str(cache)}, report)
        made.append(index)
        index.refresh(files_of(root))
        return index

    yield make
    for index in made:
        index.close()


@pytest.fixture
def index(root: Path, make: Make) -> Index:
    return make(plant(root, PACKAGE))


class TestAnswers:
    def test_who_imports_a_file(self, index: Index) -> None:
        importers = ("app/data/__init__.py", "app/pages/home.py", "app/pages/hub.py")
        assert ask(index, Importers("app/data/wiki.py")) == importers

    def test_who_imports_a_package(self, index: Index) -> None:
        assert ask(index, Importers("app/data/__init__.py")) == ("app/__init__.py", "app/pages/home.py")

    def test_a_name_of_a_package_that_is_a_module(self, index: Index) -> None:
        assert ask(index, Importers("app/pages/hub.py")) == ("tests/test_hub.py",)

    def test_a_file_that_nobody_imports_or_that_does_not_exist(self, index: Index) -> None:
        assert ask(index, Importers("tests/test_hub.py")) == ()
        assert ask(index, Importers("app/new.py")) == ()

    def test_who_imports_modules_that_are_spelled_alike(self, index: Index) -> None:
        assert ask(index, Importing("app.data")) == ("app/__init__.py", "app/pages/hub.py")
        assert ask(index, Importing("app.nowhere")) == ()

    def test_who_exports_a_name(self, index: Index) -> None:
        assert ask(index, Definers("load")) == ("app/__init__.py", "app/data/__init__.py", "app/pages/home.py")
        assert ask(index, Definers("Load")) == ()

    def test_who_names_words_in_any_case(self, index: Index) -> None:
        assert ask(index, Naming(("CLAY", "wiki"))) == ("README.md", "app/data/wiki.py")
        assert ask(index, Naming(("clay", "hub"))) == ("README.md",)
        assert ask(index, Naming(("nowhere",))) == ()

    def test_what_a_task_would_write(self, index: Index) -> None:
        likely = ask(index, Likely("Add a title to every entry of the wiki"))
        assert "app/data/wiki.py" in [each.path for each in likely]  # type: ignore[union-attr]

    def test_nothing_is_answered_before_the_first_refresh(self, root: Path, cache: Path) -> None:
        with Index(root, {"AGENT_SERVER_CACHE_DIR": str(cache)}) as index, pytest.raises(NoIndex):
            ask(index, Naming(("clay",)))
        assert not cache.exists()


class TestWhatChanges:
    def refreshed(self, index: Index, changed: set[str] | None) -> Index:
        index.refresh(files_of(index.root), changed)
        return index

    def test_a_file_that_was_written(self, index: Index) -> None:
        plant(index.root, {"app/pages/hub.py": "from app.data import load\n"})
        self.refreshed(index, {"app/pages/hub.py"})
        assert ask(index, Importers("app/data/wiki.py")) == ("app/data/__init__.py", "app/pages/home.py")

    def test_a_file_that_is_new_needs_no_mention(self, index: Index) -> None:
        plant(index.root, {"app/pages/new.py": "import app.data.wiki\n"})
        assert "app/pages/new.py" in ask(self.refreshed(index, set()), Importers("app/data/wiki.py"))

    def test_a_file_that_is_gone_needs_no_mention(self, index: Index) -> None:
        (index.root / "app/pages/hub.py").unlink()
        assert "app/pages/hub.py" not in ask(self.refreshed(index, set()), Importers("app/data/wiki.py"))
        assert ask(index, Naming(("os",))) == ()

    def test_a_new_file_may_take_the_meaning_of_an_import(self, index: Index) -> None:
        plant(index.root, {"app/data/wiki/__init__.py": ""})
        self.refreshed(index, set())
        assert ask(index, Importers("app/data/wiki.py")) == ()
        assert len(ask(index, Importers("app/data/wiki/__init__.py"))) == 3

    def test_whatever_changed_is_found_by_a_look_at_all_files(self, index: Index) -> None:
        plant(index.root, {"app/pages/hub.py": "", "notes.txt": "clay wiki"})
        (index.root / "README.md").unlink()
        self.refreshed(index, None)
        assert ask(index, Naming(("clay", "wiki"))) == ("app/data/wiki.py", "notes.txt")

    def test_another_process_starts_with_what_the_first_one_has_read(self, index: Index, make: Make) -> None:
        before = index.revision()
        index.close()
        assert make(index.root).revision() == before

    def test_a_file_of_the_same_size_that_is_written_twice_within_a_tick(self, index: Index) -> None:
        for text in ("one = 1\n", "two = 2\n", "six = 6\n"):
            (index.root / "app/pages/hub.py").write_text(text)
            self.refreshed(index, {"app/pages/hub.py"})
        assert ask(index, Definers("six")) == ("app/pages/hub.py",)

    def test_history_is_read_where_there_is_some(self, root: Path, make: Make, cache: Path) -> None:
        index = make(repository(root, {"a.py": "x = 1\n", "b.py": "y = 1\n"}))
        index.refresh(files_of(root), set(), history=True)
        with closing(sqlite3.connect(database_in(cache))) as connection:
            assert connection.execute("SELECT count(*) FROM history_commits").fetchone() == (1,)


class TestWhatIsRead:
    def test_an_ignored_file_leaves_no_trace(self, root: Path, make: Make, cache: Path) -> None:
        secret = "sk_live_zq81kd7s"
        plant(root, {".env": f"KEY={secret}\n", "a.py": "import os\n", ".gitignore": ".env\n"})
        make(repository(root, {"keys/id": secret, ".gitignore": ".env\nkeys/\n"}))
        database_in(cache)
        assert all(secret.encode() not in path.read_bytes() for path in cache.rglob("index*"))
        assert all(b"keys/id" not in path.read_bytes() for path in cache.rglob("index*"))

    def test_a_file_that_is_not_ignored_does_leave_one(self, root: Path, make: Make, cache: Path) -> None:
        make(plant(root, {"a.py": "zq81kd7s = 1\n"}))
        assert any(b"zq81kd7s" in path.read_bytes() for path in cache.rglob("index*"))

    @pytest.mark.parametrize("target", ["../outside.py", "inside.txt", "/etc/hostname"])
    def test_symlinks_are_not_followed(self, root: Path, make: Make, target: str) -> None:
        plant(root.parent, {"outside.py": "quartz = 1\n"})
        plant(root, {"inside.txt": "quartz\n"})
        (root / "link.py").symlink_to(target)
        assert "link.py" in files_of(root)
        index = make(root)
        assert set(ask(index, Naming(("quartz",)))) <= {"inside.txt"}
        assert ask(index, Definers("quartz")) == ()

    def test_a_folder_that_became_a_symlink_is_not_entered(self, root: Path, cache: Path) -> None:
        plant(root.parent / "elsewhere", {"a.py": "quartz = 1\n"})
        plant(root, {"folder/a.py": "marble = 1\n"})
        files = files_of(root)
        (root / "folder").rename(root.parent / "was")
        (root / "folder").symlink_to(root.parent / "elsewhere")
        with Index(root, {"AGENT_SERVER_CACHE_DIR": str(cache)}) as index:
            index.refresh(files)
            assert ask(index, Naming(("quartz",))) == ()

    def test_what_is_no_text_is_passed_over(self, root: Path, make: Make) -> None:
        plant(
            root,
            {
                "binary.py": b"quartz = 1\0\n",
                "latin.py": "quartz = 'é'\n".encode("latin-1"),
                "large.py": b"quartz = 1\n" + b"#" * MAX_FILE_BYTES,
                "good.py": "quartz = 1\n",
                "marked.py": "\ufeffquartz = 1\n",
            },
        )
        os.mkfifo(root / "pipe.py")
        assert ask(make(root), Naming(("quartz",))) == ("good.py", "marked.py")

    def test_a_file_that_becomes_a_text_is_read(self, root: Path, make: Make) -> None:
        index = make(plant(root, {"a.py": b"quartz = 1\0\n"}))
        plant(root, {"a.py": "quartz = 1\n"})
        index.refresh(files_of(root), {"a.py"})
        assert ask(index, Definers("quartz")) == ("a.py",)

    def test_a_name_that_is_not_utf_8_stops_nothing(self, root: Path, make: Make) -> None:
        plant(root, {"good.py": "quartz = 1\n"})
        (root / os.fsdecode(b"b\xe4d.py")).write_text("quartz = 1\n")
        assert ask(make(root), Naming(("quartz",))) == ("good.py",)

    def test_a_broken_source_is_read_as_far_as_possible(self, root: Path, make: Make) -> None:
        index = make(plant(root, {"a.py": "import b\n\ndef (((\n", "b.py": ""}))
        assert ask(index, Importers("b.py")) == ("a.py",)

    def test_an_empty_workspace(self, root: Path, make: Make) -> None:
        assert list_files(root).files == ()
        assert ask(make(root), Naming(("quartz",))) == ()


class TestPlaces:
    def test_the_cache_is_the_users_alone(self, index: Index, cache: Path) -> None:
        assert cache.stat().st_mode & 0o777 == 0o700
        assert database_in(cache).parent.stat().st_mode & 0o777 == 0o700

    def test_workspaces_do_not_share_an_index(self, tmp_path: Path, make: Make, cache: Path) -> None:
        one, other = plant(tmp_path / "one", {"a.py": "quartz"}), plant(tmp_path / "other", {"b.py": "quartz"})
        assert [ask(make(root), Naming(("quartz",))) for root in (one, other)] == [("a.py",), ("b.py",)]
        assert len(list(cache.rglob("index.sqlite"))) == 2

    def test_a_link_to_a_workspace_is_that_workspace(
        self, index: Index, tmp_path: Path, make: Make, cache: Path
    ) -> None:
        (tmp_path / "link").symlink_to(index.root)
        make(tmp_path / "link")
        assert len(list(cache.rglob("index.sqlite"))) == 1
