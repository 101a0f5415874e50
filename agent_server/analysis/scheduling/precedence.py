"""What comes before what: by what tasks wait for, and by how the plan lists them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from agent_server.analysis.scheduling.claimed import DEFAULT_CLAIMS, MARKED, Claims, Group
from agent_server.plan.model import Task


class Precedence:
    """The transitive closure of "waits for". Members of a cycle each follow every other one, and themselves.

    Ancestors are bit sets, so that a thousand tasks take a millisecond or two.
    """

    __slots__ = ("_ancestors", "_bits")

    def __init__(self, waits_for: Mapping[str, Collection[str]]) -> None:
        """Close `waits_for`, which gives for each task the tasks that it directly waits for; each of them is a key."""
        self._bits = {task: 1 << at for at, task in enumerate(waits_for)}
        self._ancestors = dict.fromkeys(waits_for, 0)
        waits_for = {task: others for task, others in waits_for.items() if others}  # Few tasks wait for any.
        order = _dependencies_first(waits_for)
        changed = True
        while changed:  # Without cycles, one pass does it and a second finds nothing new.
            changed = sum(self._absorb(task, waits_for[task]) for task in order) > 0

    def follows(self, task: str, other: str) -> bool:
        """Whether `task` waits for `other`, directly or through others."""
        return bool(self._ancestors[task] & self._bits[other])

    def orders(self, task: str, other: str) -> bool:
        """Whether one of the two waits for the other."""
        return self.follows(task, other) or self.follows(other, task)

    def related(self, tasks: Iterable[str]) -> Mapping[str, set[str]]:
        """For those of the tasks that wait for others of them, or are waited for: these others."""
        bits = {task: self._bits[task] for task in tasks}
        several = sum(bits.values())
        found: dict[str, set[str]] = {}
        for task, own in bits.items():
            before = self._ancestors[task] & several & ~own
            for other in [each for each, bit in bits.items() if before & bit] if before else ():
                found.setdefault(task, set()).add(other)
                found.setdefault(other, set()).add(task)
        return found

    def last_of(self, tasks: Collection[str]) -> Iterator[str]:
        """Those of the tasks for which no other of them waits. None of them may wait for itself."""
        before = 0
        for task in tasks:
            before |= self._ancestors[task]
        return (task for task in tasks if not self._bits[task] & before)

    def _absorb(self, task: str, others: Iterable[str]) -> bool:
        known = found = self._ancestors[task]
        for other in others:
            found |= self._bits[other] | self._ancestors[other]
        self._ancestors[task] = found
        return found != known


class PlanOrder:
    """The order that the author gave the open tasks: by `needs`, by fixed waves, and by place.

    `groups` are the tasks of which the author claims that they may run side by side; `in_order` says that all others
    stand in the order in which they are to run.
    """

    __slots__ = ("groups", "in_order", "needs", "places", "waves")

    def __init__(self, tasks: Sequence[Task], claims: Claims = DEFAULT_CLAIMS) -> None:
        """The order of `tasks`, which stand as in the plan. A `needs` of any other task is satisfied, or unknown."""
        self.places = {task.id: place for place, task in enumerate(tasks)}
        self.waves = {task.id: task.wave for task in tasks}
        self.groups: Mapping[str, Group] = {
            task.id: group for task in tasks if (group := claims.group(task)) is not None
        }
        self.in_order = claims.in_order
        self.needs = Precedence(
            {task.id: [need.text for need in task.needs if need.text in self.places] for task in tasks}
        )

    def settles(self, task: str, other: str) -> bool:
        """Whether the author lets one of the two wait for the other, and so gives them no false claim to write alike.

        A mark says that the task may run beside all others that have one: words behind it do not take that back.
        """
        is_marked = self.together(task, other) and self.groups[task][0] == MARKED
        return not is_marked and self.needs.orders(task, other)

    def together(self, task: str, other: str) -> bool:
        """Whether the author claims that the two may run at the same time."""
        group = self.groups.get(task)
        return group is not None and group == self.groups.get(other)

    def before(self, task: str, other: str) -> bool:
        """Whether `task` stands before `other`: in an earlier fixed wave, else earlier in the plan."""
        if self.fixed_after(task, other) or self.fixed_after(other, task):
            return self.fixed_after(other, task)
        return self.places[task] < self.places[other]

    def allows(self, task: str, other: str) -> bool:
        """Whether `task` may be found to wait for `other`, although the author does not say so."""
        return not self.in_order or self.places[other] < self.places[task]

    def fixed_after(self, task: str, other: str) -> bool:
        """Whether the author has fixed waves that put `task` after `other`."""
        wave, earlier = self.waves[task], self.waves[other]
        return wave is not None and earlier is not None and wave > earlier


def _dependencies_first(waits_for: Mapping[str, Iterable[str]]) -> list[str]:
    """The keys in an order in which each follows those that it waits for, as far as cycles allow."""
    order: list[str] = []
    seen: set[str] = set()
    for root in waits_for:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(waits_for[root]))]
        while stack:
            task, rest = stack[-1]
            other = next((each for each in rest if each in waits_for and each not in seen), None)
            if other is None:
                order.append(task)
                stack.pop()
            else:
                seen.add(other)
                stack.append((other, iter(waits_for[other])))
    return order
