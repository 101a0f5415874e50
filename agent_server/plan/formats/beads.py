"""beads' issues: JSON, one issue a line, each with dependencies that have a type.

Source: github.com/steveyegge/beads. What decides how they are read:

- Of the types of dependencies, those that block order the work; so do types that people have made up, as beads lets
  them, and that say so (`depends_on`, `requires`). `parent-child` makes groups, others say nothing.
- An issue that others belong to is a group, and so is an epic: no tasks. What belongs to a group waits for what the
  group waits for, unless the group waits for its own issues, as some people write it; and who waits for a group waits
  for all that is open in it.
- An issue that is no longer in the file was deleted, or is another project's. Nobody here waits for it.
- Priorities and the order of the lines, which is that of random ids, say nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from agent_server.plan.assembling import Cut
from agent_server.plan.formats.reader import Reader
from agent_server.plan.json_plans.edits import marks_of, quoted, with_member, without_member
from agent_server.plan.json_plans.reading import MOST_NEEDS, Basis, Form, plan_of
from agent_server.plan.json_plans.text import Kind, Value, read_json
from agent_server.plan.json_plans.writer import JsonWriter
from agent_server.plan.model import Edit, Phase, Plan, Problem, Reading, Status, Task
from agent_server.plan.moving import moved
from agent_server.plan.text import Span

_STATUSES = {"closed": Status.DONE, "deferred": Status.SKIP, "pinned": Status.SKIP, "tombstone": Status.SKIP}
_BLOCKING = frozenset(("blocks", "conditional-blocks", "waits-for"))
_CALLED_BLOCKING = frozenset(("after", "blocked-by", "depends", "depends-on", "needs", "requires"))
_GROUPS = frozenset(("epic", "molecule", "convoy"))
_NO_WORK = frozenset(("agent", "event", "gate", "merge-request", "message", "rig", "role", "slot"))
_LINE = re.compile(r"[^\s\ufeff][^\r\n]*+")
_ISSUE = re.compile(r'^[ \t\ufeff]*+\{(?=[^\r\n]*"issue_type"\s*+:)(?=[^\r\n]*"title"\s*+:)', re.MULTILINE)
_MOST_LEVELS = 20
_MOST_PROBLEMS = 20


def _means(status: Value) -> Status:
    return _STATUSES.get(status.said, Status.TODO)


def _dependencies(issue: Value) -> Iterator[tuple[str, Value]]:
    """The types of an issue's dependencies, and the ids of what they lead to."""
    listed = issue.get("dependencies")
    for each in listed.listed() if listed is not None else ():
        kind, other = each.get("type"), each.get("depends_on_id")
        if other is not None:
            yield kind.said if kind is not None else "blocks", other


def _blockers(issue: Value) -> Iterator[Value]:
    return (other for kind, other in _dependencies(issue) if _blocks(kind))


def _blocks(kind: str) -> bool:
    return kind in _BLOCKING or kind.lower().replace("_", "-") in _CALLED_BLOCKING


FORM = Form(
    format="beads",
    title=("title",),
    words=frozenset(("description", "design", "acceptance_criteria", "notes")),
    status="status",
    means=_means,
    blockers=_blockers,
    minutes="estimated_minutes",
)


@dataclass(frozen=True, slots=True)
class _Issue:
    """What a line says that concerns other issues, too. Places are those in the line."""

    id: str
    kind: str
    status: Status
    is_deleted: bool
    blockers: tuple[str, ...]
    parents: tuple[str, ...]
    title: str
    title_span: Span
    problem: Problem | None


@lru_cache(maxsize=16384)
def _issue(line: str) -> _Issue:
    """Remembered, since an edit leaves nearly all lines as they are."""
    value, problem = read_json(line)
    if value is None or value.kind is not Kind.OBJECT:
        return _Issue("", "", Status.SKIP, True, (), (), "", Span(0, 0), problem)
    named, kind, status, title = (value.get(name) for name in ("id", "issue_type", "status", "title"))
    return _Issue(
        id=named.said if named is not None else "",
        kind=kind.said if kind is not None else "",
        status=_means(status) if status is not None else Status.TODO,
        is_deleted=status is not None and status.said == "tombstone",
        blockers=tuple([each.said for each in _blockers(value)]),
        parents=tuple([other.said for sort, other in _dependencies(value) if sort == "parent-child"]),
        title=title.said if title is not None else "",
        title_span=(title or value).inner,
        problem=problem,
    )


@dataclass
class _Graph:
    """The issues of a file by their ids, and which belong to which."""

    issues: dict[str, _Issue]
    parts: dict[str, list[str]] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for issue in self.issues.values():
            parents = (parent for parent in (*issue.parents, issue.id.rpartition(".")[0]) if parent in self.issues)
            parent = next((parent for parent in parents if parent != issue.id), None)
            if parent is not None:
                self.parts.setdefault(parent, []).append(issue.id)
                self.above[issue.id] = parent
        self._within: dict[str, tuple[str, ...]] = {}
        self._given: dict[str, tuple[str, ...]] = {}

    def is_group(self, issue: _Issue) -> bool:
        """Whether an issue is no task, but holds some."""
        return issue.kind in _GROUPS or issue.id in self.parts

    def is_task(self, issue: _Issue) -> bool:
        """Whether an issue is work to do."""
        return bool(issue.id) and not issue.is_deleted and issue.kind not in _NO_WORK and not self.is_group(issue)

    def meant(self, issue_id: str) -> tuple[str, ...]:
        """The tasks that somebody waits for who waits for an issue."""
        issue = self.issues.get(issue_id)
        if issue is None:
            return ()
        return self.within(issue_id) if self.is_group(issue) else (issue_id,) if self.is_task(issue) else ()

    def within(self, group: str) -> tuple[str, ...]:
        """The open tasks of a group, and of the groups in it; of very many, the last ones."""
        if group not in self._within:
            found: list[str] = []
            seen = {group}
            level = self.parts.get(group, [])
            for _ in range(_MOST_LEVELS):
                fresh = [issue for issue in level if issue not in seen]
                seen.update(fresh)
                issues = [self.issues[each] for each in fresh]
                found += [each.id for each in issues if self.is_task(each) and each.status is Status.TODO]
                level = [part for each in fresh for part in self.parts.get(each, ())]
            self._within[group] = tuple(found[-MOST_NEEDS:])
        return self._within[group]

    def given(self, issue: _Issue) -> tuple[str, ...]:
        """What a task waits for because its groups do."""
        group = self.above.get(issue.id)
        if group is None:
            return ()
        if group not in self._given:
            self._given[group] = tuple(dict.fromkeys(self._waits(group)))[:MOST_NEEDS]
        return self._given[group]

    def _waits(self, group: str | None) -> Iterator[str]:
        for _ in range(_MOST_LEVELS):
            if group is None:
                return
            inside = set(self.within(group))
            blockers = [each for blocker in self.issues[group].blockers for each in self.meant(blocker)]
            own = (blocker for blocker in self.issues[group].blockers if self._is_inside(blocker, group))
            if inside.isdisjoint(blockers) and next(own, None) is None:
                yield from blockers
            group = self.above.get(group)

    def _is_inside(self, issue_id: str, group: str) -> bool:
        for _ in range(_MOST_LEVELS):
            above = self.above.get(issue_id)
            if above is None or above == group:
                return above == group
            issue_id = above
        return False


def _parse(text: str, before: Plan | None = None) -> Reading:
    lines = [(match.start(), match.end(), _issue(match[0])) for match in _LINE.finditer(text)]
    graph = _Graph({issue.id: issue for _, _, issue in lines if issue.id})
    starts = {issue.id: (start, end) for start, end, issue in lines}
    phases: list[Phase] = []
    places: dict[str, int] = {}
    cuts: list[Cut] = []
    for start, end, issue in lines:
        if not graph.is_task(issue):
            continue
        group = graph.above.get(issue.id)
        if group is not None and group not in places:
            places[group] = len(phases)
            phases.append(_phase(graph.issues[group], *starts[group]))
        meant = tuple([(each, graph.meant(each)) for each in issue.blockers if graph.meant(each) != (each,)])
        phase = places[group] if group is not None else None
        basis = Basis(FORM.format, issue.id, phase, inherited=graph.given(issue), meant=meant)
        cuts.append(Cut(start, end, basis))
    broken = [moved(issue.problem, start) for start, _, issue in lines if issue.problem is not None]
    return plan_of(FORM, text, cuts, before, writer=WRITER, phases=phases, problems=broken[:_MOST_PROBLEMS])


def _phase(group: _Issue, start: int, end: int) -> Phase:
    return Phase(group.title or group.id, moved(group.title_span, start), Span(start, end))


def _spelled(plan: Plan, task: Task, value: Value, item: str) -> str | None:
    """A dependency that blocks. Who made it and when is for the tool to say."""
    if plan.task(item) is None:
        return None
    pair, comma = marks_of(value)
    members = (("issue_id", task.id), ("depends_on_id", item), ("type", "blocks"))
    return f"{{{comma.join(f'{quoted(name)}{pair}{quoted(said)}' for name, said in members)}}}"


def _along(value: Value, status: Status) -> tuple[Edit, ...]:
    """A closed issue has a date on which it was closed, an open one none: beads takes no other.

    The date is that of the last change, since nothing here knows of today.
    """
    names = [name for name, _ in value.members()]
    if status is not Status.DONE:
        return tuple(without_member(value, at) for at, name in enumerate(names) if name in _CLOSED)
    if "updated_at" not in names or "closed_at" in names:
        return ()
    at = names.index("updated_at")
    return (with_member(value, at, "closed_at", value.items[at].span.of(value.text)),)


_CLOSED = frozenset(("closed_at", "close_reason"))
WRITER = JsonWriter(
    FORM,
    {Status.DONE: quoted("closed"), Status.TODO: quoted("open"), Status.SKIP: quoted("deferred")},
    needs="dependencies",
    spelled=_spelled,
    along=_along,
)
READER = Reader(
    name=FORM.format,
    title="beads",
    globs=("**/.beads/*.jsonl",),
    parse=_parse,
    recognises=lambda text: _ISSUE.search(text) is not None,
    needs_content=True,
)
