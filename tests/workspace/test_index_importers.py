"""Who imports a file, in every language: what the index finds by words is what a look at every import finds."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from agent_server.analysis.imports.layouts import manifests
from agent_server.analysis.tree import Tree
from agent_server.languages import language_of, read_source
from agent_server.workspace.index.importers import importers, means, package_folder
from agent_server.workspace.index.modules import module_words, only_goes_up, path_words
from agent_server.workspace.index.store import Store, code_version
from agent_server.workspace.index.surroundings import Surroundings
from tests.workspace.disk import plant
from tests.workspace.indexing import Alone

PYTHON = {
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "src/shop/__init__.py": "from .orders import Order\nfrom shop import users\n",
    "src/shop/orders/__init__.py": "from .model import Order\n",
    "src/shop/orders/model.py": "from .. import users\nfrom ..users import User\n\nclass Order: ...\n",
    "src/shop/users.py": "import shop.orders.model as model\n\nclass User: ...\n",
    "src/shop/plain/deep.py": "from . import other\nfrom .other import thing\n",
    "src/shop/plain/other.py": "thing = 1\n",
    "tests/test_users.py": "from shop.users import User\nimport shop\n",
    "tests/conftest.py": "from tests.test_users import User\n",
}

TYPESCRIPT = {
    "package.json": '{"name": "root", "workspaces": ["packages/*"]}',
    "tsconfig.json": """{"compilerOptions": {
        "baseUrl": ".", "paths": {"@/*": ["app/*"], "theme": ["app/style/main.ts"]}
    }}""",
    "app/page.tsx": "import { nav } from '@/parts/nav'\nimport theme from 'theme'\nimport { button } from '@shop/ui'\n",
    "app/index.ts": "export * from './page'\nimport './style/main.js'\n",
    "app/parts/nav.tsx": "import { page } from '..'\nimport type { Item } from '../data'\nimport '../settings.json'\n",
    "app/parts/index.ts": "export { nav } from './nav'\n",
    "app/data/index.ts": "export interface Item {}\nexport { a } from './a.config'\n",
    "app/data/a.config.ts": "import { nav } from '../parts'\nimport x from './'\nexport const a = 1\n",
    "app/settings.json": "{}",
    "app/style/main.ts": "const page = import('../page')\nconst b = require('./b')\n",
    "app/style/b.js": "module.exports = {}\n",
    "packages/ui-kit/package.json": """{"name": "@shop/ui", "exports": {
        ".": "./src/main.ts", "./deep": "./src/far/away.ts"
    }}""",
    "packages/ui-kit/src/main.ts": "export { away } from './far/away'\n",
    "packages/ui-kit/src/far/away.ts": "export const away = 1\n",
    "packages/web/package.json": '{"name": "@shop/web"}',
    "packages/web/src/use.ts": "import { away } from '@shop/ui/deep'\nimport { button } from '@shop/ui'\n",
}

GO = {
    "go.mod": "module example.org/shop/v2\n\ngo 1.22\n",
    "root.go": "package shop\n",
    "cmd/serve/main.go": """package main

import (
    "fmt"
    "example.org/shop/v2"
    "example.org/shop/v2/orders"
)
""",
    "orders/order.go": 'package orders\n\nimport u "example.org/shop/v2/internal/users"\n',
    "orders/line.go": "package orders\n",
    "internal/users/user.go": "package users\n",
}

RUST = {
    "Cargo.toml": '[workspace]\nmembers = ["my-shop", "tool"]\n',
    "my-shop/Cargo.toml": '[package]\nname = "my-shop"\n',
    "my-shop/src/lib.rs": "mod orders;\npub mod users;\npub struct Shop;\npub use orders::model::Order;\n",
    "my-shop/src/orders/mod.rs": "pub mod model;\nuse super::users::User;\nuse crate::Shop;\n",
    "my-shop/src/orders/model.rs": "use super::*;\nuse crate::users;\npub struct Order;\n",
    "my-shop/src/users.rs": "mod names;\nuse self::names::Name;\npub struct User;\n",
    "my-shop/src/users/names.rs": "use super::User;\nuse super::super::Shop;\npub struct Name;\n",
    "tool/Cargo.toml": '[package]\nname = "tool"\n[dependencies]\nmy-shop = { path = "../my-shop" }\n',
    "tool/src/main.rs": "use my_shop::Shop;\nuse my_shop::users::User;\nfn main() {}\n",
}

JAVA = {
    "pom.xml": "<project/>\n",
    "src/main/java/org/shop/Order.java": "package org.shop;\nimport org.shop.users.User;\npublic class Order {}\n",
    "src/main/java/org/shop/users/User.java": "package org.shop.users;\npublic class User { public static int N; }\n",
    "src/main/java/org/shop/users/Name.java": """package org.shop.users;
import static org.shop.users.User.N;
class Name {}
""",
    "src/test/java/org/shop/OrderTest.java": "package org.shop;\nimport org.shop.users.*;\nclass OrderTest {}\n",
}

WORKSPACES = {"python": PYTHON, "typescript": TYPESCRIPT, "go": GO, "rust": RUST, "java": JAVA}


def indexed(root: Path, files: Mapping[str, str]) -> tuple[Store, Surroundings]:
    alone = Alone(root.parent / "index.sqlite", plant(root, files))
    alone.look_at_all()
    tree = Tree(files)
    store = Store(alone.database, root, code_version())
    return store, Surroundings(tree, {path: files[path] for path in manifests(tree)})


def by_looking_at_every_import(
    path: str, files: Mapping[str, str], store: Store, around: Surroundings
) -> tuple[str, ...]:
    folder = package_folder(path, store)
    return tuple(
        importer
        for importer in sorted(files)
        if importer != path
        and (source := read_source(importer, files[importer])) is not None
        and any(means(around.resolve(each.module, importer), path, folder, around) for each in source.imports)
    )


@pytest.mark.parametrize("name", [*WORKSPACES, "all"])
def test_words_lose_no_importer(root: Path, name: str) -> None:
    files = WORKSPACES.get(name) or {
        f"{top}/{path}": text for top in WORKSPACES for path, text in WORKSPACES[top].items()
    }
    store, around = indexed(root, files)
    wanted = {path: by_looking_at_every_import(path, files, store, around) for path in files}
    assert sum(map(bool, wanted.values())) >= 2
    assert {path: importers(path, store, around) for path in files} == wanted
    store.close()


@pytest.mark.parametrize(
    ("workspace", "path", "wanted"),
    [
        ("python", "src/shop/users.py", {"src/shop/__init__.py", "src/shop/orders/model.py", "tests/test_users.py"}),
        ("python", "src/shop/plain/other.py", {"src/shop/plain/deep.py"}),
        ("typescript", "app/style/main.ts", {"app/page.tsx", "app/index.ts"}),
        ("typescript", "app/index.ts", {"app/parts/nav.tsx"}),
        ("typescript", "app/settings.json", {"app/parts/nav.tsx"}),
        ("typescript", "packages/ui-kit/src/main.ts", {"app/page.tsx", "packages/web/src/use.ts"}),
        ("typescript", "packages/ui-kit/src/far/away.ts", {"packages/ui-kit/src/main.ts", "packages/web/src/use.ts"}),
        ("go", "orders/line.go", {"cmd/serve/main.go"}),
        ("go", "root.go", {"cmd/serve/main.go"}),
        ("go", "internal/users/user.go", {"orders/order.go"}),
        ("rust", "my-shop/src/users/names.rs", {"my-shop/src/users.rs"}),
        ("rust", "my-shop/src/orders/mod.rs", {"my-shop/src/lib.rs", "my-shop/src/orders/model.rs"}),
        ("java", "src/main/java/org/shop/users/User.java", {
            "src/main/java/org/shop/Order.java",
            "src/main/java/org/shop/users/Name.java",
            "src/test/java/org/shop/OrderTest.java",
        }),
    ],
)  # fmt: skip
def test_importers(root: Path, workspace: str, path: str, wanted: set[str]) -> None:
    store, around = indexed(root, WORKSPACES[workspace])
    assert set(importers(path, store, around)) == wanted
    store.close()


def test_every_sample_is_read() -> None:
    unread = [path for files in WORKSPACES.values() for path in files if language_of(path) is None]
    assert {path.rpartition("/")[2] for path in unread} <= {
        "pyproject.toml", "package.json", "tsconfig.json", "settings.json", "go.mod", "Cargo.toml", "pom.xml"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("module", "words"),
    [
        ("../data/clay-wiki.js", ("data", "clay_wiki", "js")),
        ("app.data.clay_wiki", ("app", "data", "clay_wiki")),
        ("crate::data::Wiki::new", ("data", "wiki", "new")),
        ("@app/ui", ("app", "ui")),
        ("..", ()),
    ],
)
def test_the_words_of_a_module(module: str, words: tuple[str, ...]) -> None:
    assert module_words(module) == words


@pytest.mark.parametrize(
    "module", [".", "..", "../..", "../", "./", ".name", "..name", "super::Name", "crate::Name", "self"]
)
def test_modules_that_only_go_up(module: str) -> None:
    assert only_goes_up(module)


@pytest.mark.parametrize(
    "module", ["os", "./name", "../data/name", ".data.name", "crate::data::Name", "@/x", "@app/ui"]
)
def test_modules_that_name_a_file(module: str) -> None:
    assert not only_goes_up(module)


def test_the_words_of_a_path() -> None:
    assert path_words("src/data/clay-wiki.config.ts") == ("clay_wiki", "data")
    assert path_words("main.go") == ("main",)
