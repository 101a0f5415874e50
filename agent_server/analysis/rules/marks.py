"""The fixes of marks by which a plan claims that tasks may run side by side, such as spec-kit's `[P]`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent_server.analysis.model import Analysis, Fix
from agent_server.analysis.rules.wording import listed
from agent_server.plan.edits import add_items, set_field
from agent_server.plan.model import Plan, Task


def apart(analysis: Analysis, names: Sequence[str], at: str) -> tuple[Fix, ...]:
    """What keeps marked tasks, in the order in which they are to run, from running at once, best first.

    `at` is the one that the finding is about.
    """
    return tuple(_ways_apart(analysis, names, at))


def marked(analysis: Analysis, names: Sequence[str]) -> Fix:
    """All of the tasks are marked."""
    plan = analysis.plan
    edits = [edit for name in names for edit in set_field(plan, analysis.tasks[name].task, "parallel", [_mark(plan)])]
    return Fix(f"Mark {listed(names)} {_mark(plan)}", tuple(edits))


def _ways_apart(analysis: Analysis, names: Sequence[str], at: str) -> Iterator[Fix]:
    plan, tasks = analysis.plan, [analysis.tasks[name].task for name in names]
    first, *others = tasks
    edits = tuple([edit for task in others for edit in set_field(plan, task, "parallel", ())])
    several = f"Leave {_mark(plan)} on `{first.id}` alone"
    yield Fix(several if len(others) > 1 else f"Take {_mark(plan)} off `{others[0].id}`", edits, preferred=True)
    if plan.holds("needs"):
        said = {task.id: {need.text for need in task.needs} for task in tasks}
        chain = [(before, task) for before, task in pairwise(tasks) if before.id not in said[task.id]]
        needs = [edit for before, task in chain for edit in add_items(plan, task, "needs", [before.id])]
        what = f"`{others[0].id}` depend on `{first.id}`" if len(others) == 1 else "each depend on the one before"
        if chain:
            yield Fix(f"Let {what}, without {_mark(plan)}", (*edits, *needs))
    if plan.holds("phase"):
        yield from _into_next_phase(plan, tasks, at)


def _into_next_phase(plan: Plan, tasks: Sequence[Task], at: str) -> Iterator[Fix]:
    """Of two tasks the one that the finding is about goes into the phase behind its own, where there is one."""
    task = next(each for each in tasks if each.id == at)
    if len(tasks) > 2 or task.phase is None or task.phase + 1 >= len(plan.phases) or task is tasks[0]:
        return
    title, number = plan.phases[task.phase + 1].title, task.phase + 2  # writers count phases from 1
    yield Fix(f"Move `{task.id}` to “{title}”", set_field(plan, task, "phase", [str(number)]))


def _mark(plan: Plan) -> str:
    return plan.mark or "the mark"
