"""Waves: the fewest that respect every hazard, in an order that the plan's author recognises."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import count, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent_server.analysis.model import Schedule
from agent_server.analysis.scheduling.schedule import Job, cycles, schedule


def jobs(letters: str) -> list[Job]:
    return [Job(letter, 10.0) for letter in letters]


def pairs(text: str) -> list[tuple[str, str]]:
    return [(pair[0], pair[1]) for pair in text.split()]


def waves(result: Schedule) -> list[str]:
    return ["".join(wave) for wave in result.waves]


@pytest.mark.parametrize(
    ("letters", "before", "apart", "width", "expected"),
    [
        pytest.param("", "", "", 5, [], id="nothing to do"),
        pytest.param("abc", "", "", 5, ["abc"], id="independent tasks run at once"),
        pytest.param("abcde", "", "", 2, ["ab", "cd", "e"], id="a wave is at most as wide as there are agents"),
        pytest.param("ab", "", "", 0, ["a", "b"], id="no width is a width of one"),
        pytest.param("abc", "ab bc", "", 5, ["a", "b", "c"], id="a chain"),
        pytest.param("abc", "ca", "", 5, ["bc", "a"], id="a dependency may point up the plan"),
        pytest.param("abcd", "ab ac bd cd", "", 5, ["a", "bc", "d"], id="a diamond"),
        pytest.param("abc", "", "ab", 5, ["ac", "b"], id="a conflict: the plan's order decides"),
        pytest.param("abc", "bc", "ab", 5, ["b", "ac"], id="a conflict: unless the other order is shorter"),
        pytest.param("abc", "", "ab bc ac", 5, ["a", "b", "c"], id="three that write one file"),
        pytest.param("abcd", "", "ab cd", 5, ["ac", "bd"], id="two conflicts share two waves"),
        pytest.param("abcd", "cd", "", 2, ["ac", "bd"], id="the long chain starts early when room is short"),
        pytest.param("abc", "ab ab", "bb", 5, ["ac", "b"], id="a pair twice, and a task apart from itself"),
        pytest.param("ab", "xa ay", "xb", 5, ["ab"], id="pairs of tasks that are done already"),
    ],
)
def test_waves(letters: str, before: str, apart: str, width: int, expected: list[str]) -> None:
    assert waves(schedule(jobs(letters), pairs(before), pairs(apart), width)) == expected


def test_search_finds_what_the_lists_miss() -> None:
    # A crown: each of the first row conflicts with all of the second but its partner. Two waves are enough, and a
    # list that takes the tasks in this order needs four.
    first, second = "aceg", "bdfh"
    crown = [(one, other) for one, other in product(first, second) if ord(other) - ord(one) != 1]
    assert waves(schedule(jobs("abcdefgh"), [], crown, 5)) == ["aceg", "bdfh"]


def test_a_task_with_an_unknown_write_set_has_a_wave_of_its_own() -> None:
    plan = [Job("a", 1), Job("b", 1, alone=True), Job("c", 1), Job("d", 1, alone=True)]
    assert waves(schedule(plan, [], [], 5)) == ["ac", "b", "d"]


class TestFixedWaves:
    def fixed(self, text: str) -> list[Job]:
        """`a1 b` is a task fixed in wave 1, then a free one."""
        return [Job(each[0], 10.0, fixed_wave=int(each[1:]) if each[1:] else None) for each in text.split()]

    @pytest.mark.parametrize(
        ("plan", "before", "apart", "expected"),
        [
            pytest.param("a1 b2 c1", "", "", ["ac", "b"], id="the author's waves"),
            pytest.param("a7 b3", "", "", ["b", "a"], id="numbers say the order, gaps mean nothing"),
            pytest.param("a1 b1 c2", "", "ab", ["a", "b", "c"], id="a conflict splits a wave, the next one waits"),
            pytest.param("a1 b1 c2", "ba", "", ["b", "a", "c"], id="a dependency splits a wave"),
            pytest.param("a b1 c2", "", "", ["ab", "c"], id="a free task goes where it fits first"),
            pytest.param("a1 b c2", "ab bc", "", ["a", "b", "c"], id="a free task between two waves"),
            pytest.param("a1 b2", "ba", "", ["b", "a"], id="a dependency wins over the author's wave"),
            pytest.param("a1 b2 c1 d2", "ba dc", "", ["bd", "ac"], id="two contradictions at once"),
            pytest.param("a1 b2 c1 d2", "ba ad dc", "", ["b", "a", "d", "c"], id="contradictions in a row"),
            pytest.param("a1 b2 c3", "ba", "", ["b", "a", "c"], id="a moved task still precedes the next wave"),
        ],
    )
    def test_waves(self, plan: str, before: str, apart: str, expected: list[str]) -> None:
        assert waves(schedule(self.fixed(plan), pairs(before), pairs(apart), 5)) == expected

    def test_free_tasks_do_not_break_a_fixed_wave_apart(self) -> None:
        assert waves(schedule(self.fixed("a b1 c1"), [], [], 2)) == ["bc", "a"]


class TestMinutes:
    def test_of_nothing(self) -> None:
        assert schedule([], [], [], 5) == Schedule((), (), 0.0, 0.0, 1.0, (), 0.0)

    def test_of_a_wave(self) -> None:
        result = schedule([Job("a", 4), Job("b", 9), Job("c", 15)], [("a", "c")], [], 5)
        assert (result.sequential_minutes, result.parallel_minutes) == (28.0, 24.0)
        assert result.speedup == pytest.approx(28 / 24)
        assert (result.critical_path, result.critical_minutes) == (("a", "c"), 19.0)

    def test_conflicts_are_part_of_the_critical_path(self) -> None:
        result = schedule([Job("a", 4), Job("b", 9), Job("c", 10)], [], [("a", "b")], 5)
        assert result.critical_path == ("a", "b")

    def test_so_are_the_authors_waves_and_tasks_that_run_alone(self) -> None:
        assert schedule([Job("a", 4, 1), Job("b", 9, 2), Job("c", 10)], [], [], 5).critical_path == ("a", "b")
        assert schedule([Job("a", 4), Job("b", 9, alone=True), Job("c", 10)], [], [], 5).critical_path == ("c", "b")

    def test_the_width_is_not(self) -> None:
        assert schedule(jobs("abc"), [], [], 1).critical_path == ("a",)

    def test_tasks_that_cannot_run_are_not_counted(self) -> None:
        result = schedule([Job("a", 4), Job("b", 9)], [("b", "b")], [], 5)
        assert (result.sequential_minutes, result.speedup) == (4.0, 1.0)


class TestCycles:
    @pytest.mark.parametrize(
        ("before", "expected"),
        [
            ("ab bc", []),
            ("aa", ["a"]),
            ("ba ab", ["ab"]),
            ("cb bd dc", ["bcd"]),
            ("ab ba cd dc", ["ab", "cd"]),
            ("ab ba bc cd dc", ["ab", "cd"]),
            ("ab bc ca bd db", ["abcd"]),
            ("xa ax", []),
        ],
    )
    def test_found(self, before: str, expected: list[str]) -> None:
        assert ["".join(cycle) for cycle in cycles("abcd", pairs(before))] == expected

    def test_of_a_long_ring(self) -> None:
        ids = [str(number) for number in range(5000)]
        assert cycles(ids, list(zip(ids, [*ids[1:], ids[0]], strict=True))) == (tuple(ids),)

    def test_keep_their_members_and_what_is_behind_them_from_being_scheduled(self) -> None:
        result = schedule(jobs("abcde"), pairs("bc cb cd"), [], 5)
        assert waves(result) == ["ae"]
        assert result.unscheduled == ("b", "c", "d")


# Properties, against every possible answer.

Pairs = list[tuple[str, str]]
LETTERS = "abcdef"


@dataclass(frozen=True)
class Case:
    """What `schedule` is given."""

    jobs: list[Job]
    before: Pairs
    apart: Pairs
    width: int

    def schedule(self) -> Schedule:
        return schedule(self.jobs, self.before, self.apart, self.width)

    def barriers(self) -> Pairs:
        """What the author's waves ask for, by the definition: `before` moves a task to the wave of what precedes it."""
        wave = {job.id: job.fixed_wave or 0 for job in self.jobs}
        for _ in self.jobs:
            for first, second in self.before:
                wave[second] = max(wave[second], wave[first])
        fixed = [job.id for job in self.jobs if job.fixed_wave is not None]
        return [(first, second) for first in fixed for second in fixed if wave[first] < wave[second]]

    def allows(self, wave_of: dict[str, int]) -> bool:
        size = Counter(wave_of.values())
        return (
            all(wave_of[first] < wave_of[second] for first, second in self.before + self.barriers())
            and all(wave_of[first] != wave_of[second] for first, second in self.apart if first != second)
            and all(size[wave_of[job.id]] <= (1 if job.alone else self.width) for job in self.jobs)
        )

    def fewest_waves(self) -> int:
        ids = [job.id for job in self.jobs]
        for waves_tried in count():
            placements = product(range(waves_tried), repeat=len(ids))
            if any(self.allows(dict(zip(ids, placement, strict=True))) for placement in placements):
                return waves_tried
        raise AssertionError

    def without(self, ids: Collection[str]) -> "Case":
        def kept(pairs: Pairs) -> Pairs:
            return [pair for pair in pairs if not set(pair) & set(ids)]

        return replace(
            self,
            jobs=[job for job in self.jobs if job.id not in ids],
            before=kept(self.before),
            apart=kept(self.apart),
        )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    letters = LETTERS[: draw(st.integers(0, len(LETTERS)))]
    numbers = st.sampled_from([None, None, 1, 2, 3])
    lonely = st.sampled_from([False, False, False, True])
    minutes = st.sampled_from([1.0, 4.0, 9.5])
    some = st.lists(st.tuples(*[st.sampled_from(letters)] * 2), max_size=8) if letters else st.just([])
    return Case(
        jobs=[Job(letter, draw(minutes), draw(numbers), draw(lonely)) for letter in letters],
        before=draw(some),
        apart=draw(some),
        width=draw(st.integers(1, 4)),
    )


@settings(max_examples=max(100, settings.default.max_examples))
@given(cases())
def test_every_hazard_is_respected_in_the_fewest_waves(case: Case) -> None:
    result = case.schedule()
    rest = case.without(result.unscheduled)
    assert sorted(each for wave in result.waves for each in wave) == [job.id for job in rest.jobs]
    assert all(list(wave) == sorted(wave) and wave for wave in result.waves)
    assert rest.allows({each: number for number, wave in enumerate(result.waves) for each in wave})
    assert len(result.waves) == rest.fewest_waves()


@given(cases())
def test_unscheduled_tasks_are_those_on_or_behind_a_cycle(case: Case) -> None:
    behind = {each for cycle in cycles([job.id for job in case.jobs], case.before) for each in cycle}
    for _ in case.jobs:
        behind |= {second for first, second in case.before if first in behind}
    assert set(case.schedule().unscheduled) == behind


@given(cases())
def test_the_critical_path_bounds_the_waves(case: Case) -> None:
    result = case.schedule()
    assert result.critical_minutes <= result.parallel_minutes <= result.sequential_minutes
    numbers = [result.wave_of(each) or 0 for each in result.critical_path]
    assert numbers == sorted(set(numbers))


@given(cases())
def test_the_order_in_which_hazards_are_found_does_not_matter(case: Case) -> None:
    turned = replace(case, before=case.before[::-1], apart=[(second, first) for first, second in case.apart])
    assert turned.schedule() == case.schedule()


@given(cases())
def test_an_independent_task_at_the_end_moves_no_other(case: Case) -> None:
    roomy = replace(case, width=len(case.jobs) + 1)
    longer = replace(roomy, jobs=[*roomy.jobs, Job("z", 1.0)]).schedule()
    without = [tuple(each for each in wave if each != "z") for wave in longer.waves]
    assert [wave for wave in without if wave] == list(roomy.schedule().waves)
