"""What several tasks want at once, in no order that the plan gives.

Conflicts are about pairs. Forty tasks at one file are eight hundred of them, and one contention: that is what is told,
and found, without looking at each pair where nothing puts any two of the tasks in order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

from agent_server.analysis.model import Contention, HazardKind
from agent_server.analysis.scheduling.claimed import MARKED, Group
from agent_server.analysis.scheduling.precedence import PlanOrder, Precedence


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file or a lock that tasks want. Each of `tasks` conflicts with every other one, and with all of `others`."""

    kind: HazardKind
    path: str
    tasks: tuple[str, ...]
    others: tuple[str, ...] = ()

    def pairs(self) -> Iterator[tuple[str, str]]:
        """The pairs that conflict, each once, in no order."""
        yield from combinations(self.tasks, 2)
        yield from self.outer_pairs()

    def outer_pairs(self) -> Iterator[tuple[str, str]]:
        """The pairs of which only one is of `tasks`."""
        return product(self.tasks, self.others)


_Where = tuple[HazardKind, Group | None]
"""The kind of conflict, and the group in which the author claims that the tasks may run at once; None without one."""


def contentions(
    wanted: Iterable[Wanted], waits: Iterable[tuple[str, str]], plan_order: PlanOrder
) -> tuple[Contention, ...]:
    """What is wanted, gathered by who wants it; where the plan says so is still left out.

    Of each pair of `waits` the first comes after the second. `plan_order` is the order that the author gave the open
    tasks.

    First comes what the author claims may run at once although it cannot, group by group; then what is sequenced
    although the plan asks for no order, neither by `needs` nor by waves.
    """
    order = _Order(waits, plan_order)
    claims: dict[_Where, dict[str, set[str]]] = {}
    for each in wanted:
        for where, several in _loose(each, order):
            if several:
                claims.setdefault(where, {}).setdefault(each.path, set()).update(several)
    found = sorted(claims.items(), key=lambda claim: (claim[0][1] is None, claim[0][1], claim[0][0]))
    return tuple(each for where, paths in found for each in _gathered(where, paths, plan_order.places))


def _loose(wanted: Wanted, order: "_Order") -> Iterator[tuple[_Where, Sequence[str]]]:
    """Those of the tasks that nothing puts in order, by where that is: all at once, or pair by pair."""
    everybody = (*wanted.tasks, *wanted.others)
    if order.is_free_of_waves(everybody) and (not wanted.others or not order.relates(everybody)):
        yield (wanted.kind, None), order.in_no_order_with_all(everybody)
        return
    if order.in_order and wanted.kind is HazardKind.WRITE_CONFLICT:
        yield from _in_text_order(wanted, order)
        return
    for pair in order.perhaps_at_once(wanted):
        group = order.common_group(*pair)
        if group is not None and wanted.kind is HazardKind.WRITE_CONFLICT:
            if not order.is_settled(*pair):
                yield (wanted.kind, group), pair
        elif not order.settles(*pair):
            yield (wanted.kind, None), pair


def _in_text_order(wanted: Wanted, order: "_Order") -> Iterator[tuple[_Where, Sequence[str]]]:
    """The same where the tasks stand in the order in which they are to run, but for those of a group."""
    for claimed, tasks in order.grouped(wanted.tasks).items():
        yield (wanted.kind, claimed), order.not_settled_with_all(tasks, claimed) if len(tasks) > 1 else ()
    for pair in wanted.outer_pairs():
        group = order.common_group(*pair)
        if group is not None and not order.is_settled(*pair):
            yield (wanted.kind, group), pair
    for pair in order.perhaps_at_once(wanted):
        if order.common_group(*pair) is None and not order.settles(*pair):
            yield (wanted.kind, None), pair


def _gathered(where: _Where, paths: Mapping[str, Iterable[str]], places: Mapping[str, int]) -> Iterator[Contention]:
    """One contention for each set of tasks, at all that they want alike."""
    kind, group = where
    joined: dict[tuple[str, ...], list[str]] = {}
    for path in sorted(paths):
        joined.setdefault(tuple(sorted(paths[path], key=places.__getitem__)), []).append(path)
    for tasks, alike in joined.items():
        yield Contention(kind, tasks, (), tuple(alike), together=group is not None)


class _Order:
    """Which tasks the plan puts one after the other, whatever their conflicts are."""

    def __init__(self, waits: Iterable[tuple[str, str]], plan_order: PlanOrder) -> None:
        waits_for: dict[str, list[str]] = {task: [] for task in plan_order.places}
        for task, on in waits:
            waits_for[task].append(on)
        self._waits_for, self._needs, self.is_settled = Precedence(waits_for), plan_order.needs, plan_order.settles
        self._waves = {task: wave for task, wave in plan_order.waves.items() if wave is not None}
        self._groups, self.in_order = plan_order.groups, plan_order.in_order

    def is_free_of_waves(self, tasks: Sequence[str]) -> bool:
        """Whether the author has put none of the tasks into a wave, or marked it to run beside others."""
        return self._waves.keys().isdisjoint(tasks) and self._groups.keys().isdisjoint(tasks)

    def relates(self, tasks: Iterable[str]) -> bool:
        """Whether one of the tasks waits for another one."""
        return bool(self._waits_for.related(tasks))

    def perhaps_at_once(self, wanted: Wanted) -> Iterator[tuple[str, str]]:
        """The pairs that conflict, but for those that stand in two waves: of a file that many want, nearly all do."""
        by_wave: dict[int | None, list[str]] = {}
        for task in wanted.tasks:
            by_wave.setdefault(self._waves.get(task), []).append(task)
        free = by_wave.pop(None, [])
        yield from chain.from_iterable([combinations(tasks, 2) for tasks in (free, *by_wave.values())])
        yield from product(free, chain.from_iterable(by_wave.values()))
        yield from wanted.outer_pairs()

    def in_no_order_with_all(self, tasks: Sequence[str]) -> Sequence[str]:
        """Those of the tasks that may run before and after some other one of them, without waves."""
        related = self._waits_for.related(tasks)
        return [task for task in tasks if len(related.get(task, ())) < len(tasks) - 1]

    def not_settled_with_all(self, tasks: Sequence[str], group: Group) -> Sequence[str]:
        """Those of the tasks of a group that the author has not put in order with some other one of them."""
        if group[0] == MARKED:
            return tasks
        related = self._needs.related(tasks)
        return [task for task in tasks if len(related.get(task, ())) < len(tasks) - 1]

    def common_group(self, task: str, other: str) -> Group | None:
        """The group in which the author claims that both may run at once."""
        group = self._groups.get(task)
        return group if group == self._groups.get(other) else None

    def grouped(self, tasks: Iterable[str]) -> Mapping[Group, Sequence[str]]:
        """Those of the tasks that the author claims may run beside others, by their groups."""
        found: dict[Group, list[str]] = {}
        for task in tasks:
            if task in self._groups:
                found.setdefault(self._groups[task], []).append(task)
        return found

    def settles(self, task: str, other: str) -> bool:
        """Whether the two can only run one after the other, whichever comes first."""
        wave, other_wave = self._waves.get(task), self._waves.get(other)
        fixed = wave is not None and other_wave is not None and wave != other_wave
        return fixed or self._waits_for.orders(task, other)
