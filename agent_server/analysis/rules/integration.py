"""The fix that gives a file which several tasks want to one of them, or to a new task that integrates their work."""

import re
from collections.abc import Sequence

from agent_server.analysis.model import Analysis, Fix
from agent_server.analysis.rules.contention import Contention
from agent_server.analysis.rules.order import Order
from agent_server.analysis.rules.wording import listed
from agent_server.plan.edits import add_items, append_task, set_field
from agent_server.plan.ids import free_id
from agent_server.plan.model import Edit, Plan, Task
from agent_server.plan.text import Span

_MOST_PATHS = 3
_LONGEST_QUOTE = 400
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"(])|\n\s*\n|\n(?=[-*+] |\d+[.)] )")


def integration(analysis: Analysis, contention: Contention) -> Fix | None:
    """One task owns the files from now on, and runs after the others. None where no edit of the plan can do that.

    If one of the tasks writes nothing else, it is the owner; otherwise a new task is.
    """
    tasks = [analysis.tasks[task_id].task for task_id in contention.tasks]
    if len(contention.paths) > _MOST_PATHS or not all(_is_spelled(path, tasks) for path in contention.paths):
        return None
    owners = [task for task in tasks if _writes_only(task, contention.paths)]
    if len(owners) > 1 or not all(_declares(task) for task in tasks):
        return None
    return _given_to(analysis, contention, owners[0]) if owners else _given_to_new_task(analysis, contention)


def _is_spelled(path: str, tasks: Sequence[Task]) -> bool:
    """Whether some task names the path itself. Of two globs that overlap, a path is only an example."""
    return any(item.text == path for task in tasks for item in task.writes)


def _declares(task: Task) -> bool:
    """Whether `writes` can be edited: what only the instructions name cannot be taken out of them."""
    return bool(task.writes)


def _writes_only(task: Task, paths: Sequence[str]) -> bool:
    return all(item.text in paths for item in task.writes)


def _given_to(analysis: Analysis, contention: Contention, owner: Task) -> Fix | None:
    others = [analysis.tasks[task_id].task for task_id in contention.tasks if task_id != owner.id]
    order = Order(analysis)
    if any(order.follows(other.id, owner.id) or not _may_wait(owner, other) for other in others):
        return None
    names = tuple(other.id for other in others)
    edits = (
        *_without(analysis.plan, others, contention.paths, owner.id),
        *add_items(analysis.plan, owner, "needs", names),
        _added(analysis.plan, owner, _brief(others, contention.paths)),
    )
    return Fix(f"Give {listed(contention.paths)} to `{owner.id}`, and run it after {listed(names)}", edits)


def _may_wait(task: Task, other: Task) -> bool:
    """Whether the author's waves leave room for `task` to run after `other`."""
    return task.wave is None or (other.wave is not None and other.wave < task.wave)


def _given_to_new_task(analysis: Analysis, contention: Contention) -> Fix:
    tasks = [analysis.tasks[task_id].task for task_id in contention.tasks]
    owner = _id(analysis.plan, contention.paths[0])
    new = append_task(
        analysis.plan,
        owner,
        f"Bring {listed(contention.paths)} together",
        {"writes": contention.paths, "needs": contention.tasks},
        _brief(tasks, contention.paths),
    )
    edits = (*_without(analysis.plan, tasks, contention.paths, owner), *new)
    return Fix(f"Give {listed(contention.paths)} to an integration task", edits)


def _without(plan: Plan, tasks: Sequence[Task], paths: Sequence[str], owner: str) -> tuple[Edit, ...]:
    """Each task's `writes` without the paths, and a word to its agent, whose instructions may still speak of them."""
    edits: list[Edit] = []
    for task in tasks:
        edits += set_field(plan, task, "writes", _other_writes(task, paths))
        edits.append(_added(plan, task, f"Leave {listed(paths)} alone: `{owner}` sees to it afterwards."))
    return tuple(edits)


def _added(plan: Plan, task: Task, paragraph: str) -> Edit:
    """One more paragraph of instructions."""
    if task.instructions:
        end = task.instructions_span.end
        return Edit(Span(end, end), f"\n\n{paragraph}")
    at = task.fields_end
    before = "\n" if plan.text[:at].endswith("\n") else "\n\n"
    return Edit(Span(at, at), f"{before}{paragraph}\n")


def _other_writes(task: Task, paths: Sequence[str]) -> tuple[str, ...]:
    """An item that spells a path goes; a glob that matches it gets an exception."""
    spelled = {item.text for item in task.writes}
    kept = tuple(item.text for item in task.writes if item.text not in paths)
    return (*kept, *(f"!{path}" for path in paths if path not in spelled))


def _id(plan: Plan, path: str) -> str:
    stem = path.rpartition("/")[2].partition(".")[0]
    return free_id(plan.tasks, f"integrate {stem}")


def _brief(tasks: Sequence[Task], paths: Sequence[str]) -> str:
    """What the owner is told: what each of the others was to do with the files, in its own words."""
    asked = "\n".join(f"- `{task.id}`: {_about(task, paths)}" for task in tasks)
    return (
        f"These tasks run before this one and leave {listed(paths)} to it. Do there what each of them asks:\n\n{asked}"
    )


def _about(task: Task, paths: Sequence[str]) -> str:
    """The task's title, and on the same line its sentences that name the files; all of them where none does."""
    sentences = [" ".join(each.split()) for each in _SENTENCE_END.split(task.instructions) if each.strip()]
    names = {name for path in paths for name in (path, path.rpartition("/")[2])}
    quoted = " ".join([each for each in sentences if any(name in each for name in names)] or sentences)
    if len(quoted) > _LONGEST_QUOTE:
        quoted = f"{quoted[:_LONGEST_QUOTE].rsplit(' ', 1)[0]} ..."
    return f"{task.title}. {quoted}" if quoted else f"{task.title}."
