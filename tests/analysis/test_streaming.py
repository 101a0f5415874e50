"""What tasks wait for where there are no waves."""

from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.scheduling.precedence import Precedence
from agent_server.analysis.scheduling.streaming import predecessors
from tests.analysis.analysed import analysed


def test_tasks_wait_for_what_they_depend_on_and_for_who_is_at_their_files_first() -> None:
    found = analysed("""
        ## a: Make it
        - writes: `shared.txt`

        ## b: Use it
        - writes: `b.txt`
        - needs: a

        ## c: Go on with it
        - writes: `shared.txt`
        - needs: b

        ## d: Go on as well
        - writes: `shared.txt`
        - needs: a

        ## e: Something else
        - writes: `e.txt`
    """)
    order = predecessors(found)
    assert order["a"] == order["e"] == ()
    assert (order["b"], order["d"]) == (("a",), ("a",))
    assert set(order["c"]) == {"b", "d"}  # and so for `a`


def test_the_authors_waves_are_kept() -> None:
    found = analysed("""
        ## a: First
        - writes: `a.txt`
        - wave: 1

        ## b: Second
        - writes: `b.txt`
        - wave: 2

        ## c: Third
        - writes: `c.txt`
        - wave: 3

        ## d: Whenever
        - writes: `d.txt`
    """)
    assert predecessors(found) == {"a": (), "d": (), "b": ("a",), "c": ("b",)}


def test_what_is_done_or_on_a_cycle_is_waited_for_by_nobody() -> None:
    found = analysed("""
        ## a: Done
        - writes: `a.txt`
        - status: done

        ## b: Go on
        - writes: `b.txt`
        - needs: a

        ## c: Round
        - writes: `c.txt`
        - needs: d

        ## d: And round
        - writes: `d.txt`
        - needs: c
    """)
    assert predecessors(found) == {"b": ()}


TASKS = st.lists(st.tuples(st.none() | st.integers(1, 4), st.sets(st.integers(0, 7), max_size=2)), max_size=8)


@given(TASKS)
def test_every_earlier_wave_is_waited_for_directly_or_through_others(tasks: list[tuple[int | None, set[int]]]) -> None:
    sections = [
        f"## t{at}: T\n- writes: `{at}.txt`\n"
        + (f"- wave: {wave}\n" if wave else "")
        + "".join(f"- needs: t{need}\n" for need in sorted(needs)[:1] if need < len(tasks) and need != at)
        for at, (wave, needs) in enumerate(tasks)
    ]
    found = analysed("\n".join(sections))
    order = predecessors(found)
    closed = Precedence(order)
    wave_of = {task: number for number, wave in enumerate(found.schedule.waves) for task in wave}
    assert order.keys() == wave_of.keys()
    for task, others in order.items():
        assert all(wave_of[other] < wave_of[task] for other in others)
        fixed = found.tasks[task].task.wave
        for other, number in wave_of.items():
            earlier = found.tasks[other].task.wave
            if fixed and earlier and earlier < fixed and number < wave_of[task]:
                assert closed.follows(task, other)
