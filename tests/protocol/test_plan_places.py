"""The clients know the places of plans as the server does."""

import json
import re
from pathlib import Path

import pytest

from agent_server.plan.formats import READERS
from protocol import plan_places

MANIFEST = Path("editor_clients/vscode/package.json")
PLACES = [
    "specs/001-search/tasks.md",
    ".kiro/specs/search/tasks.md",
    "openspec/changes/add-search/tasks.md",
    "docs/superpowers/plans/2026-01-02-search.md",
    ".planning/phases/01-search/01-02-PLAN.md",
    ".cursor/plans/search.plan.md",
    ".taskmaster/tasks/tasks.json",
    ".beads/issues.jsonl",
    "backlog/tasks/task-1 - Search.md",
    "search.plan.md",
]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("folder", ["", "/home/ada/site/"])
def test_regular_expressions_for_emacs_find_plans_and_nothing_else(path: str, folder: str) -> None:
    found = re.findall(r'^ {2,4}(?:\'\()?(".*?")\)?$', plan_places.lisp(), re.MULTILINE)
    patterns = [json.loads(each).replace(r"\(?:", "(?:").replace(r"\)", ")") for each in found if "`" in each]
    patterns = [each.replace(r"\|", "|").replace(r"\`", r"\A").replace(r"\'", r"\Z") for each in patterns]
    assert len(patterns) == len(plan_places.globs())
    assert any(re.search(each, folder + path) for each in patterns)
    for other in ("README.md", "package.json", "docs/specs.md", f"{path}.bak", "xspecs/tasks.mdx"):
        assert not any(re.search(each, folder + other) for each in patterns), other


def test_a_workspace_with_a_plan_of_any_format_starts_the_extension() -> None:
    events = set(json.loads(MANIFEST.read_text("utf-8"))["activationEvents"])
    for reader in READERS.values():
        for glob in (*reader.globs, *reader.elsewhere):
            assert "{" in glob or f"workspaceContains:{glob}" in events
    assert "onLanguage:markdown" not in events


def test_braces_are_spelled_out_everywhere() -> None:
    assert not any(set("{}") & set(glob) for glob in plan_places.globs())
    assert "**/fix_plan.md" in plan_places.globs()
    assert "**/@fix_plan.md" in plan_places.globs()


def test_what_a_file_says_besides_is_left_alone() -> None:
    manifest = '{\n  "activationEvents": [\n    "old"\n  ],\n  "name": "x"\n}\n'
    assert json.loads(plan_places.activation(manifest))["name"] == "x"
    assert "old" not in plan_places.activation(manifest)
    languages = 'name = "plan"\nfile-types = [\n  { glob = "old" },\n]\nindent = 2\n'
    written = plan_places.file_types(languages)
    assert written.startswith('name = "plan"\nfile-types = [\n  { glob = "')
    assert written.endswith("},\n]\nindent = 2\n")
