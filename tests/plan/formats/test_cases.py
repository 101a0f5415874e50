"""The literate cases: what is read, what is written, and that nothing else changes."""

from dataclasses import replace

import pytest

from agent_server.plan.formats import reader_for
from agent_server.plan.model import Plan, Task
from tests.plan.formats.cases import LISTS, NEW, Block, Case, edited, load_cases, parts_of, told, update

CASES = load_cases()


@pytest.fixture(params=CASES, ids=lambda case: case.id)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    if request.config.getoption("--update-plans", default=False):
        found = next(each for each in load_cases() if each.id == found.id)  # its blocks may have moved
    return found


def test_case(case: Case, request: pytest.FixtureRequest) -> None:
    plan, _ = case.read(case.files)
    found = [(block, told(plan)) for block in case.blocks if block.kind == "tasks"]
    found += [(block, edited(plan, block.about)[1]) for block in case.changes()]
    bodies = [(block, "".join(f"{line}\n" for line in lines)) for block, lines in found]
    if request.config.getoption("--update-plans", default=False):
        update(case, bodies)
        return
    assert bodies, "a case expects tasks"
    for block, body in bodies:
        assert body == block.body, block.about


def test_an_edit_changes_what_it_says_and_nothing_else(case: Case) -> None:
    plan, _ = case.read(case.files)
    for block in case.changes():
        text, lines = edited(plan, block.about)
        folder = [*parts_of(plan, plan.text, text), *case.beside(plan)]
        after, _ = case.read(folder if plan.parts else [(case.files[0][0], text)])
        if lines:
            _check(block, plan, after)


def _check(block: Block, plan: Plan, after: Plan) -> None:
    task_id, name, *items = block.about.split()
    if task_id == NEW:
        assert [_said(task) for task in after.tasks if task.id in {old.id for old in plan.tasks}] == list(
            map(_said, plan.tasks)
        )
        assert [task.title for task in after.tasks if plan.task(task.id) is None] == [" ".join((name, *items))]
        return
    changed = after.task(task_id)
    assert changed is not None
    if name in LISTS:
        assert [item.text for item in getattr(changed, name)] == items
    elif name == "parallel":
        assert (changed.parallel is not None) == bool(items)
    elif name == "phase":
        assert changed.phase == int(items[0]) - 1
    else:
        assert str(getattr(changed, name) or "") in items or not items
    others = [_said(task) for task in plan.tasks if task.id != task_id]
    assert [_said(task) for task in after.tasks if task.id != task_id] == others


def _said(task: Task) -> tuple[object, ...]:
    """What a task says, apart from where it stands and from the waves, which follow from all tasks together."""
    lists = (tuple(item.text for item in getattr(task, name)) for name in LISTS)
    return (task.id, task.title, task.instructions, task.status, task.phase, task.parallel is None, *lists)


def test_a_plan_reads_the_same_after_an_earlier_version(case: Case) -> None:
    plan, problems = case.read(case.files)
    if plan.parts:
        return
    longer, _ = case.read([(case.files[0][0], f"{plan.text}\n")])
    reader = reader_for(*case.files[0])
    assert reader is not None
    again, same = reader.parse(plan.text, longer)
    assert (replace(again, readings={}), same) == (replace(plan, readings={}), problems)
