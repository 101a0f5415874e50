"""Which tasks of a wave fail together: delta debugging over the sets of tasks whose work is built.

A build is dear, so their number is bounded, and none is made twice but that of all, where chance may be to blame. What
is known when the bound is reached is told, with whether it is the whole answer.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto


class Verdict(Enum):
    """How the build of some tasks' work ended."""

    PASSES = auto()
    FAILS = auto()
    """It fails as the whole does."""
    FAILS_OTHERWISE = auto()
    """It fails, but not of what is sought: often for want of what the tasks that were left out make."""


Tasks = frozenset[str]
Build = Callable[[Tasks], Awaitable[Verdict | None]]
"""Builds the work of some tasks; None where it is not known how that ends, and no more builds can be made."""


@dataclass(frozen=True, slots=True)
class Bisection:
    """What was found out.

    `failing` are tasks whose work fails together, in their order; `is_smallest` says that none of them can be left out
    without its passing, or failing otherwise. They are empty, and `base_fails`, where it fails without any task.
    `passing` is the largest set of tasks that was seen to pass. Where nothing less than all of them fails, all are
    built once more; `passed_again` says that this passed, so that no task is to blame, and the others are empty.
    `builds` were made.
    """

    failing: tuple[str, ...] = ()
    is_smallest: bool = False
    passing: tuple[str, ...] = ()
    base_fails: bool = False
    passed_again: bool = False
    builds: int = 0


async def smallest_failing(
    tasks: Sequence[str], build: Build, *, most: int, relies_on: Mapping[str, Tasks] | None = None
) -> Bisection:
    """Find a smallest set of `tasks` that fails; all of them together are known to. At most `most` builds are made.

    First nothing at all is built, then each task alone, where the bound allows that, and then ever smaller parts of
    what fails, or all once more where no part does. At last comes what remains with one of the failing tasks left out,
    the last one, which may well pass.
    `relies_on` tells of each task which others it is never built without.
    """
    search = _Search(tuple(tasks), build, most, relies_on or {})
    return await search.run()


class _OutOfBuilds(Exception):
    """The bound is reached, or a build came to nothing."""


class _Search:
    def __init__(self, tasks: tuple[str, ...], build: Build, most: int, relies_on: Mapping[str, Tasks]) -> None:
        self._order = tasks
        self._build = build
        self._most = most
        self._needed = {task: _closure(task, relies_on) & frozenset(tasks) for task in tasks}
        self._known: dict[Tasks, Verdict] = {frozenset(tasks): Verdict.FAILS}
        self._builds = 0

    async def run(self) -> Bisection:
        everything = frozenset(self._order)
        smallest: Tasks | None = None
        try:
            if await self._verdict(frozenset()) is Verdict.FAILS:
                return Bisection(base_fails=True, builds=self._builds)
            smallest = await self._smallest_in(everything)
            if smallest == everything and await self._built(everything) is Verdict.PASSES:
                return Bisection(passed_again=True, builds=self._builds)
            await self._find_what_passes(everything, smallest)
        except _OutOfBuilds:
            pass
        return Bisection(
            failing=self._ordered(smallest or min(self._that(Verdict.FAILS), key=len)),
            is_smallest=smallest is not None,
            passing=self._ordered(max(self._that(Verdict.PASSES), key=len, default=frozenset())),
            builds=self._builds,
        )

    async def _smallest_in(self, failing: Tasks) -> Tasks:
        """What of a failing set fails, and of which nothing can be left out."""
        if 2 * len(self._order) <= self._most:
            for alone in dict.fromkeys(self._needed[task] for task in self._ordered(failing)):
                if len(alone) < len(failing) and await self._verdict(alone) is Verdict.FAILS:
                    failing = alone
        parts = 2
        while len(failing) > 1:
            smaller = await self._smaller(failing, parts)
            if smaller is not None:
                failing, parts = smaller, max(parts - 1, 2)
            elif parts >= len(failing):
                break
            else:
                parts = min(2 * parts, len(failing))
        return failing

    async def _smaller(self, failing: Tasks, parts: int) -> Tasks | None:
        """A smaller set that fails: one of so many parts of the failing one, or what remains without a part."""
        divided = list(_divided(self._ordered(failing), parts))
        candidates = [*map(self._with_needed, divided), *(self._without(part) & failing for part in divided)]
        for each in dict.fromkeys(candidates):
            if each and each < failing and await self._verdict(each) is Verdict.FAILS:
                return each
        return None

    async def _find_what_passes(self, rest: Tasks, failing: Tasks) -> None:
        """Leave out as little as possible of what fails, until the rest passes, or fails in a way of its own."""
        while True:
            culprits = self._ordered(failing)
            for left_out in (culprits[-1:], culprits):
                smaller = rest & self._without(left_out)
                verdict = await self._verdict(smaller)
                if verdict is not Verdict.FAILS_OTHERWISE:
                    break
            if verdict is not Verdict.FAILS:
                return
            rest = smaller
            failing = await self._smallest_in(rest)

    def _that(self, verdict: Verdict) -> list[Tasks]:
        """The sets of tasks, but for the empty one, whose build ended so."""
        return [tasks for tasks, known in self._known.items() if known is verdict and tasks]

    async def _verdict(self, tasks: Tasks) -> Verdict:
        if tasks not in self._known:
            self._known[tasks] = await self._built(tasks)
        return self._known[tasks]

    async def _built(self, tasks: Tasks) -> Verdict:
        if self._builds >= self._most:
            raise _OutOfBuilds
        self._builds += 1
        verdict = await self._build(tasks)
        if verdict is None:
            raise _OutOfBuilds
        return verdict

    def _with_needed(self, tasks: Sequence[str]) -> Tasks:
        return frozenset[str]().union(*(self._needed[task] for task in tasks))

    def _without(self, tasks: Sequence[str] | Tasks) -> Tasks:
        """All tasks that do not rest on these."""
        return frozenset(task for task in self._order if self._needed[task].isdisjoint(tasks))

    def _ordered(self, tasks: Tasks) -> tuple[str, ...]:
        return tuple(task for task in self._order if task in tasks)


def _closure(task: str, relies_on: Mapping[str, Tasks]) -> Tasks:
    """A task, and all that it relies on, directly or not."""
    found = {task}
    waiting = [task]
    while waiting:
        new = relies_on.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return frozenset(found)


def _divided(tasks: Sequence[str], parts: int) -> Iterator[Sequence[str]]:
    """The tasks in so many parts, as equal as can be."""
    for number in range(parts):
        start, end = (len(tasks) * each // parts for each in (number, number + 1))
        if start < end:
            yield tasks[start:end]
