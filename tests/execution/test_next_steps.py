"""What is offered about a run that has stopped: nothing that is refused, and all that helps."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_server.analysis.facts import BrokenContract, TaskState, VerifyFacts
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.records.run_record import RunRecord, TaskRecord
from agent_server.execution.runs.decisions import discarded, last_landing, to_land, tried_again, with_repair
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.next_steps import Step, Way, held, lands_alone, next_steps, retryable
from agent_server.plan.model import Budget

FAILED = VerifyFacts("make", passed=False)


def record(
    state: RunState, tasks: Mapping[str, TaskState], verify: VerifyFacts | None = None, **after: tuple[str, ...]
) -> RunRecord:
    """A run of these tasks; those that have landed did so in its first landing. `repair` mends the others."""
    approved = tuple(
        ApprovedTask(name, "", (f"{name}.py",), "m", "a", after=after.get(name, ()), repairs=name == "repair")
        for name in tasks
    )
    approval = Approval("x.plan.md", "", 1, approved, "make", Budget())
    records = {
        name: TaskRecord(each, landing="1" if each is TaskState.LANDED else "", changed=(f"{name}.py",))
        for name, each in tasks.items()
    }
    landings = ("1",) if TaskState.LANDED in tasks.values() else ()
    return RunRecord("1", approval, state, records, verify=verify, landings=landings)


def held_run(verify: VerifyFacts | None = None, **tasks: TaskState) -> RunRecord:
    return record(RunState.HELD, tasks or {"a": TaskState.HELD, "b": TaskState.HELD}, verify)


def offered(of: RunRecord) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(step.way.value, step.tasks, step.whole) for step in next_steps(of)]


def test_where_the_guilty_are_known_they_are_tried_again_and_the_rest_lands() -> None:
    verify = VerifyFacts("make", passed=False, failing=("a",), passing=("b",))
    assert offered(held_run(verify)) == [
        ("retry", ("a",), False),
        ("land", ("b",), False),
        ("repair", ("a", "b"), True),
        ("land-anyway", ("a", "b"), True),
        ("discard", ("a", "b"), True),
    ]


def test_where_the_guilty_are_not_known_all_are_tried_again_and_nothing_lands_by_itself() -> None:
    assert [way for way, _, _ in offered(held_run(FAILED))] == ["retry", "repair", "land-anyway", "discard"]


@pytest.mark.parametrize("why", ["base_fails", "passed_again"])
def test_where_no_agent_is_to_blame_none_is_tried_again(why: str) -> None:
    verify = replace(FAILED, **{why: True})
    assert [way for way, _, _ in offered(held_run(verify))] == ["land", "repair", "land-anyway", "discard"]


def test_who_broke_a_promise_is_tried_again() -> None:
    verify = VerifyFacts("", passed=False, broken=(BrokenContract("b", ("a",), "b.py", "No such name."),))
    assert offered(held_run(verify))[0] == ("retry", ("b",), False)


def test_what_is_not_done_is_tried_again_and_the_rest_may_land() -> None:
    assert offered(held_run(a=TaskState.FAILED, b=TaskState.HELD)) == [
        ("retry", ("a",), True),
        ("land", ("b",), False),
        ("discard", ("b", "a"), True),
    ]


def test_what_could_not_land_is_landed_again() -> None:
    assert offered(held_run())[:2] == [("retry", ("a", "b"), True), ("land", ("a", "b"), True)]


def test_what_has_landed_can_be_undone_and_nothing_else() -> None:
    tasks = {"a": TaskState.LANDED, "b": TaskState.CANCELLED}
    assert offered(record(RunState.LANDED, tasks)) == [("undo", ("a",), True)]
    assert offered(held_run(a=TaskState.LANDED, b=TaskState.HELD))[-1] == ("undo", ("a",), True)


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.DISCARDED, RunState.UNDONE])
def test_a_run_that_goes_on_or_is_over_leaves_nothing_to_decide(state: RunState) -> None:
    assert next_steps(record(state, {"a": TaskState.RUNNING})) == ()


def test_what_was_built_on_others_does_not_land_alone() -> None:
    tasks = {"a": TaskState.HELD, "b": TaskState.HELD}
    built = record(RunState.HELD, tasks, b=("a",))
    assert [name for name in tasks if lands_alone(built, name)] == ["a"]
    assert not lands_alone(held_run(a=TaskState.HELD, b=TaskState.LANDED), "a"), "there is nothing beside it"


STATES = st.sampled_from([TaskState.HELD, TaskState.FAILED, TaskState.CANCELLED, TaskState.LANDED, TaskState.DISCARDED])
NAMES = ("a", "b", "repair")


@given(
    st.sampled_from([RunState.HELD, RunState.CANCELLED, RunState.FAILED]),
    st.fixed_dictionaries(dict.fromkeys(NAMES, STATES)),
    st.sampled_from([None, VerifyFacts("make", True), FAILED, VerifyFacts("make", False, base_fails=True)]),
)
def test_nothing_is_offered_that_is_refused(
    state: RunState, tasks: Mapping[str, TaskState], verify: VerifyFacts | None
) -> None:
    of = record(state, tasks, verify)
    for step in next_steps(of):
        assert step.tasks
        _take(of, step)
    for name in retryable(of):
        tried_again(of, (name,))
    for name in held(of):
        if lands_alone(of, name):
            to_land(of, (name,), verify=True)


def _take(of: RunRecord, step: Step) -> None:
    match step.way:
        case Way.RETRY:
            tried_again(of, step.tasks)
        case Way.LAND:
            to_land(of, step.tasks, verify=True)
        case Way.LAND_ANYWAY:
            to_land(of, step.tasks, verify=False)
        case Way.REPAIR:
            with_repair(of)
        case Way.DISCARD:
            discarded(of)
        case Way.UNDO:
            last_landing(of)
