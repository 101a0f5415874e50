"""A plan of spec-kit's, whose two tasks of one wave claim that they may run at once and write one file."""

import sys
from pathlib import Path
from typing import Any

SEARCH = """\
# Tasks: Search

**Input**: Design documents from `specs/001-search/`

## Phase 1: Setup

- [ ] T001 Create the list of stop words in `src/words.py`

## Phase 2: Search

- [ ] T002 [P] Add the index to `src/search.py`
- [ ] T003 [P] Add the ranking to `src/search.py`
"""

_AGENT = """\
import pathlib, re, sys
path = pathlib.Path(re.search(r"src/\\w+\\.py", sys.stdin.read())[0])
path.parent.mkdir(exist_ok=True)
path.write_text("DONE = True\\n")
"""


def search_plan(root: Path) -> Path:
    """Put the plan into a workspace, and the program that its agents are."""
    plan = root / "specs/001-search/tasks.md"
    plan.parent.mkdir(parents=True)
    plan.write_text(SEARCH)
    (root / "agent.py").write_text(_AGENT)
    return plan


def settings_of_search() -> dict[str, Any]:
    """The settings that say who the agents are."""
    return {"agent": "writer", "backends": {"writer": {"protocol": "command", "command": [sys.executable, "agent.py"]}}}
