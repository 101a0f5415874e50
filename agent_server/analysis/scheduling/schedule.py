"""Jobs and their hazards → waves, and what the waves gain. `waves` finds the fewest; this file says what counts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from agent_server.analysis.model import Schedule
from agent_server.analysis.scheduling.waves import Instance, fewest_waves, topological_order


@dataclass(frozen=True, slots=True)
class Job:
    """One open task. `minutes` is how long its agent takes.

    `fixed_wave` is the wave that the author gave it. `alone`: nobody knows what it writes, so it shares a wave with
    no other.
    """

    id: str
    minutes: float
    fixed_wave: int | None = None
    alone: bool = False


Pairs = Collection[tuple[str, str]]


def schedule(
    jobs: Sequence[Job], before: Pairs, apart: Pairs, width: int, exclusive: Iterable[Sequence[str]] = ()
) -> Schedule:
    """The fewest waves that respect every hazard, at most `width` wide (or one, if `width` is less).

    `jobs` stand in the plan's order, with unique ids. In `before`, the first of a pair must land before the second
    starts; the pairs of `apart` may run in either order, but never in one wave. Of each group of `exclusive`, no two
    may: that is short for many pairs. Other ids are ignored.

    The author's waves are barriers: a job fixed in wave 2 comes after all that are fixed in wave 1, and jobs of one
    wave that conflict are split into successive waves. `before` wins over them: a job counts as fixed in a later wave
    where one that must precede it is. Jobs on a cycle of `before`, or behind one, are not scheduled, and none of the
    minutes counts them.
    """
    successors = _successors([job.id for job in jobs], before)
    kept = set(topological_order(successors))
    scheduled = [job for index, job in enumerate(jobs) if index in kept]
    if len(scheduled) < len(jobs):
        successors = _successors([job.id for job in scheduled], before)
    instance = _instance(scheduled, successors, apart, width, exclusive)
    waves = _by_wave(fewest_waves(instance))
    critical = _critical_path(instance, waves, [job.minutes for job in scheduled])
    sequential = fsum(job.minutes for job in scheduled)
    parallel = fsum(max(scheduled[index].minutes for index in wave) for wave in waves)
    return Schedule(
        waves=tuple(tuple(scheduled[index].id for index in wave) for wave in waves),
        unscheduled=tuple(job.id for index, job in enumerate(jobs) if index not in kept),
        sequential_minutes=sequential,
        parallel_minutes=parallel,
        speedup=sequential / parallel if parallel else 1.0,
        critical_path=tuple(scheduled[index].id for index in critical),
        critical_minutes=fsum(scheduled[index].minutes for index in critical),
    )


def cycles(ids: Sequence[str], before: Pairs) -> tuple[tuple[str, ...], ...]:
    """The groups of ids that wait for one another, and the ids that wait for themselves; all in the order of `ids`.

    These are the strongly connected components with more than one member or a loop (Tarjan, 1972).
    """
    successors = _successors(ids, before)
    found = [
        sorted(component)
        for component in _components(successors)
        if len(component) > 1 or component[0] in successors[component[0]]
    ]
    return tuple(tuple(ids[index] for index in component) for component in sorted(found))


def _components(successors: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The strongly connected components, without recursion: a plan may be one long chain."""
    lowest: dict[int, int] = {}
    entered: dict[int, int] = {}
    done: set[int] = set()
    stack: list[int] = []
    for root in range(len(successors)):
        path = [(root, iter(successors[root]))] if root not in entered else []
        while path:
            node, following = path[-1]
            if node not in entered:
                entered[node] = lowest[node] = len(entered)
                stack.append(node)
            for successor in following:
                if successor not in entered:
                    path.append((successor, iter(successors[successor])))
                    break
                if successor not in done:
                    lowest[node] = min(lowest[node], entered[successor])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == entered[node]:
                    component = [stack.pop()]
                    while component[-1] != node:
                        component.append(stack.pop())
                    done.update(component)
                    yield component


def _successors(ids: Sequence[str], pairs: Pairs) -> list[list[int]]:
    """For each id, by its place, the places of those that it comes first of a pair with; sorted."""
    number = {each: index for index, each in enumerate(ids)}
    successors: list[set[int]] = [set() for _ in ids]
    for first, second in pairs:
        if first in number and second in number:
            successors[number[first]].add(number[second])
    return [sorted(following) for following in successors]


def _instance(
    jobs: Sequence[Job], successors: list[list[int]], apart: Pairs, width: int, exclusive: Iterable[Sequence[str]]
) -> Instance:
    """What the waves of the jobs must respect. Barriers are added to the `successors`."""
    ids = [job.id for job in jobs]
    number = {each: index for index, each in enumerate(ids)}
    others: list[set[int]] = [set() for _ in jobs]
    for first, following in enumerate(_successors(ids, apart)):
        for second in following:
            if first != second:
                others[first].add(second)
                others[second].add(first)
    fixed = _fixed_waves(jobs, successors)
    _raise_barriers(successors, fixed)
    return Instance(
        jobs=len(jobs),
        successors=successors,
        apart=others,
        alone=frozenset(index for index, job in enumerate(jobs) if job.alone),
        fixed=frozenset(index for index, wave in enumerate(fixed) if wave is not None),
        width=max(width, 1),
        groups=tuple([sorted([number[each] for each in group if each in number]) for group in exclusive]),
    )


def _fixed_waves(jobs: Sequence[Job], successors: Sequence[Sequence[int]]) -> list[int | None]:
    """The wave that each fixed job counts as fixed in: never an earlier one than a job that must precede it."""
    earliest = [job.fixed_wave for job in jobs]
    if not any(wave is not None for wave in earliest):
        return earliest
    for index in topological_order(successors):
        wave = earliest[index]
        for successor in successors[index]:
            later = earliest[successor]
            if wave is not None and (later is None or later < wave):
                earliest[successor] = wave
    return [wave if job.fixed_wave is not None else None for job, wave in zip(jobs, earliest, strict=True)]


def _raise_barriers(successors: list[list[int]], fixed: Sequence[int | None]) -> None:
    """Adds a node between each two successive fixed waves: after all of the one, before all of the other."""
    waves: dict[int, list[int]] = {}
    for index, wave in enumerate(fixed):
        if wave is not None:
            waves.setdefault(wave, []).append(index)
    for wave, following in pairwise(sorted(waves)):
        for index in waves[wave]:
            successors[index].append(len(successors))
        successors.append(list(waves[following]))


def _by_wave(wave_of: Sequence[int]) -> list[list[int]]:
    waves: list[list[int]] = [[] for _ in range(max(wave_of, default=-1) + 1)]
    for index, wave in enumerate(wave_of):
        waves[wave].append(index)
    return waves


def _critical_path(instance: Instance, waves: Sequence[Sequence[int]], minutes: Sequence[float]) -> list[int]:
    """The longest chain, by minutes, of jobs that follow one another for a reason; of equal ones the first."""
    successors = [list(following) for following in instance.successors]
    in_order = (*_conflicts_in_order(instance, waves), *_groups_in_order(instance, waves))
    for first, second in (*in_order, *_around_lone_jobs(instance, waves)):
        successors[first].append(second)
    longest = [*minutes, *(0.0 for _ in successors[instance.jobs :])]
    came_from: dict[int, int] = {}
    for node in topological_order(successors):
        for successor in successors[node]:
            after = longest[node] + (minutes[successor] if instance.is_job(successor) else 0.0)
            if after > longest[successor]:
                longest[successor] = after
                came_from[successor] = node
    path = [max(range(instance.jobs), key=lambda index: longest[index])] if instance.jobs else []
    while path and path[-1] in came_from:
        path.append(came_from[path[-1]])
    return [node for node in reversed(path) if instance.is_job(node)]


def _conflicts_in_order(instance: Instance, waves: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    landed: set[int] = set()
    for wave in waves:
        for job in wave:
            yield from ((earlier, job) for earlier in sorted(instance.apart[job] & landed))
        landed.update(wave)


def _groups_in_order(instance: Instance, waves: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Each member of a group, and the next that runs: the longest chain passes over none of them."""
    wave_of = {job: number for number, wave in enumerate(waves) for job in wave}
    for group in instance.groups:
        yield from pairwise(sorted(group, key=wave_of.__getitem__))


def _around_lone_jobs(instance: Instance, waves: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    """A job that shares its wave with none conflicts with all: every job before it, and every job after it."""
    since: list[int] = []
    last: int | None = None
    for wave in waves:
        lone = instance.alone.issuperset(wave)
        for job in wave:
            if last is not None:
                yield last, job
            if lone:
                yield from ((earlier, job) for earlier in since)
        since = [] if lone else [*since, *wave]
        last = wave[0] if lone else last
