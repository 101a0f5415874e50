import pytest

from agent_server.analysis.imports.layouts import Planned
from agent_server.analysis.imports.predictions import found_instead, mirrorings, predicted
from agent_server.analysis.tree import Tree

KNOWLEDGE = "pages/knowledge/hub.py"
CLAY = "pages/clay_wiki/hub.py"


MANIFESTS = {
    "web/tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "go.mod": "module example.com/shop\n",
    "Cargo.toml": '[package]\nname = "shop"\n',
}


def predicts(source: str, path: str, mirrored: str = KNOWLEDGE, written: str = CLAY) -> tuple[str, ...] | None:
    """The names that the import of `path` is predicted to take; None if it is not predicted."""
    files = {mirrored: source, **MANIFESTS}
    tree = Tree(files, files)
    found = predicted(path, mirrorings([written], [mirrored]), tree, Planned(tree, [written, path]))
    return None if found is None else found[1]


def test_a_mirrored_import_with_the_names_substituted_is_the_prediction() -> None:
    source = "from data.knowledge import KNOWLEDGE, knowledge_entries, Level\n"
    assert predicts(source, "data/clay_wiki.py") == ("CLAY_WIKI", "clay_wiki_entries", "Level")


def test_what_is_used_of_a_name_is_no_name_of_its_module() -> None:
    source = "from data.knowledge import KNOWLEDGE\n\nprint(KNOWLEDGE.url, KNOWLEDGE.title)\n"
    assert predicts(source, "data/clay_wiki.py") == ("CLAY_WIKI",)


@pytest.mark.parametrize(
    "source",
    [
        "import data.knowledge\n",
        "from data import knowledge\n",
        "from ...data import knowledge\n",
        "from ...data.knowledge import ENTRIES\n",
    ],
)
def test_every_spelling_of_the_import_predicts_the_same_file(source: str) -> None:
    written, path = "site/pages/clay_wiki/hub.py", "site/data/clay_wiki.py"
    assert predicts(source, path, "site/pages/knowledge/hub.py", written) is not None


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("from data.knowledge import ENTRIES\n", "data/clay.py"),
        ("from data.knowledge import ENTRIES\n", "other/clay_wiki.py"),
        ("from data.shared import ENTRIES\n", "data/clay_wiki.py"),
        ("import json\n", "data/clay_wiki.py"),
        ("not python (", "data/clay_wiki.py"),
    ],
)
def test_what_is_near_the_mark_is_no_prediction(source: str, path: str) -> None:
    assert predicts(source, path) is None


@pytest.mark.parametrize(
    ("source", "path", "mirrored", "written"),
    [
        (
            'import { knowledgeEntries } from "@/data/knowledge";',
            "web/src/data/clay-wiki.ts",
            "web/src/app/knowledge/page.tsx",
            "web/src/app/clay-wiki/page.tsx",
        ),
        (
            'const { knowledgeEntries } = require("../../data/knowledge.js")',
            "src/data/clay-wiki.js",
            "src/pages/knowledge/hub.js",
            "src/pages/clay-wiki/hub.js",
        ),
        (
            "use crate::data::knowledge::{knowledge_entries};",
            "src/data/clay_wiki.rs",
            "src/pages/knowledge.rs",
            "src/pages/clay_wiki.rs",
        ),
        (
            'package hub\n\nimport "example.com/shop/internal/knowledge"\n\nvar all = knowledge.KnowledgeEntries()\n',
            "internal/claywiki/",
            "internal/hub/knowledge.go",
            "internal/hub/claywiki.go",
        ),
        (
            "package com.shop.pages.knowledge;\nimport com.shop.data.knowledge.KnowledgeEntries;\n",
            "src/main/java/com/shop/data/claywiki/ClayWikiEntries.java",
            "src/main/java/com/shop/pages/knowledge/KnowledgeHub.java",
            "src/main/java/com/shop/pages/claywiki/ClayWikiHub.java",
        ),
    ],
)
def test_other_languages_are_predicted_by_their_import_statements(
    source: str, path: str, mirrored: str, written: str
) -> None:
    expected = {"tsx": "clayWikiEntries", "js": "clayWikiEntries", "rs": "clay_wiki_entries", "go": "ClaywikiEntries"}
    names = predicts(source, path, mirrored, written)
    assert names is not None
    assert set(names) <= {expected.get(written.rpartition(".")[2], "")}


def test_of_several_written_files_the_one_most_like_the_mirrored_file_tells_the_names() -> None:
    written = ["static/clay_wiki.css", "pages/clay_wiki/hub.py"]
    assert next(pair.written for pair in mirrorings(written, [KNOWLEDGE])) == "pages/clay_wiki/hub.py"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, f"`{KNOWLEDGE}` could not be read"),
        ("not python (", f"`{KNOWLEDGE}` imports nothing"),
        ("x = 1\n", f"`{KNOWLEDGE}` imports nothing"),
        ("import json\n", f"`knowledge` → `clay_wiki` changes none of the imports of `{KNOWLEDGE}` (`json`)"),
        (
            "import json\nimport data.knowledge\n",
            f"with `knowledge` → `clay_wiki`, the imports of `{KNOWLEDGE}` become `data.clay_wiki`",
        ),
    ],
)
def test_a_failed_prediction_says_what_was_found_instead(source: str | None, reason: str) -> None:
    tree = Tree([KNOWLEDGE], {} if source is None else {KNOWLEDGE: source})
    assert found_instead([KNOWLEDGE], mirrorings([CLAY], [KNOWLEDGE]), tree) == reason
