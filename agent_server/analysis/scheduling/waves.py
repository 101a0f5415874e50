"""The fewest waves: unit jobs with an order, with pairs that must stay apart, and with room for so many at a time.

This is scheduling on parallel machines with unit times, precedence and conflicts: NP-hard, yet plans are small or
loose. List scheduling is tried in three orders, the plan's own first, and is usually proved right by a lower bound:
the longest chain, a clique of jobs that exclude one another, and the room. Where it is not, a small instance goes
through branch and bound (`MOST_SEARCHED`, `SEARCH_BUDGET`); a larger one keeps the best that the lists found. Nothing
is random, and jobs are considered in the plan's order, so that an edit to one job leaves the others where they were
unless the number of waves depends on it.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

MOST_SEARCHED = 40
"""How many jobs an instance may have that branch and bound is tried on."""

SEARCH_BUDGET = 5000
"""How many placements branch and bound tries before it leaves the lists' answer as it is: some 10 ms."""


@dataclass(frozen=True, slots=True)
class Instance:
    """What the waves must respect. Jobs are `0 ... jobs-1`, in the plan's order.

    Further nodes are barriers: they take no wave, and what follows one comes after all that precedes it. `successors`
    must have no cycle. `alone` are jobs that share a wave with none, `fixed` those that the author gave a wave. No two
    jobs of a group share a wave, nor do those that are `apart`.
    """

    jobs: int
    successors: Sequence[Sequence[int]]
    apart: Sequence[set[int]]
    alone: frozenset[int]
    fixed: frozenset[int]
    width: int
    groups: Sequence[Sequence[int]] = ()

    def is_job(self, node: int) -> bool:
        """Whether the node is a job, not a barrier."""
        return node < self.jobs


def fewest_waves(instance: Instance) -> list[int]:
    """The wave of each job, counted from 0."""
    tails = _tails(instance)
    priorities = _priorities(instance, tails)
    best = _list_schedule(instance, next(priorities))
    if max(best, default=-1) < max(tails, default=0):
        return best  # Most plans are one chain in the end, and no other bound is as cheap.
    least = _lower_bound(instance, tails)
    for priority in priorities:
        if max(best) < least:
            return best
        best = min(best, _list_schedule(instance, priority), key=max)
    if max(best) < least or instance.jobs > MOST_SEARCHED:
        return best
    return _search(instance, tails, least, best)


def topological_order(successors: Sequence[Sequence[int]]) -> list[int]:
    """The nodes, each before its successors, and by number where that leaves a choice; none on or behind a cycle."""
    if all(node < min(following, default=len(successors)) for node, following in enumerate(successors)):
        return [*range(len(successors))]
    waiting = _count_predecessors(successors)
    ready = [node for node, count in enumerate(waiting) if count == 0]
    order = []
    while ready:
        node = heappop(ready)
        order.append(node)
        for successor in successors[node]:
            waiting[successor] -= 1
            if waiting[successor] == 0:
                heappush(ready, successor)
    return order


def _count_predecessors(successors: Sequence[Sequence[int]]) -> list[int]:
    counts = [0] * len(successors)
    for following in successors:
        for node in following:
            counts[node] += 1
    return counts


def _tails(instance: Instance) -> list[int]:
    """How many waves each node and what must follow it take at least."""
    tails = [0] * len(instance.successors)
    for node in reversed(topological_order(instance.successors)):
        after = max((tails[successor] for successor in instance.successors[node]), default=0)
        tails[node] = after + instance.is_job(node)
    return tails


def _lower_bound(instance: Instance, tails: Sequence[int]) -> int:
    together = instance.jobs - len(instance.alone)
    room = -(-together // instance.width) + len(instance.alone)
    largest = max(map(len, instance.groups), default=0)
    return max(max(tails, default=0), room, _clique(instance), largest)


def _clique(instance: Instance) -> int:
    """The size of a set of jobs no two of which share a wave, found greedily; every job of it takes a wave."""
    excludes = [set(others) for others in instance.apart]
    for job in range(instance.jobs):
        for successor in filter(instance.is_job, instance.successors[job]):
            excludes[job].add(successor)
            excludes[successor].add(job)
    candidates = {job for job in range(instance.jobs) if excludes[job]} - instance.alone
    size = 0
    for job in sorted(candidates, key=lambda job: (-len(excludes[job]), job)):
        if job in candidates:
            size += 1
            candidates &= excludes[job]
    return size + len(instance.alone)


def _priorities(instance: Instance, tails: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    """The orders in which jobs are offered a place, as sort keys. The author's own waves are kept together in each."""
    jobs = range(instance.jobs)
    plan = [(job not in instance.fixed, job) for job in jobs]
    others = [len(apart) for apart in instance.apart]
    for group in instance.groups:
        for job in group:
            others[job] += len(group) - 1
    yield [plan[job] for job in jobs]
    yield [(-tails[job], *plan[job]) for job in jobs]
    yield [(-tails[job], -others[job], *plan[job]) for job in jobs]
    # Who excludes many must begin early, or they queue up at the end.
    yield [(-max(tails[job], others[job]), *plan[job]) for job in jobs]


def _list_schedule(instance: Instance, priority: Sequence[tuple[int, ...]]) -> list[int]:
    """Wave by wave, the jobs that are ready, by priority, as far as they fit."""
    wave_of = [0] * instance.jobs
    waiting = _count_predecessors(instance.successors)
    groups_of: list[list[int]] = [[] for _ in range(instance.jobs)]
    for number, group in enumerate(instance.groups):
        for job in group:
            groups_of[job].append(number)
    ready = sorted((priority[job], job) for job in range(instance.jobs) if waiting[job] == 0)
    wave = 0
    while ready:
        places = _fitting(instance, ready, groups_of)
        chosen = [ready.pop(place)[1] for place in reversed(places)]
        for job in chosen:
            wave_of[job] = wave
        for job in _released(instance, waiting, chosen):
            insort(ready, (priority[job], job))
        wave += 1
    return wave_of


def _fitting(
    instance: Instance, ready: Sequence[tuple[tuple[int, ...], int]], groups_of: Sequence[Sequence[int]]
) -> list[int]:
    """The places in `ready` of the jobs that make up the next wave."""
    places: list[int] = []
    blocked: set[int] = set()
    present: set[int] = set()
    for place, (_, job) in enumerate(ready):
        if job in instance.alone:
            if not places:
                return [place]
        elif job not in blocked and present.isdisjoint(groups_of[job]):
            places.append(place)
            if len(places) == instance.width:
                break
            blocked |= instance.apart[job]
            present.update(groups_of[job])
    return places


def _released(instance: Instance, waiting: list[int], done: Sequence[int]) -> Iterator[int]:
    """The jobs that wait for nothing more once some are done. Counts `waiting` down."""
    nodes = list(done)
    while nodes:
        for successor in instance.successors[nodes.pop()]:
            waiting[successor] -= 1
            if waiting[successor] == 0:
                if instance.is_job(successor):
                    yield successor
                else:
                    nodes.append(successor)


def _search(instance: Instance, tails: Sequence[int], least: int, best: list[int]) -> list[int]:
    """Fewer waves than `best`, by trying every placement for each number of waves in turn; `best` if there are none."""
    search = _Placement(instance, tails)
    for waves in range(least, max(best) + 1):
        if search.fits(waves):
            return search.wave_of
        if search.budget <= 0:
            break
    return best


class _Placement:
    """Branch and bound: jobs in topological order, each in the earliest wave that takes it, then in later ones."""

    def __init__(self, instance: Instance, tails: Sequence[int]) -> None:
        self.instance = instance
        self.tails = tails
        self.order = topological_order(instance.successors)
        self.predecessors: list[list[int]] = [[] for _ in instance.successors]
        for node, following in enumerate(instance.successors):
            for successor in following:
                self.predecessors[successor].append(node)
        self.wave_of: list[int] = []
        self.members: list[set[int]] = []
        self.budget = SEARCH_BUDGET

    def fits(self, waves: int) -> bool:
        """Whether so many waves are enough; then `wave_of` says how. False too when the budget is spent."""
        self.wave_of = [0] * self.instance.jobs
        self.members = [set() for _ in range(waves)]
        # A barrier's wave is the first that what follows it may be in.
        self.opens = [0] * len(self.order)
        return self._place(0)

    def _place(self, position: int) -> bool:
        if position == len(self.order):
            return True
        node = self.order[position]
        earliest = max((self.opens[each] for each in self.predecessors[node]), default=0)
        if not self.instance.is_job(node):
            self.opens[node] = earliest
            return self._place(position + 1)
        for wave in range(earliest, len(self.members) - self.tails[node] + 1):
            self.budget -= 1
            if self.budget < 0:
                return False
            if not self._takes(wave, node):
                continue
            self.members[wave].add(node)
            self.wave_of[node] = wave
            self.opens[node] = wave + 1
            if self._place(position + 1):
                return True
            self.members[wave].remove(node)
        return False

    def _takes(self, wave: int, job: int) -> bool:
        members = self.members[wave]
        if not members:
            return True
        if job in self.instance.alone or not self.instance.alone.isdisjoint(members):
            return False
        return len(members) < self.instance.width and self.instance.apart[job].isdisjoint(members)
