from collections.abc import Mapping

import pytest

from agent_server.analysis.imports.layouts import Planned
from agent_server.analysis.imports.spellings import spelled
from agent_server.analysis.imports.targets import Place
from agent_server.analysis.tree import Tree
from agent_server.languages import language_of

PYTHON = {"pyproject.toml": "", "src/shop/__init__.py": "", "src/shop/cart.py": "", "tools/run.py": ""}
ALIASED = {"tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}', "src/data/index.ts": ""}
GO = {"go.mod": "module example.com/m\n", "store/store.go": "package store\n", "main.go": "package main\n"}
RUST = {"Cargo.toml": '[package]\nname = "m"\n', "src/lib.rs": "mod store;\n", "src/store/mod.rs": ""}
JAVA = {"pom.xml": "", "src/main/java/com/x/A.java": "package com.x; class A {}"}


def spelling(path: str, importer: str, files: Mapping[str, str], *to_come: str) -> str | None:
    tree = Tree(files, files)
    return spelled(path, Place(importer, language_of(importer)), Planned(tree, to_come), tree)


@pytest.mark.parametrize(
    ("path", "importer", "files", "module"),
    [
        ("src/shop/cart.py", "src/shop/new.py", PYTHON, "shop.cart"),
        ("src/shop/__init__.py", "src/shop/new.py", PYTHON, "shop"),
        ("src/data/index.ts", "src/app/page.tsx", ALIASED, "@/data"),
        ("lib/data.ts", "lib/app/page.ts", {"lib/data.ts": ""}, "../data"),
        ("store/store.go", "main.go", GO, "example.com/m/store"),
        ("src/store/mod.rs", "src/new.rs", RUST, "crate::store"),
        ("src/main/java/com/x/A.java", "src/main/java/com/x/B.java", JAVA, "com.x.A"),
    ],
)
def test_a_file_is_spelled_as_its_language_imports_it(
    path: str, importer: str, files: Mapping[str, str], module: str
) -> None:
    assert spelling(path, importer, files) == module


def test_a_file_to_come_is_spelled_as_if_it_were_there() -> None:
    assert spelling("src/shop/new.py", "src/shop/b.py", PYTHON, "src/shop/new.py") == "shop.new"


def test_what_has_no_module_has_no_spelling() -> None:
    assert spelling("README.md", "src/shop/b.py", PYTHON) is None
    assert spelling("src/shop/cart.py", "README.md", PYTHON) is None
    assert spelling("src/lib.rs", "src/new.rs", RUST) is None
