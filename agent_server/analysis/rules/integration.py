"""The fix that gives a file which several tasks want to one of them, or to a new task that integrates their work."""

import re
from collections.abc import Sequence

from agent_server.analysis.globs.path_sets import BadGlob, PathSet
from agent_server.analysis.model import Analysis, Contention, Fix
from agent_server.analysis.rules.order import Order
from agent_server.analysis.rules.wording import listed
from agent_server.plan.edits import add_items, append_task, remove_item, set_field
from agent_server.plan.ids import free_id
from agent_server.plan.model import Edit, Plan, Task
from agent_server.plan.text import Span

_MOST_PATHS = 3
_LONGEST_QUOTE = 400
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\"(])|\n\s*\n|\n(?=[-*+] |\d+[.)] )")


def integration(analysis: Analysis, contention: Contention) -> Fix | None:
    """One task owns the files from now on, and runs after the others. None where no edit of the plan can do that.

    Nor is there one in other formats than ours, whose tasks cannot be told in a paragraph to leave a file alone.

    If one of the tasks writes nothing else, it is the owner; otherwise a new task is.
    """
    tasks = [analysis.tasks[task_id].task for task_id in contention.tasks]
    if not analysis.plan.has_fields or len(contention.paths) > _MOST_PATHS:
        return None
    if not all(_is_spelled(path, tasks) for path in contention.paths):
        return None
    owners = [task for task in tasks if _writes_only(task, contention.paths)]
    if len(owners) > 1 or not all(_declares(task) for task in tasks):
        return None
    return _given_to(analysis, contention, owners[0]) if owners else _given_to_new_task(analysis, contention)


def give_to_last_task(analysis: Analysis, tasks: Sequence[Task], paths: Sequence[str]) -> Fix:
    """A new task owns the files and needs the others, who leave them alone."""
    plan = analysis.plan
    owner = _id(plan, paths[0])
    fields = {"writes": paths, "needs": tuple(task.id for task in tasks)}
    new = append_task(plan, owner, f"Bring {listed(paths)} together", fields, _brief(tasks, paths))
    return Fix(f"Give {listed(paths)} to an integration task", (*_without(plan, tasks, paths, owner), *new))


def give_to_first_task(analysis: Analysis, tasks: Sequence[Task], paths: Sequence[str]) -> Fix:
    """A new task owns the files and prepares them; the others need it, and leave the files alone."""
    plan = analysis.plan
    owner = free_id(plan.tasks, f"prepare {_stem(paths[0])}")
    asked = "\n".join(f"- `{task.id}`: {_about(task, paths)}" for task in tasks)
    brief = f"These tasks run after this one. Do in {listed(paths)} what they need there, and nothing else:\n\n{asked}"
    new = append_task(plan, owner, f"Prepare {listed(paths)}", {"writes": paths}, brief)
    edits = [edit for task in tasks for edit in add_items(plan, task, "needs", (owner,))]
    edits += [_added(plan, task, f"Leave {listed(paths)} alone: `{owner}` has prepared them.") for task in tasks]
    return Fix(f"Give {listed(paths)} to a task that the others need", (*edits, *new))


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
    return give_to_last_task(analysis, tasks, contention.paths)


def _without(plan: Plan, tasks: Sequence[Task], paths: Sequence[str], owner: str) -> tuple[Edit, ...]:
    """Each task's `writes` without the paths, and a word to its agent, whose instructions may still speak of them."""
    edits: list[Edit] = []
    for task in tasks:
        edits += _other_writes(plan, task, paths)
        edits.append(_added(plan, task, f"Leave {listed(paths)} alone: `{owner}` sees to it afterwards."))
    return tuple(edits)


def _added(plan: Plan, task: Task, paragraph: str) -> Edit:
    """One more paragraph of instructions."""
    if task.instructions:
        end = task.instructions_span.end
        while plan.text[end : end + 1] in {" ", "\t"}:  # The spaces that end a line stay with their line.
            end += 1
        return Edit(Span(end, end), f"\n\n{paragraph}")
    at = task.fields_end
    before = "\n" if plan.text[:at].endswith("\n") else "\n\n"
    return Edit(Span(at, at), f"{before}{paragraph}\n")


def _other_writes(plan: Plan, task: Task, paths: Sequence[str]) -> tuple[Edit, ...]:
    """An item that spells a path goes; a glob that matches it gets an exception. Nothing else is written anew."""
    spelled = [item.text for item in task.writes if item.text in paths]
    kept = tuple(item.text for item in task.writes if item.text not in paths)
    excepted = tuple(f"!{path}" for path in paths if _matches(kept, path))
    if not spelled:
        return add_items(plan, task, "writes", excepted)
    if len(spelled) == 1 and not excepted:
        return remove_item(plan, task, "writes", spelled[0])
    return set_field(plan, task, "writes", (*kept, *excepted))


def _matches(globs: Sequence[str], path: str) -> bool:
    """Whether the globs, those that are sound, match the path."""
    try:
        return PathSet.of(globs).matches(path)
    except BadGlob:
        return any(_matches((glob,), path) for glob in globs) if len(globs) > 1 else False


def _id(plan: Plan, path: str) -> str:
    return free_id(plan.tasks, f"integrate {_stem(path)}")


def _stem(path: str) -> str:
    return path.rpartition("/")[2].partition(".")[0]


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
