"""Output dependencies that no path shows: a task that uses a name which another task creates, or that says so.

What is inferred from words is a guess, so it is held to these rules:

- A task that uses a name comes after the task that creates it, if that one stands before it in the plan, or if nothing
  in the workspace defines the name yet: then there is nothing else that could be meant.
- A name that the workspace defines already is a reason to wait only for a task before it that changes how the name is
  used.
- Several tasks that create the same name say nothing to one another.
- Tests may be written before what they test.
- No guess makes a cycle, and none contradicts what the author has put in order. The surest ones come first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent_server.analysis.footprints import Footprint
from agent_server.analysis.model import Contract, Dependency, HazardKind
from agent_server.analysis.precedence import PlanOrder
from agent_server.analysis.questions import Definers
from agent_server.analysis.symbol_words import SIGNATURE, TESTING, Role
from agent_server.analysis.symbols import Symbol, name_of, symbols
from agent_server.analysis.task_references import TaskNames, references
from agent_server.analysis.tree import Tree
from agent_server.plan.model import Task
from agent_server.plan.text import Span

_SURE = 0.5
"""A guess below this is not made."""

_SURE_AGAINST_PLAN = 0.75
"""A guess below this does not send a task behind one that stands after it in the plan: most authors list in order."""

_MOST_CREATORS = 3
"""A name that more tasks than this create is no name of one thing."""


def inferred(
    footprints: Sequence[Footprint],
    tasks: Sequence[Task],
    tree: Tree,
    certain: Iterable[Dependency],
    contracts: Iterable[Contract],
) -> Iterator[Dependency]:
    """What tasks wait for by their words, each pair once, the surest reason first.

    `footprints` are the open tasks in the plan's order, `tasks` all of them. `certain` are the dependencies that are
    known without guessing. A name that a contract covers need not be waited for.
    """
    order = PlanOrder([each.task for each in footprints])
    waiting: dict[str, set[str]] = {}
    for wait in certain:
        waiting.setdefault(wait.task, set()).add(wait.on)
    settled = {(contract.task, contract.producer) for contract in contracts}
    places = {each.task.id: place for place, each in enumerate(footprints)}
    found = [*_by_reference(footprints, tasks, places), *_by_name(footprints, tree, order)]
    found.sort(key=lambda each: (-each.confidence, places[each.on] > places[each.task], places[each.task]))
    backwards = any(places[on] > places[task] for task, others in waiting.items() for on in others)
    for each in found:
        known = waiting.setdefault(each.task, set())
        if each.on in known or not _is_open_question(each, order) or (each.name and (each.task, each.on) in settled):
            continue
        against = places[each.on] > places[each.task]
        if (backwards or against) and _reaches(each.on, each.task, waiting):
            continue
        backwards = backwards or against
        known.add(each.on)
        yield each


def _is_open_question(found: Dependency, order: PlanOrder) -> bool:
    """Whether the author has left the order of the two tasks open."""
    return not (order.needs.orders(found.task, found.on) or order.fixed_after(found.on, found.task))


def _reaches(start: str, goal: str, waiting: Mapping[str, Iterable[str]]) -> bool:
    """Whether `start` waits for `goal`, directly or through others."""
    seen = {start}
    pending = [start]
    while pending:
        task = pending.pop()
        if task == goal:
            return True
        fresh = [other for other in waiting.get(task, ()) if other not in seen]
        seen.update(fresh)
        pending += fresh
    return False


def _by_reference(
    footprints: Sequence[Footprint], tasks: Sequence[Task], places: Mapping[str, int]
) -> Iterator[Dependency]:
    names = TaskNames(tasks)
    spans = {each.task.id: each.task.id_span for each in footprints}
    for task in (each.task for each in footprints):
        for text, offset in _texts(task):
            for reference in references(text):
                on = names.meant(reference, task)
                if on is not None and on != task.id and on in places:
                    span = _moved(reference.span, offset)
                    because = f"\u201c{reference.sentence}\u201d"
                    yield Dependency(
                        HazardKind.OUTPUT_DEPENDENCY, task.id, on, "", span, spans[on], because, confidence=0.95
                    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What one task does with a name: the surest sentence for each role. `span` is in the plan's text."""

    footprint: Footprint
    symbol: Symbol
    span: Span
    declared: bool = False
    """The name is one of the task's `exports`."""


def _by_name(footprints: Sequence[Footprint], tree: Tree, order: PlanOrder) -> Iterator[Dependency]:
    parts: dict[str, dict[str, dict[Role, _Part]]] = {}
    for each in footprints:
        for part in _parts(each):
            roles = parts.setdefault(part.symbol.name, {}).setdefault(each.task.id, {})
            known = roles.get(part.symbol.role)
            if known is None or known.symbol.confidence < part.symbol.confidence:
                roles[part.symbol.role] = part
    for name, by_task in parts.items():
        if len(by_task) > 1:
            yield from _of_name(name, by_task, tree, order)


def _parts(footprint: Footprint) -> Iterator[_Part]:
    task = footprint.task
    for item in task.exports:
        name = name_of(item.text)
        symbol = Symbol(name, item.span, Role.CREATES, 1.0, distinctive=True, named=True, sentence=f"exports: {name}")
        yield _Part(footprint, symbol, item.span, declared=True)
    for at, (text, offset) in enumerate(_texts(task)):
        for symbol in symbols(text, title=at == 0):
            yield _Part(footprint, symbol, _moved(symbol.span, offset))


def _of_name(
    name: str, by_task: Mapping[str, Mapping[Role, _Part]], tree: Tree, order: PlanOrder
) -> Iterator[Dependency]:
    creators = {task: roles[Role.CREATES] for task, roles in by_task.items() if _creates(roles)}
    others = {task: roles for task, roles in by_task.items() if task not in creators}
    changers = {task: part for task, roles in others.items() if (part := _change(roles)) is not None}
    users = {task: part for task, roles in others.items() if (part := _use(roles)) is not None}
    if not users or not (creators or changers) or len(creators) > _MOST_CREATORS:
        return
    definers = _definers(name, tree)
    changing = {**changers, **{task: part for task, part in creators.items() if part.declared}}
    for task, use in users.items():
        if definers:
            makers = [part for on, part in changing.items() if on != task and order.before(on, task)]
        else:
            makers = _creators_of(task, use, creators, order, anywhere=definers is not None)
        for maker in makers:
            confidence = maker.symbol.confidence * use.symbol.confidence
            if confidence >= _SURE:
                yield _dependency(name, use, maker, confidence)


def _creates(roles: Mapping[Role, _Part]) -> bool:
    part = roles.get(Role.CREATES)
    if part is None or part.symbol.confidence < _SURE:
        return False
    if not part.declared and _tests(part.footprint.task) and "test" not in part.symbol.name.lower():
        return False
    return part.symbol.distinctive or part.symbol.named


def _use(roles: Mapping[Role, _Part]) -> _Part | None:
    """The surest use of a name by a task that does not make it."""
    found = [part for role in (Role.USES, Role.CHANGES) if (part := roles.get(role)) is not None]
    return max(found, key=lambda part: part.symbol.confidence, default=None)


def _change(roles: Mapping[Role, _Part]) -> _Part | None:
    """A change of a thing that its users feel."""
    part = roles.get(Role.CHANGES)
    if part is None or part.symbol.confidence < _SURE:
        return None
    return None if SIGNATURE.isdisjoint(re.findall(r"[a-z]+", part.symbol.sentence.lower())) else part


def _definers(name: str, tree: Tree) -> tuple[str, ...] | None:
    """The files that define a name; None where nobody knows. Addresses and flags are no language's names."""
    if not name.isidentifier():
        return None
    return tree.answers.files(Definers(name))


def _creators_of(
    task: str, use: _Part, creators: Mapping[str, _Part], order: PlanOrder, *, anywhere: bool
) -> list[_Part]:
    """The creator that a task means: the last one before it, else the first one after it."""
    before = [part for on, part in creators.items() if order.before(on, task)]
    if before:
        return before[-1:]
    if not anywhere or _tests(use.footprint.task):
        return []
    found = [part for part in creators.values() if part.declared or part.symbol.named]
    sure = [part for part in found if part.symbol.confidence * use.symbol.confidence >= _SURE_AGAINST_PLAN]
    return sure[:1] if use.symbol.role is Role.USES else []


def _tests(task: Task) -> bool:
    return not TESTING.isdisjoint(re.findall(r"[a-z]+", task.title.lower()))


def _dependency(name: str, use: _Part, maker: _Part, confidence: float) -> Dependency:
    task, on = use.footprint.task.id, maker.footprint.task.id
    does = "changes" if maker.symbol.role is Role.CHANGES else "exports" if maker.declared else "creates"
    because = f"\u201c{use.symbol.sentence}\u201d, and `{on}` {does} `{name}`"
    return Dependency(
        HazardKind.OUTPUT_DEPENDENCY, task, on, "", use.span, maker.span, because, name=name, confidence=confidence
    )


def _texts(task: Task) -> tuple[tuple[str, int], ...]:
    """The title and the instructions, each with where it starts in the plan."""
    return (task.title, task.title_span.start), (task.instructions, task.instructions_span.start)


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)
