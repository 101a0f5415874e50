"""Real plans that are documents: every edit that a format holds says what is meant, and changes nothing else.

The plans are other people's, so they are not here: `AGENT_SERVER_CORPUS` names a folder of them, a folder a format.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent_server.analysis.analyse import analyse
from agent_server.analysis.tree import Tree
from agent_server.plan.edits import set_field
from agent_server.plan.formats import READERS
from agent_server.plan.model import Plan, Status, Task, apply_edits

FORMATS = {
    "superpowers": "superpowers",
    "cursor": "cursor",
    "claude": "claude-code",
    "execplan": "execplan",
    "bmad": "bmad",
}
LISTS = ("writes", "reads", "needs")
FOLDER = os.environ.get("AGENT_SERVER_CORPUS", "")
FILES = [file for folder in FORMATS for file in sorted(Path(FOLDER, folder).glob("*.md"))] if FOLDER else []

pytestmark = pytest.mark.skipif(not FOLDER, reason="AGENT_SERVER_CORPUS names no folder of plans")


@pytest.fixture(params=FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def file(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def test_a_real_plan_can_be_analysed(file: Path) -> None:
    plan, problems = _read(file, file.read_bytes().decode("utf-8"))
    for task in plan.tasks:
        for item in (*task.writes, *task.reads, *task.needs):
            assert item.span.of(plan.text) == item.text or item in task.needs
    assert len({task.id for task in plan.tasks}) == len(plan.tasks)
    assert analyse(plan, problems, Tree(())).plan is plan


def test_an_edit_of_a_real_plan_says_what_is_meant_and_changes_nothing_else(file: Path) -> None:
    plan, _ = _read(file, file.read_bytes().decode("utf-8"))
    for place, task in enumerate(plan.tasks):
        for name, items in _changes(plan, task):
            edits = set_field(plan, task, name, items)
            assert plan.holds(name) or not edits
            assert all(task.span.start <= edit.span.start and edit.span.end <= task.span.end for edit in edits)
            if edits:
                after, _ = _read(file, apply_edits(plan.text, edits))
                _check(plan, after, place, name, items)


def _read(file: Path, text: str) -> tuple[Plan, tuple[object, ...]]:
    return READERS[FORMATS[file.parent.name]].parse(text)


def _changes(plan: Plan, task: Task) -> Iterator[tuple[str, list[str]]]:
    yield from (("status", [status]) for status in Status)
    others = [other.id for other in plan.tasks if other.id != task.id]
    for name, fresh in (("writes", "src/quite/new.py"), ("needs", others[-1] if others else "")):
        had = [item.text for item in getattr(task, name)]
        yield name, []
        yield name, [*had, *([fresh] if fresh and fresh not in had else [])]
        for gone in had:
            yield name, [item for item in had if item != gone]
            yield name, [*(item for item in had if item != gone), *([fresh] if fresh and fresh not in had else [])]


def _check(plan: Plan, after: Plan, place: int, name: str, items: list[str]) -> None:
    assert len(after.tasks) == len(plan.tasks)
    for at, (old, new) in enumerate(zip(plan.tasks, after.tasks, strict=True)):
        said, says = _said(old), _said(new)
        if at == place:
            said[name] = sorted(items) if name in LISTS else Status(items[0])
            if name == "writes":  # a file that was read as well is only read then
                said["reads"] = says["reads"]
        else:
            assert new.instructions == old.instructions
        assert says == said


def _said(task: Task) -> dict[str, object]:
    lists = {name: sorted(item.text for item in getattr(task, name)) for name in LISTS}
    return {"id": task.id, "title": task.title, "status": task.status, "phase": task.phase, **lists}
