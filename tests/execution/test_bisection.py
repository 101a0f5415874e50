"""Which tasks fail together: against brute force, over builds that are functions of the tasks in them."""

from collections.abc import Callable, Mapping
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from agent_server.execution.runs.bisection import Bisection, Tasks, Verdict, smallest_failing

ORDER = "abcdef"
Outcome = Callable[[Tasks], Verdict | None]

some_tasks = st.frozensets(st.sampled_from(ORDER))
culprits = st.lists(st.frozensets(st.sampled_from(ORDER), min_size=1), min_size=1, max_size=3)
needs = st.dictionaries(st.sampled_from(ORDER), some_tasks, max_size=4)


class Builds:
    """Builds that are counted; the whole fails the first time, whatever `outcome` says."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.made: list[Tasks] = []

    async def __call__(self, tasks: Tasks) -> Verdict | None:
        assert tasks not in self.made
        self.made.append(tasks)
        return self.outcome(tasks)


async def found(
    outcome: Outcome, *, tasks: str = ORDER, most: int = 1_000, relies_on: Mapping[str, Tasks] | None = None
) -> tuple[Bisection, Builds]:
    builds = Builds(outcome)
    bisection = await smallest_failing(tasks, builds, most=most, relies_on=relies_on)
    assert bisection.builds == len(builds.made) <= most
    return bisection, builds


def together(*groups: str) -> Outcome:
    """Fails as soon as all of one of the groups are there."""
    return lambda tasks: Verdict.FAILS if any(set(group) <= tasks for group in groups) else Verdict.PASSES


def is_closed(tasks: Tasks, relies_on: Mapping[str, Tasks]) -> bool:
    return all(relies_on.get(task, frozenset()) <= tasks for task in tasks)


def parts_of(tasks: Tasks, relies_on: Mapping[str, Tasks]) -> list[Tasks]:
    sets = [frozenset(each) for size in range(1, len(tasks)) for each in combinations(sorted(tasks), size)]
    return [each for each in sets if is_closed(each, relies_on)]


async def test_one_task_that_fails_alone_is_found_and_the_others_pass() -> None:
    bisection, _ = await found(together("d"))
    assert bisection == Bisection(("d",), True, ("a", "b", "c", "e", "f"), builds=bisection.builds)


async def test_two_that_fail_together_cost_the_last_of_them_alone() -> None:
    bisection, _ = await found(together("be"))
    assert (bisection.failing, bisection.passing) == (("b", "e"), ("a", "b", "c", "d", "f"))


async def test_two_that_fail_by_themselves_are_both_left_out_of_what_passes() -> None:
    bisection, _ = await found(together("a", "f"))
    assert len(bisection.failing) == 1
    assert bisection.passing == ("b", "c", "d", "e")


async def test_a_workspace_that_does_not_pass_as_it_is_blames_no_task() -> None:
    bisection, builds = await found(lambda _: Verdict.FAILS)
    assert bisection == Bisection(base_fails=True, builds=1)
    assert builds.made == [frozenset()]


async def test_a_base_that_fails_for_want_of_the_tasks_is_no_reason_to_stop() -> None:
    bisection, _ = await found(lambda tasks: Verdict.FAILS_OTHERWISE if not tasks else together("c")(tasks))
    assert bisection.failing == ("c",)
    assert not bisection.base_fails


async def test_a_task_is_never_built_without_what_it_relies_on() -> None:
    needed = {"b": frozenset("a"), "c": frozenset("b")}
    bisection, builds = await found(together("c"), relies_on=needed)
    assert all(is_closed(tasks, needed) for tasks in builds.made)
    assert bisection.failing == ("a", "b", "c")
    assert bisection.is_smallest
    assert bisection.passing == ("a", "b", "d", "e", "f")


async def test_of_a_single_task_nothing_more_is_to_be_found() -> None:
    bisection, builds = await found(together("a"), tasks="a")
    assert builds.made == [frozenset(), frozenset("a")]
    assert bisection == Bisection(("a",), is_smallest=True, builds=2)


async def test_where_all_pass_the_second_time_nobody_is_blamed() -> None:
    for tasks in ("a", ORDER):
        bisection, builds = await found(lambda _: Verdict.PASSES, tasks=tasks)
        assert bisection == Bisection(passed_again=True, builds=bisection.builds)
        assert builds.made[-1] == frozenset(tasks)


async def test_a_build_that_came_to_nothing_ends_the_search_with_what_is_known() -> None:
    hanging = frozenset("c")
    bisection, builds = await found(lambda tasks: None if tasks == hanging else together("d")(tasks))
    assert builds.made[-1] == hanging
    assert bisection == Bisection(tuple(ORDER), False, ("a",), builds=4)


async def test_many_tasks_are_not_built_one_by_one() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 64)))
    bisection, _ = await found(together(many[40]), tasks=many, most=16)
    assert (bisection.failing, bisection.is_smallest) == ((many[40],), True)
    assert len(bisection.passing) == 63


@given(culprits, needs)
async def test_what_is_found_fails_and_nothing_of_it_can_be_left_out(
    groups: list[frozenset[str]], relies_on: dict[str, Tasks]
) -> None:
    outcome = together(*map("".join, groups))
    bisection, _ = await found(outcome, relies_on=relies_on)
    failing = frozenset(bisection.failing)
    assert bisection.is_smallest
    assert outcome(failing) is Verdict.FAILS
    assert is_closed(failing, relies_on)
    assert all(outcome(part) is Verdict.PASSES for part in parts_of(failing, relies_on))
    assert outcome(frozenset(bisection.passing)) is Verdict.PASSES
    alone = any(outcome(frozenset(task)) is Verdict.FAILS for task in ORDER if not relies_on.get(task))
    assert not alone or len(failing) == 1


@given(st.dictionaries(some_tasks, st.sampled_from(Verdict)), st.integers(0, 40))
async def test_of_builds_without_any_order_it_tells_only_what_it_saw(verdicts: dict[Tasks, Verdict], most: int) -> None:
    verdicts[frozenset(ORDER)] = Verdict.FAILS
    bisection, builds = await found(lambda tasks: verdicts.get(tasks, Verdict.PASSES), most=most)
    failing, passing = frozenset(bisection.failing), frozenset(bisection.passing)
    if bisection.base_fails:
        assert verdicts[frozenset()] is Verdict.FAILS
        return
    assert failing in {*builds.made, frozenset(ORDER)}
    assert verdicts[failing] is Verdict.FAILS
    if bisection.is_smallest:
        assert all(verdicts.get(failing - {task}) is not Verdict.FAILS for task in failing if len(failing) > 1)
    else:
        assert bisection.builds == most
    assert not passing or (passing in builds.made and verdicts.get(passing, Verdict.PASSES) is Verdict.PASSES)
