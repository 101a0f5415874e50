from typing import Any

import msgspec

from agent_server.lsp.features.hazards import hazards
from agent_server.lsp.messages import HazardsParams
from tests.lsp.cursor import URI, plan_at
from tests.lsp.test_schedule import FILES, task
from tests.protocol.conformance import conforms, reference


def told(text: str) -> dict[str, Any]:
    plan, _ = plan_at(text, FILES)
    sent: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(hazards(plan, HazardsParams(plan=URI))))
    assert conforms(sent, reference("HazardsResult"))
    return sent


def edges(sent: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(each["kind"], each["task"], each["on"]) for each in sent["dependencies"]]


def test_tasks_that_want_one_file_or_lock_contend_for_it() -> None:
    sent = told(
        "# P\n\n"
        + task("a", "writes: shared.py", "locks: db")
        + task("b", "writes: shared.py")
        + task("c", "writes: c.py", "locks: db")
    )
    assert [(each["kind"], each["tasks"], each["paths"], each["together"]) for each in sent["contentions"]] == [
        ("lock-conflict", ["a", "c"], ["db"], False),
        ("write-conflict", ["a", "b"], ["shared.py"], False),
    ]
    assert (sent["version"], sent["dependencies"]) == (1, [])


def test_tasks_that_the_author_has_put_into_one_wave_would_collide() -> None:
    (found,) = told("# P\n\n## Wave 1\n\n" + "".join(f"#{task(name, 'writes: shared.py')}" for name in "ab"))[
        "contentions"
    ]
    assert (found["tasks"], found["together"]) == (["a", "b"], True)


def test_what_is_needed_read_or_guessed_is_waited_for() -> None:
    sent = told(
        "# P\n\n"
        + task("a", "writes: new.py")
        + task("b", "writes: b.py", "reads: new.py")
        + task("c", "writes: c.py", "needs: a")
        + task("d", "writes: d.py").replace("Do d.", "Do this after task a is done.")
    )
    by_task = {each["task"]: each for each in sent["dependencies"]}
    assert (by_task["b"]["kind"], by_task["b"]["on"], by_task["b"]["path"]) == ("output-dependency", "a", "new.py")
    assert "guessed" not in by_task["b"]
    assert by_task["c"] == {"kind": "needs", "task": "c", "on": "a", "because": "needs: a"}
    assert (by_task["d"]["on"], by_task["d"]["guessed"]) == ("a", True)


def test_fixed_waves_come_one_after_the_other_and_nothing_is_said_twice() -> None:
    waves = [
        f"## Wave {wave}\n\n" + "".join(f"#{task(name, f'writes: {name}.py', *more)}" for name, *more in tasks)
        for wave, tasks in ((1, [("a",), ("b",)]), (2, [("c", "needs: a")]), (4, [("d",)]))
    ]
    sent = told("# P\n\n" + "".join(waves))
    assert edges(sent) == [("needs", "c", "a"), ("fixed-wave", "c", "b"), ("fixed-wave", "d", "c")]
    assert sent["dependencies"][-1]["because"] == "the plan puts it into wave 4"


def test_a_plan_without_tasks_has_none() -> None:
    assert told("# P\n") == {"version": 1, "contentions": [], "dependencies": []}
