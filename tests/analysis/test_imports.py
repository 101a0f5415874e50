import pytest

from agent_server.analysis.globs import PathSet
from agent_server.analysis.imports import is_ours, path_files, targets
from agent_server.analysis.tree import Tree
from agent_server.analysis.writers import Writers
from tests.analysis.analysed import plan_of, tree_of

TREE = tree_of(
    "data/__init__.py",
    "data/knowledge.py",
    "src/app/main.py",
    "web/src/data/knowledge.ts",
    "web/src/ui/index.ts",
    "internal/db/db.go",
)


def existing(spelled: str, importer: str = "", tree: Tree = TREE) -> str | None:
    (target,) = targets(plan_of(f"## t: T\n- imports: `{spelled}`\n").tasks[0], importer, tree)
    return target.existing


@pytest.mark.parametrize(
    ("spelled", "importer", "file"),
    [
        ("data.knowledge", "", "data/knowledge.py"),
        ("data", "", "data/__init__.py"),
        ("data.knowledge.ENTRIES", "", "data/knowledge.py"),
        ("app.main", "", "src/app/main.py"),
        (".knowledge", "data/clay.py", "data/knowledge.py"),
        ("data/knowledge.py", "", "data/knowledge.py"),
        ("./knowledge", "web/src/data/clay.ts", "web/src/data/knowledge.ts"),
        ("../data/knowledge.js", "web/src/app/page.ts", "web/src/data/knowledge.ts"),
        ("@/data/knowledge", "web/src/app/page.ts", "web/src/data/knowledge.ts"),
        ("@/ui", "web/src/app/page.ts", "web/src/ui/index.ts"),
        ("internal/db", "cmd/main.go", "internal/db/"),
        ("data.clay", "", None),
        ("requests", "", None),
    ],
)
def test_the_file_that_an_import_means(spelled: str, importer: str, file: str | None) -> None:
    assert existing(spelled, importer) == file


@pytest.mark.parametrize(
    ("spelled", "ours"),
    [
        ("data/clay.py", True),
        ("clay.py", True),
        ("./clay", True),
        ("@/data/clay", True),
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
    (target,) = targets(plan_of(f"## t: T\n- imports: `{spelled}`\n").tasks[0], "data/new.py", TREE)
    writers = Writers({"creator": PathSet.of(["fresh/base.py"])}, TREE)
    assert target.existing is None
    assert is_ours(target, TREE, writers) is ours


def test_a_path_never_leaves_the_workspace() -> None:
    assert list(path_files("../../up.py", "pages/hub.py")) == []
