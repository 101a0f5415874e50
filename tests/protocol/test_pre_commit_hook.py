"""The hook for pre-commit takes the files that may be plans, and no others."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent_server.plan.formats import FORMATS
from tests.plan.formats.cases import load_cases

ROOT = Path(__file__).parents[2]
HOOK: dict[str, Any] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())[0]


def is_taken(path: str) -> bool:
    return re.search(HOOK["files"], path) is not None


@pytest.mark.parametrize(
    "path", ["x.plan.md", "a/b/X.PLAN.MD", "specs/001-wiki/tasks.md", ".kiro/specs/auth/tasks.md", "docs/plans/x.md"]
)
def test_plans_are_taken(path: str) -> None:
    assert is_taken(path)
    assert FORMATS.is_plan(path)


@pytest.mark.parametrize(
    "path", ["README.md", "x.plan.md.bak", "tasks.md", "src/a.py", "package.json", "myspecs/tasks.md"]
)
def test_other_files_are_not(path: str) -> None:
    assert not is_taken(path)
    assert not FORMATS.is_plan(path)


def test_it_takes_what_the_programs_take() -> None:
    paths = {path for case in load_cases() for path, _ in case.files}
    assert paths
    assert {path: is_taken(path) for path in paths} == {path: FORMATS.is_plan(path) for path in paths}


def test_it_runs_the_check() -> None:
    assert (HOOK["id"], HOOK["entry"], HOOK["language"]) == ("agent-server-check", "agent-server check", "python")
