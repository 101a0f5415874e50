"""What must hold between a plan of another format and what it becomes in ours."""

from agent_server.analysis.analyse import analyse
from agent_server.analysis.conversion import converted
from agent_server.analysis.model import Analysis
from agent_server.analysis.settings import DEFAULT_SETTINGS
from agent_server.analysis.tree import Tree
from agent_server.plan import native
from agent_server.plan.formats import Reading
from agent_server.plan.model import Task


def analysed_alone(reading: Reading) -> Analysis:
    """The analysis of a plan without its workspace."""
    return analyse(*reading, Tree(), DEFAULT_SETTINGS)


def check_conversion(before: Analysis) -> None:
    """The same tasks in the same order, and no hazard that was none before."""
    made = converted(before)
    reading = native.parse(made.text)
    after = analysed_alone(reading)
    assert not reading[1]
    tasks = list(before.plan.tasks)
    assert [described(task) for task in after.plan.tasks] == [described(task) for task in tasks]
    names = [task.id for task in after.plan.tasks]
    assert len(set(names)) == len(names)
    if len({task.id for task in tasks}) < len(tasks):
        return  # nobody can tell which of two tasks of one id another one means
    ids = dict(zip([task.id for task in tasks], names, strict=True))
    assert ids == made.ids
    for old, new in zip(tasks, after.plan.tasks, strict=True):
        wanted = dict.fromkeys(ids[need.text] for need in old.needs if need.text in ids and need.text != old.id)
        assert [need.text for need in new.needs] == [*wanted]
    conflicts = {frozenset((ids[each.first], ids[each.second])) for each in before.conflicts}
    assert {frozenset((each.first, each.second)) for each in after.conflicts} <= conflicts
    # In our format alone count words that go against the order of the plan, and files that the task writes as well.
    waits = {(ids[each.task], ids[each.on]) for each in before.dependencies}
    for each in after.dependencies:
        is_new = (each.task, each.on) not in waits
        is_written = after.tasks[each.task].writes.paths.matches(each.path)
        assert not is_new or is_written or names.index(each.task) < names.index(each.on)


def described(task: Task) -> tuple[object, ...]:
    """What must be the same of a task."""
    return " ".join(task.title.split()), task.status, task.wave, task.minutes
