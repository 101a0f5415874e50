"""Real plans that are documents: every edit that a format holds says what is meant, and changes nothing else.

The plans are other people's, so they are not here: see `tests/corpus/plans.py`.
"""

from collections.abc import Iterator

import pytest

from agent_server.analysis.analyse import analyse
from agent_server.analysis.tree import Tree
from agent_server.plan.edits import set_field
from agent_server.plan.formats import READERS
from agent_server.plan.model import Plan, Status, Task, apply_edits
from tests.corpus.plans import CorpusPlan, corpus, needs_corpus

FORMATS = {
    "superpowers": "superpowers",
    "cursor": "cursor",
    "claude": "claude-code",
    "execplan": "execplan",
    "bmad": "bmad",
}
LISTS = ("writes", "reads", "needs")

pytestmark = needs_corpus


@pytest.fixture(params=corpus(*FORMATS), ids=lambda real: real.file)
def real(request: pytest.FixtureRequest) -> CorpusPlan:
    found: CorpusPlan = request.param
    return found


def test_a_real_plan_can_be_analysed(real: CorpusPlan) -> None:
    plan, problems = _read(real, real.text)
    for task in plan.tasks:
        for item in (*task.writes, *task.reads, *task.needs):
            assert item.span.of(plan.text) == item.text or item in task.needs
    assert len({task.id for task in plan.tasks}) == len(plan.tasks)
    assert analyse(plan, problems, Tree(())).plan is plan


def test_an_edit_of_a_real_plan_says_what_is_meant_and_changes_nothing_else(real: CorpusPlan) -> None:
    plan, _ = _read(real, real.text)
    for place, task in enumerate(plan.tasks):
        for name, items in _changes(plan, task):
            edits = set_field(plan, task, name, items)
            assert plan.holds(name) or not edits
            outside = [edit for edit in edits if edit.span.start < task.span.start or task.span.end < edit.span.end]
            # What stands elsewhere is a box that is named after the task.
            assert all(name == "status" and edit.new_text in {"x", " "} for edit in outside)
            if edits:
                after, _ = _read(real, apply_edits(plan.text, edits))
                _check(plan, after, place, name, items)


def _read(real: CorpusPlan, text: str) -> tuple[Plan, tuple[object, ...]]:
    return READERS[FORMATS[real.kind]].parse(text)


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
