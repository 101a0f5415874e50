import pytest

from agent_server.analysis.globs.path_sets import PathSet
from agent_server.analysis.imports.layouts import Planned
from agent_server.analysis.imports.targets import Target, path_files, targets, to_come
from agent_server.analysis.tree import Tree
from tests.analysis.analysed import plan_of

FILES = {
    "data/__init__.py": "",
    "data/knowledge.py": "",
    "src/app/main.py": "",
    "web/src/data/knowledge.ts": "",
    "web/src/ui/index.ts": "",
    "web/tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "go.mod": "module example.com/shop\n",
    "internal/db/db.go": "package db\n",
    "Cargo.toml": '[package]\nname = "shop"\n',
    "src/lib.rs": "mod data;\n",
    "src/data.rs": "",
    "app/src/main/java/com/shop/data/Entry.java": "package com.shop.data;\n",
}
TREE = Tree(FILES, FILES)


def target(spelled: str, *written: str) -> Target:
    (found,) = targets(plan_of(f"## t: T\n- imports: `{spelled}`\n").tasks[0], PathSet.of(written), TREE)
    return found


@pytest.mark.parametrize(
    ("spelled", "importer", "file"),
    [
        ("data.knowledge", "pages/hub.py", "data/knowledge.py"),
        ("data", "pages/hub.py", "data/__init__.py"),
        ("data.knowledge.ENTRIES", "pages/hub.py", "data/knowledge.py"),
        ("app.main", "pages/hub.py", "src/app/main.py"),
        (".knowledge", "data/clay.py", "data/knowledge.py"),
        ("data/knowledge.py", "pages/hub.py", "data/knowledge.py"),
        ("./knowledge", "web/src/data/clay.ts", "web/src/data/knowledge.ts"),
        ("../data/knowledge.js", "web/src/app/page.ts", "web/src/data/knowledge.ts"),
        ("@/data/knowledge", "web/src/app/page.ts", "web/src/data/knowledge.ts"),
        ("@/ui", "web/src/app/page.ts", "web/src/ui/index.ts"),
        ("example.com/shop/internal/db", "cmd/main.go", "internal/db/"),
        ("internal/db", "cmd/main.go", "internal/db/"),
        ('"data/knowledge.py"', "pages/hub.py", "data/knowledge.py"),
        ("crate::data", "src/pages.rs", "src/data.rs"),
        ("com.shop.data.Entry", "app/src/main/java/com/shop/Hub.java", "app/src/main/java/com/shop/data/Entry.java"),
        ("data.clay", "pages/hub.py", None),
        ("requests", "pages/hub.py", None),
    ],
)
def test_the_file_that_an_import_means(spelled: str, importer: str, file: str | None) -> None:
    assert target(spelled, importer).existing == file


def test_a_statement_tells_the_names_too() -> None:
    found = target('import { entries, type Entry } from "@/data/knowledge"', "web/src/app/page.ts")
    assert (found.existing, found.names) == ("web/src/data/knowledge.ts", ("entries", "Entry"))


@pytest.mark.parametrize("spelled", ["require('@/ui')", 'import("@/ui")', '"@/ui"'])
def test_a_module_in_quotes_is_no_path(spelled: str) -> None:
    assert target(spelled, "web/src/app/page.ts").existing == "web/src/ui/index.ts"


@pytest.mark.parametrize(
    ("spelled", "ours"),
    [
        ("zone.js", False),
        ("three/addons/controls.js", False),
        ("/home/me/new.js", False),
        ("src/new.js", True),
        ("new.ts", True),
        ("./new.js", True),
    ],
)
def test_what_looks_like_a_file_of_javascript_may_be_a_package(spelled: str, *, ours: bool) -> None:
    assert target(spelled, "web/src/app/page.ts").ours is ours
    there = to_come(target(spelled, "web/src/app/page.ts"), Planned(TREE, [spelled]), TREE)
    assert there.existing == (None if spelled.startswith((".", "/")) else spelled)


def test_what_is_left_of_a_module_behind_its_file_is_a_name() -> None:
    assert target("data.knowledge.ENTRIES", "pages/hub.py").names == ("ENTRIES",)


def test_of_the_files_that_a_task_writes_the_one_decides_for_which_the_import_means_something() -> None:
    found = target("data.knowledge", "web/src/app/page.ts", "notes.md", "pages/hub.py")
    assert (found.existing, found.place.importer) == ("data/knowledge.py", "pages/hub.py")


@pytest.mark.parametrize(
    ("spelled", "file"),
    [
        ("crate::data", "src/data.rs"),
        ("data.knowledge", "data/knowledge.py"),
        ("data/knowledge.py", "data/knowledge.py"),
    ],
)
def test_where_no_file_is_known_the_shape_of_the_import_tells_its_language(spelled: str, file: str) -> None:
    assert target(spelled).existing == file


@pytest.mark.parametrize(
    ("spelled", "ours"),
    [
        ("data/clay.py", True),
        ("clay.py", True),
        ("./clay", True),
        ("web/src/clay", True),
        ("data.clay", True),
        (".clay", True),
        ("app.clay", True),
        ("fresh.clay", True),
        ("requests", False),
        ("requests.adapters", False),
        ("os.path", False),
        ("react-dom/client", False),
        ("@scope/package", False),
        ("chart.js", False),
    ],
)
def test_whether_a_missing_import_belongs_to_the_workspace(spelled: str, ours: bool) -> None:
    found = to_come(target(spelled, "data/new.py"), Planned(TREE, ["fresh/__init__.py"]), TREE)
    assert found.existing is None
    assert found.ours is ours


def test_a_file_that_a_task_creates_is_what_an_import_will_mean() -> None:
    missing = target("crate::data::clay", "src/pages.rs")
    assert (missing.existing, missing.names) == ("src/data.rs", ("clay",))
    found = to_come(missing, Planned(TREE, ["src/data/clay.rs"]), TREE)
    assert (found.existing, found.names) == ("src/data/clay.rs", ())


def test_a_path_never_leaves_the_workspace() -> None:
    assert list(path_files("../../up.py", "pages/hub.py")) == []
    assert target("../../up.py", "pages/hub.py").files == ()
