"""Task Master's `tasks.json`: tasks with numbers, subtasks, and what each depends on.

Source: github.com/eyaltoledano/claude-task-master. The tasks are below `tasks` or, since there are tags, below
`tasks` of each tag. What decides how they are read:

- A task with subtasks is a group: its subtasks are the tasks, called `5.2`. They wait for what the group waits for, and
  who depends on the group waits for all of them. Where a group is done, cancelled or deferred, so are they.
- A subtask names others of its group by their number alone, and any other one in full.
- Tags are lists of their own, and none waits for another. Ids of other tags than the first one bear the tag's name,
  since numbers start anew in each.
- The order of the list says nothing, nor do priorities.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent_server.plan.assembling import Cut
from agent_server.plan.formats.reader import Reader
from agent_server.plan.json_plans.edits import quoted
from agent_server.plan.json_plans.reading import MOST_NEEDS, Basis, Form, plan_of, title_of
from agent_server.plan.json_plans.retyping import retyped
from agent_server.plan.json_plans.text import Kind, Value, read_json
from agent_server.plan.json_plans.writer import JsonWriter
from agent_server.plan.model import Phase, Plan, Reading, Status, Task

_STATUSES = {
    "done": Status.DONE,
    "completed": Status.DONE,
    "review": Status.DONE,
    "deferred": Status.SKIP,
    "cancelled": Status.SKIP,
    "canceled": Status.SKIP,
}
_NAMED = re.compile(r'"tasks"\s*+:\s*+\[\s*+\{')
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TASK = re.compile(r'"(?:dependencies|subtasks|testStrategy)"\s*+:')


def _means(status: Value) -> Status:
    return _STATUSES.get(status.said.lower(), Status.TODO)


def _blockers(task: Value) -> Iterator[Value]:
    for value in _listed(task, "dependencies"):
        if value.kind in {Kind.STRING, Kind.PLAIN}:
            yield value


def _writes(task: Value) -> Iterator[Value]:
    """The files of a task, and the relevant ones that are not just for reference."""
    for value in _listed(task, "files"):
        yield from value.strings()
    for value in _listed(task, "relevantFiles"):
        path = value.get("path")
        if path is not None and not _is_reference(value):
            yield path


def _reads(task: Value) -> Iterator[Value]:
    for value in _listed(task, "relevantFiles"):
        path = value.get("path")
        if path is not None and _is_reference(value):
            yield path


def _is_reference(file: Value) -> bool:
    action = file.get("action")
    return action is not None and action.said == "reference"


def _listed(task: Value, name: str) -> Sequence[Value]:
    value = task.get(name)
    return value.listed() if value is not None else ()


FORM = Form(
    format="task-master",
    title=("title",),
    words=frozenset(
        (
            "description",
            "details",
            "testStrategy",
            "implementationApproach",
            "technicalConstraints",
            "acceptanceCriteria",
        )
    ),
    status="status",
    means=_means,
    blockers=_blockers,
    writes=_writes,
    reads=_reads,
)


@dataclass
class _Listed:
    """A task of the list of one tag, by the id that it has in the plan; `parts` are its subtasks."""

    value: Value
    id: str
    parts: list["_Listed"] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it says itself that it still has to be done."""
        status = self.value.get(FORM.status)
        return status is None or _means(status) is Status.TODO

    def ids(self) -> tuple[str, ...]:
        """The tasks that are meant by it: itself or, of its subtasks, those that no other one waits for anyway."""
        parts = {part.id: part for part in self.parts}
        before = {
            other
            for part in self.parts
            for blocker in _blockers(part.value)
            for other in (f"{self.id}.{blocker.said}", f"{self.id.rpartition('.')[0]}.{blocker.said}".lstrip("."))
            if other in parts and other != part.id and (part.is_open or not parts[other].is_open)
        }
        last = [part for part in parts if part not in before] or [*parts]
        return tuple(last[-MOST_NEEDS:]) or (self.id,)


def _parse(text: str, before: Plan | None = None) -> Reading:
    again = retyped(FORM, text, before) if before is not None else None
    return again or _whole(text, before)


def _whole(text: str, before: Plan | None) -> Reading:
    root, problem = read_json(text)
    tags = [*_tags(root)] if root is not None else []
    phases: list[Phase] = []
    cuts: list[Cut] = []
    for number, (tag, tasks) in enumerate(tags):
        prefix = f"{tag.said}." if tag is not None and number else ""
        cuts += _cuts(tasks, prefix, phases, tag if len(tags) > 1 else None)
    return plan_of(
        FORM,
        text,
        cuts,
        before,
        writer=WRITER,
        phases=phases,
        title=_project(root),
        problems=() if problem is None else (problem,),
    )


def _tags(root: Value) -> Iterator[tuple[Value | None, Value]]:
    """The lists of tasks, each with the name of its tag, where it has one."""
    if root.kind is Kind.ARRAY:
        yield None, root
        return
    for key, value in zip(root.keys, root.items, strict=True):
        tasks = value if key.said == "tasks" else value.get("tasks")
        if tasks is not None and any(task.kind is Kind.OBJECT for task in tasks.listed()):
            yield (None if tasks is value else key), tasks


def _project(root: Value | None) -> Value | None:
    """The name of the project, in a list that has it."""
    for about in ("metadata", "meta"):
        named = root.get(about) if root is not None else None
        name = (named.get("projectName") or named.get("project")) if named is not None else None
        if name is not None and name.kind is Kind.STRING:
            return name
    return None


def _tree(tasks: Value, prefix: str) -> list[_Listed]:
    found: list[_Listed] = []
    for number, value in enumerate(tasks.listed(), 1):
        if value.kind is Kind.OBJECT:
            task = _Listed(value, f"{prefix}{_id(value, number)}")
            task.parts = [*_parts(task, _id(value, number), prefix)]
            found.append(task)
    return found


def _parts(task: _Listed, own: str, prefix: str) -> Iterator[_Listed]:
    for number, value in enumerate(_listed(task.value, "subtasks"), 1):
        if value.kind is Kind.OBJECT:
            named = _id(value, number)
            yield _Listed(value, f"{prefix}{named}" if named.startswith(f"{own}.") else f"{prefix}{own}.{named}")


def _id(value: Value, number: int) -> str:
    named = value.get("id")
    return named.said if named is not None and named.said else str(number)


def _cuts(around: Value, prefix: str, phases: list[Phase], tag: Value | None) -> Iterator[Cut]:
    """The tasks of one tag, whose list is `around`, and its phases. Without a `tag` the list itself is no phase."""
    tree = _tree(around, prefix)
    meant = {task.id: task.ids() for task in tree} | {part.id: (part.id,) for task in tree for part in task.parts}
    whole = None
    for task in tree:
        if task.parts:
            group, title = len(phases), title_of(FORM, task.value)
            phases.append(Phase(title.said if title else task.id, (title or task.value).inner, task.value.span))
            inherited = tuple(_inherited(task, meant, prefix))
            given = Basis(FORM.format, task.id, group, status=_decided(task.value), inherited=inherited)
            for part in task.parts:
                own = _told(part.value, meant, prefix, task.id)
                yield Cut(part.value.start, part.value.end, replace(given, id=part.id, meant=own))
            continue
        if whole is None and tag is not None:
            whole = len(phases)
            phases.append(Phase(tag.said, tag.inner, around.span))
        basis = Basis(FORM.format, task.id, whole, meant=_told(task.value, meant, prefix, ""))
        yield Cut(task.value.start, task.value.end, basis)


def _inherited(task: _Listed, meant: Mapping[str, tuple[str, ...]], prefix: str) -> Iterator[str]:
    """What the subtasks wait for because the group does; never for each other."""
    own = {part.id for part in task.parts}
    for blocker in _blockers(task.value):
        yield from (each for each in _meant(blocker.said, meant, prefix, "") if each not in own and each != task.id)


def _decided(group: Value) -> Status | None:
    """The status of a group, where it decides for its subtasks."""
    status = group.get(FORM.status)
    return None if status is None or _means(status) is Status.TODO else _means(status)


def _meant(said: str, meant: Mapping[str, tuple[str, ...]], prefix: str, group: str) -> tuple[str, ...]:
    """The tasks that an id stands for, as a task of the list has it or, within a group, a subtask of that.

    A subtask that depends on its own group is but a part of it.
    """
    if group and f"{prefix}{said}" == group:
        return meant.get(f"{group}.{said}", ())
    if group and "." not in said and f"{group}.{said}" in meant:
        return meant[f"{group}.{said}"]
    return meant.get(f"{prefix}{said}", (f"{prefix}{said}",))


def _told(
    task: Value, meant: Mapping[str, tuple[str, ...]], prefix: str, group: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The tasks that the ids in a task stand for, where that is not the task of just that id."""
    found = ((blocker.said, _meant(blocker.said, meant, prefix, group)) for blocker in _blockers(task))
    return tuple([(said, ids) for said, ids in found if ids != (said,)])


def _spelled(plan: Plan, task: Task, value: Value, item: str) -> str | None:
    """How a task writes that it waits for another one of its tag. A subtask cannot name a whole task."""
    named, group = value.get("id"), _group(plan, task)
    if named is None or plan.task(item) is None:
        return None
    prefix = task.id.removesuffix(named.said)
    above = group.get("id") if group is not None else None
    own = f"{above.said}." if above is not None else ""
    prefix = prefix.removesuffix(own)
    bare = item.removeprefix(prefix)
    if not item.startswith(prefix) or not _NUMBER.fullmatch(bare):
        return None
    written = next(_blockers(value), None)
    if own and bare.startswith(own) and (written is None or "." not in written.said):
        bare = bare.removeprefix(own)
    elif own and "." not in bare:
        return None
    return bare if (written or named).kind is Kind.PLAIN and bare.isdecimal() else quoted(bare)


def _group(plan: Plan, task: Task) -> Value | None:
    """The group that a subtask stands in. A phase that is none is a whole list."""
    phase = plan.phases[task.phase] if task.phase is not None else None
    if phase is None or not plan.text.startswith("{", phase.span.start):
        return None
    return read_json(plan.text, phase.span.start, phase.span.end)[0]


def _is_decided(plan: Plan, task: Task) -> bool:
    group = _group(plan, task)
    return group is not None and _decided(group) is not None


WRITER = JsonWriter(
    FORM,
    {Status.DONE: quoted("done"), Status.TODO: quoted("pending"), Status.SKIP: quoted("deferred")},
    needs="dependencies",
    spelled=_spelled,
    is_decided=_is_decided,
)
READER = Reader(
    name=FORM.format,
    title="Task Master",
    globs=("**/.taskmaster/tasks/tasks.json", "**/tasks/tasks.json"),
    parse=_parse,
    recognises=lambda text: _NAMED.search(text) is not None and _TASK.search(text) is not None,
    needs_content=True,
)
