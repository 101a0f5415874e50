"""Tasks that are objects in JSON: what formats of this kind share when they read and write them.

A task is read in its own text, from the bracket that opens its object to the one that closes it (see `assembling`). All
that it gets from elsewhere, such as what its group waits for, is in its `Basis`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from agent_server.plan.assembling import Cut, assembled
from agent_server.plan.ids import check_ids, check_needs, is_met
from agent_server.plan.items import is_none
from agent_server.plan.json_plans.text import Kind, Value, read_json
from agent_server.plan.json_plans.words import joined, words_of
from agent_server.plan.model import Item, Phase, Plan, PlanSettings, Problem, Reading, Status, Task, Writer, in_order
from agent_server.plan.text import Span

MOST_NEEDS = 100
"""How many tasks of a group somebody waits for who waits for the group: the last ones, where it has more."""

_PATH = re.compile(r"(?!-|https?:)[^\s`'\"<>|()]{1,300}")


def nothing(_value: Value) -> Iterable[Value]:
    """What formats find in a task that have no member for it."""
    return ()


@dataclass(frozen=True)
class Form:
    """How a format writes a task.

    `title` are the names of members of which the first that is there is the title, `words` those of all that is said
    beside it. `status` is the name of the member whose value `means` tells. `blockers` finds the strings or numbers
    that name what a task waits for, `writes` and `reads` find strings that are paths. `verify` is the name of a
    command, `minutes` that of a number.
    """

    format: str
    title: tuple[str, ...]
    words: frozenset[str]
    status: str
    means: Callable[[Value], Status]
    blockers: Callable[[Value], Iterable[Value]]
    writes: Callable[[Value], Iterable[Value]] = nothing
    reads: Callable[[Value], Iterable[Value]] = nothing
    verify: str = ""
    minutes: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What the reading of a task depends on beside its own text.

    `inherited` are tasks that it waits for because its group does. `meant` says of ids that it names which tasks they
    stand for, where these are not the task of just that id. `status` is that of a group which decides for its tasks.
    """

    format: str
    id: str
    phase: int | None = None
    wave: int | None = None
    status: Status | None = None
    inherited: tuple[str, ...] = ()
    meant: tuple[tuple[str, tuple[str, ...]], ...] = ()


def plan_of(  # noqa: PLR0913  # what a plan consists of
    form: Form,
    text: str,
    cuts: Iterable[Cut],
    before: Plan | None,
    *,
    writer: Writer,
    phases: Sequence[Phase] = (),
    title: Value | None = None,
    context: str = "",
    problems: Iterable[Problem] = (),
) -> Reading:
    """The plan of these tasks, with what is wrong about their ids beside the `problems`."""
    tasks, readings = assembled(text, cuts, partial(read_task, form), before)
    problems = tuple(problems)
    named, place = words_of(title) if title is not None else ("", Span(0, 0))
    plan = Plan(
        text=text,
        format=form.format,
        title=named,
        title_span=place,
        context=context,
        settings=PlanSettings(),
        front_matter=Span(0, 0),
        tasks=tasks,
        phases=tuple(phases),
        readings=readings,
        writer=writer,
        is_sound=not problems,
    )
    return with_problems(plan, problems)


def with_problems(plan: Plan, problems: Sequence[Problem] = ()) -> Reading:
    """The plan, and what is wrong about its ids beside the `problems`."""
    found: list[Problem] = []
    tasks = plan.tasks
    ids = frozenset([task.id for task in tasks.homes])
    check_ids(tasks, ids, found)
    # What is done is no longer looked after by its author.
    unmet = [at for at, task in enumerate(tasks.homes) if task.needs and task.is_open and not is_met(task, ids)]
    check_needs(tasks, ids, unmet, found)
    # An id is not always spelled as it is called here, so none is put in the place of another.
    found = [replace(problem, suggestion=None) for problem in found]
    return plan, in_order((*problems, *found))


def title_of(form: Form, value: Value) -> Value | None:
    """The title of a task, where it has one."""
    found = (value.get(name) for name in form.title)
    return next((title for title in found if title is not None and title.kind is Kind.STRING), None)


def read_task(form: Form, source: str, basis: Basis) -> Task:
    """The task in its own text."""
    value = read_json(source)[0] or Value(source, Kind.PLAIN, 0, len(source))
    named, titled, status = value.get("id"), title_of(form, value), value.get(form.status)
    title, title_span = words_of(titled) if titled else ("", named.inner if named else Span(0, min(1, len(source))))
    heading = _member(value, titled) or title_span
    said = [item for name, item in value.members() if name in form.words and item is not titled]
    instructions, place = joined(said)
    id_span = named.inner if named else title_span
    return Task(
        id=basis.id,
        id_span=id_span,
        title=title,
        title_span=title_span,
        heading=heading,
        span=Span(0, len(source)),
        fields=(),
        field_lines=Span(heading.end, heading.end),
        instructions=instructions,
        instructions_span=place if instructions else Span(heading.end, heading.end),
        writes=_paths(form.writes(value)),
        reads=_paths(form.reads(value)),
        needs=tuple(_needs(form, value, basis, id_span)),
        verify=_verify(value.get(form.verify)),
        minutes=_minutes(value.get(form.minutes)),
        wave=basis.wave,
        status=basis.status or (form.means(status) if status else Status.TODO),
        phase=basis.phase,
        status_span=status.inner if status else None,
    )


def _member(value: Value, member: Value | None) -> Span | None:
    """Where a member of an object stands, its name included."""
    pairs = zip(value.keys, value.items, strict=True)
    return next((Span(key.start, item.end) for key, item in pairs if item is member), None)


def _needs(form: Form, value: Value, basis: Basis, id_span: Span) -> Iterator[Item]:
    """What a task waits for, each once. What comes from its group has no place of its own, so it stands at the id."""
    meant = dict(basis.meant)
    seen = {basis.id}
    for blocker in form.blockers(value):
        for task_id in meant.get(blocker.said, (blocker.said,)):
            if task_id and task_id not in seen:
                seen.add(task_id)
                yield Item(task_id, blocker.inner)
    for task_id in basis.inherited:
        if task_id not in seen:
            seen.add(task_id)
            yield Item(task_id, id_span)


def _paths(found: Iterable[Value]) -> tuple[Item, ...]:
    """The paths among strings that should be some: people also write remarks there."""
    items = (Item(value.said, value.inner) for value in found)
    return tuple(item for item in items if _PATH.fullmatch(item.text) and not is_none(item.text))


def _verify(value: Value | None) -> Item | None:
    return Item(value.said, value.inner) if value is not None and value.kind is Kind.STRING and value.said else None


def _minutes(value: Value | None) -> float | None:
    if value is None or value.kind is not Kind.PLAIN or not re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", value.said):
        return None
    return float(value.said) or None
