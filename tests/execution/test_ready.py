"""Who may work now, held against its promises for random plans."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agent_server.execution.runs.ready import ReadySet

TASKS = "abcdefgh"
Plan = dict[str, tuple[str, ...]]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Tasks, each after some of those that stand before it."""
    return {task: tuple(draw(st.sets(st.sampled_from(TASKS[:at])))) if at else () for at, task in enumerate(TASKS)}


@given(plans(), plans(), st.integers(0, 4), st.sets(st.sampled_from(TASKS)), st.randoms())
def test_every_task_comes_to_an_end_and_none_begins_too_early(
    after: Plan, relies_on: Plan, width: int, failing: set[str], random: Random
) -> None:
    backwards = {task: tuple(TASKS[-1 - TASKS.index(other)] for other in relies_on[task]) for task in TASKS}
    ready = ReadySet(after, dict.fromkeys(TASKS, 1.0), width, backwards)
    working, passed, lost, checking = set[str](), set[str](), set[str](), set[str]()
    while True:
        for task in ready.to_start():
            assert set(after[task]) <= passed
            working.add(task)
        assert len(working) <= max(1, width)
        if (to_check := ready.to_check()) is not None:
            checking.add(to_check)
        assert len(checking) <= 1
        if not working | checking:
            break
        task = random.choice(sorted(working | checking))
        if task in working:
            working.remove(task)
            ready.ended(task)
        else:
            checking.remove(task)
            if task in failing:
                lost |= {task, *(other for other, _ in ready.lost(task))}
            else:
                passed.add(task)
                ready.passed(task)
    assert passed | lost == set(TASKS)
    assert not passed & lost
    assert all(set(after[task]) <= passed for task in passed)
    assert ready.waiting() == ()


def test_the_longest_way_begins_first() -> None:
    ready = ReadySet({"a": (), "b": (), "c": ("b",)}, {"a": 5, "b": 3, "c": 3}, 1, {})
    assert ready.to_start() == ("b",)


def test_a_task_is_checked_when_those_beside_it_that_it_relies_on_have_ended() -> None:
    ready = ReadySet({"a": (), "b": ()}, {}, 2, {"a": ("b",)})
    assert ready.to_start() == ("a", "b")
    ready.ended("a")
    assert ready.to_check() is None
    assert ready.relied_on("a") == frozenset()
    ready.ended("b")
    assert ready.to_check() in {"a", "b"}
    assert ready.relied_on("a") == {"b"}


def test_what_is_done_elsewhere_is_waited_for_by_nobody() -> None:
    assert ReadySet({"b": ("a",)}, {}, 1, {"b": ("a",)}).to_start() == ("b",)
