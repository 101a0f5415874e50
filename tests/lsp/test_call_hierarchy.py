from lsprotocol import types

from agent_server.lsp.features.call_hierarchy import incoming_calls, outgoing_calls, prepare_call_hierarchy
from agent_server.lsp.snapshot import PlanSnapshot
from tests.lsp.cursor import URI, plan_at

PLAN = """\
## data: Write the data
- writes: src/data.py, src/nav.py

## hub: Build the hub
- writes: src/hub.py, src/nav.py
- locks: db

## page: Build the page
- reads: src/data.py
- needs: hub
- locks: db, port
"""


def item(text: str) -> tuple[PlanSnapshot, types.CallHierarchyItem]:
    plan, position = plan_at(text)
    params = types.CallHierarchyPrepareParams(types.TextDocumentIdentifier(URI), position)
    found = prepare_call_hierarchy(plan, params)
    assert found is not None
    return plan, found[0]


def waiting(text: str) -> dict[str, tuple[str | None, list[int]]]:
    """Who waits for the task: the reason, and the lines that say so."""
    plan, found = item(text)
    calls = incoming_calls(plan, types.CallHierarchyIncomingCallsParams(found))
    return {each.from_.name: (each.from_.detail, [place.start.line for place in each.from_ranges]) for each in calls}


def awaited(text: str) -> dict[str, tuple[str | None, list[int]]]:
    plan, found = item(text)
    calls = outgoing_calls(plan, types.CallHierarchyOutgoingCallsParams(found))
    return {each.to.name: (each.to.detail, [place.start.line for place in each.from_ranges]) for each in calls}


def test_a_task_is_prepared_from_its_section_and_from_its_name() -> None:
    for text in (
        PLAN.replace("## hub", "## h$0ub"),
        PLAN.replace("src/hub", "src/h$0ub"),
        PLAN.replace(": hub", ": h$0ub"),
    ):
        _, found = item(text)
        assert (found.name, found.detail) == ("hub", "Build the hub")
        assert found.range == types.Range(types.Position(3, 0), types.Position(7, 0))
        assert found.selection_range == types.Range(types.Position(3, 3), types.Position(3, 6))


def test_callers_wait_for_the_task_with_their_reasons() -> None:
    assert waiting(PLAN.replace("## data", "## $0data")) == {
        "page": ("reads: src/data.py, and `data` creates `src/data.py`", [8]),
        "hub": ("both write `src/nav.py`", [4]),
    }


def test_calls_go_to_what_the_task_waits_for() -> None:
    assert awaited(PLAN.replace("## page", "## $0page")) == {
        "hub": ("needs: hub", [9]),
        "data": ("reads: src/data.py, and `data` creates `src/data.py`", [8]),
    }
    assert awaited(PLAN.replace("## hub", "## $0hub")) == {"data": ("both write `src/nav.py`", [4])}


def test_those_that_share_a_lock_wait_for_one_another() -> None:
    text = "## a: A\n- locks: db\n\n## b: B\n- locks: d$0b\n"
    assert awaited(text) == {"a": ("both hold `db`", [4])}


def test_nothing_is_prepared_outside_of_tasks() -> None:
    plan, position = plan_at("# Pl$0an\n\n## a: A\n")
    params = types.CallHierarchyPrepareParams(types.TextDocumentIdentifier(URI), position)
    assert prepare_call_hierarchy(plan, params) is None


def test_a_task_that_is_gone_has_no_calls() -> None:
    _, found = item(PLAN.replace("## hub", "## $0hub"))
    plan, _ = plan_at("## other: Other\n")
    assert incoming_calls(plan, types.CallHierarchyIncomingCallsParams(found)) == []
    assert outgoing_calls(plan, types.CallHierarchyOutgoingCallsParams(found)) == []
