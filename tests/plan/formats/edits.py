"""What holds for every edit of every format: the plan says what was meant, and the text is the same otherwise."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from agent_server.plan.edits import append_task, set_field
from agent_server.plan.formats import Reader
from agent_server.plan.model import Edit, Plan, Status, Task, apply_edits
from agent_server.plan.writing import line_stop

Change = tuple[str, list[str]]

_BOX = re.compile(r"\[[^\]\r\n]?\]")


def changes_of(plan: Plan, task: Task) -> Iterator[Change]:
    """Changes that may be asked for, whether the format can hold them or not."""
    needs = [item.text for item in task.needs]
    others = [other.id for other in plan.tasks.homes if other.id not in (task.id, *needs)]
    yield "status", [Status.DONE.value]
    yield "status", []
    yield "parallel", ["yes"]
    yield "parallel", []
    yield "needs", needs[1:]
    yield "needs", needs[:-1]
    yield "needs", [*needs, *others[:1]]
    yield "needs", [*needs, *others[-2:]]
    for phase in {0, len(plan.phases) // 2, len(plan.phases) - 1}:
        yield "phase", [str(phase + 1)]


def check_change(reader: Reader, plan: Plan, task: Task, change: Change) -> bool:
    """Make a change, and see what came of it; whether the format could hold it at all."""
    name, items = change
    edits = set_field(plan, task, name, items)
    if not edits:
        return False
    text = apply_edits(plan.text, edits)
    after, _ = reader.parse(text, plan)
    if name == "phase":
        _check_move(plan, after, task, int(items[0]) - 1)
        return True
    assert all(task.span.start <= edit.span.start and edit.span.end <= task.span.end for edit in edits)
    assert [_said(other) for other in _others(after, task)] == [_said(other) for other in _others(plan, task)]
    changed = after.tasks[plan.tasks.index(task)]
    assert _value(changed, name) == _meant(name, items)
    assert _without(changed, name) == _without(task, name)
    assert _kept(text, after, changed, name) == _kept(plan.text, plan, task, name)
    return True


def check_new_task(reader: Reader, plan: Plan, title: str) -> bool:
    """Add a task, and see that it is the only difference."""
    edits = append_task(plan, "", title, {}, "")
    if not edits:
        return False
    after, _ = reader.parse(apply_edits(plan.text, edits), plan)
    new = [task for task in after.tasks if task.title == title]
    assert len(after.tasks) == len(plan.tasks) + len(new) == len(plan.tasks) + 1
    assert (new[0].phase or 0) >= len(plan.phases) - 1
    assert new[0].status is Status.TODO
    assert [_said(task) for task in after.tasks if task is not new[0]] == [_said(task) for task in plan.tasks]
    assert all(edit.span.start == edit.span.end for edit in edits)
    return True


def _check_move(plan: Plan, after: Plan, task: Task, phase: int) -> None:
    """The lines are the same, and the task stands last in the phase."""
    assert Counter(_lines(plan.text)) == Counter(_lines(after.text))
    assert Counter(map(_phased, _others(after, task))) == Counter(map(_phased, _others(plan, task)))
    here = [moved for moved in after.tasks if moved.id == task.id and moved.title == task.title]
    assert plan.phases[phase].title in {after.phases[moved.phase or 0].title for moved in here}


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _others(plan: Plan, task: Task) -> list[Task]:
    return [other for other in plan.tasks if other.id != task.id]


def _said(task: Task) -> tuple[object, ...]:
    return (task.phase, task.optional, task.status, task.parallel is None, *_phased(task))


def _phased(task: Task) -> tuple[object, ...]:
    return (task.id, task.title, task.instructions, tuple(item.text for item in task.needs))


def _value(task: Task, name: str) -> object:
    if name == "needs":
        return {item.text for item in task.needs}
    return task.status if name == "status" else task.parallel is not None


def _meant(name: str, items: Sequence[str]) -> object:
    if name == "needs":
        return set(items)
    return Status(items[0] if items else Status.TODO) if name == "status" else bool(items)


def _without(task: Task, name: str) -> list[object]:
    """The values of the other fields that can be written."""
    return [_value(task, other) for other in ("status", "parallel", "needs") if other != name]


def _kept(text: str, plan: Plan, task: Task, name: str) -> str:
    """The text without what the change is about: a box, a mark with its blanks, all of a task that needs others."""
    cut = {"status": task.status_span, "parallel": task.parallel or Edit(task.id_span, "").span}.get(name)
    if name == "needs" or cut is None:
        return text[: task.span.start] + text[task.span.end :].lstrip("\r\n")
    if name == "status" and not task.heading.contains(cut.start):  # all boxes in the section of a heading
        return text[: task.span.start] + _BOX.sub("[]", task.span.of(text)) + text[task.span.end :]
    if name == "status":
        return text[: cut.start] + text[cut.end :]
    marks = {other.parallel.of(plan.text) for other in plan.tasks if other.parallel} | {"[P]", "(P)"}
    end = line_stop(text, task.heading.end)
    line = text[task.heading.start : end]
    for mark in marks:
        line = line.replace(mark, "")
    return text[: task.heading.start] + "".join(line.split()) + text[end:]
