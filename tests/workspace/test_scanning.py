"""One look at a workspace, for a command that looks once and leaves."""

from pathlib import Path

from agent_server.workspace.scanning import scan
from tests.workspace.disk import plant, repository


def test_a_scan_has_the_files_and_the_texts_that_were_asked_for(root: Path) -> None:
    repository(root, {".gitignore": "*.log\n", "a.py": "A", "src/b.py": "B", "data": b"\0"})
    plant(root, {"x.log": "", "new.py": "N"})
    found = scan(root, lambda tree: [*tree.named("b.py"), "new.py", "data", "nowhere"])
    assert found.tree.paths == (".gitignore", "a.py", "data", "new.py", "src/b.py")
    assert found.tree.contents == {"src/b.py": "B", "new.py": "N"}
    assert found.problems == ()


def test_a_file_that_is_not_listed_is_not_read(root: Path) -> None:
    repository(root, {".gitignore": ".env\n"})
    plant(root, {".env": "SECRET=1"})
    assert scan(root, lambda _tree: [".env"]).tree.contents == {}


def test_a_folder_in_a_file_s_place_is_not_listed_as_the_file(root: Path) -> None:
    repository(root, {"thing": ""})
    (root / "thing").unlink()
    plant(root, {"thing/a.py": ""})
    assert scan(root).tree.paths == ("thing/a.py",)


def test_a_symlinked_root_is_the_folder_it_points_to(root: Path, tmp_path: Path) -> None:
    plant(root, {"a.py": "A"})
    (tmp_path / "alias").symlink_to(root)
    tree = scan(tmp_path / "alias", lambda tree: tree.paths).tree
    assert (tree.contents, tree.name) == ({"a.py": "A"}, root.name)


def test_what_goes_wrong_is_told(root: Path) -> None:
    found = scan(root / "nowhere")
    assert found.tree.paths == ()
    assert found.problems == (f"The workspace folder `{root}/nowhere` does not exist.",)
