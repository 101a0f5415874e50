from typing import Any

import msgspec

from agent_server.lsp.features.schedule import schedule
from agent_server.lsp.messages import ScheduleParams
from tests.lsp.cursor import URI, plan_at
from tests.protocol.conformance import conforms, reference

FILES = {"shared.py": "", "src/a.py": ""}


def scheduled(text: str) -> dict[str, Any]:
    plan, _ = plan_at(text, FILES)
    sent: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schedule(plan, ScheduleParams(plan=URI))))
    assert conforms(sent, reference("ScheduleResult"))
    return sent


def task(name: str, *fields: str, minutes: int = 4) -> str:
    lines = "".join(f"- {field}\n" for field in (*fields, f"minutes: {minutes}"))
    return f"## {name}: Task {name}\n{lines}\nDo {name}.\n\n"


def test_waves_come_with_what_each_task_writes_and_waits_for() -> None:
    sent = scheduled(
        "# P\n\n"
        + task("c", "needs: b, a", "writes: c.py")
        + task("a", "writes: `a.py`, `src`")
        + task("b", "writes: `shared.py`, `b/*.py`, `!b/x.py`", minutes=6)
    )
    assert [(wave["number"], wave["minutes"], [each["id"] for each in wave["tasks"]]) for wave in sent["waves"]] == [
        (1, 6.0, ["a", "b"]),
        (2, 4.0, ["c"]),
    ]
    first, second = sent["waves"]
    assert first["tasks"][0]["writes"] == ["a.py", "src/**"]
    assert first["tasks"][1]["writes"] == ["shared.py", "b/*.py", "!b/x.py"]
    assert first["tasks"][0]["waitsFor"] == []
    assert second["tasks"][0]["waitsFor"] == ["a", "b"]
    assert second["tasks"][0]["title"] == "Task c"
    assert (sent["version"], sent["agents"], sent["criticalPath"]) == (1, 2, ["b", "c"])
    assert (sent["sequentialMinutes"], sent["parallelMinutes"], sent["speedup"]) == (14.0, 10.0, 1.4)


def test_tasks_that_want_one_file_wait_for_each_other() -> None:
    sent = scheduled("# P\n\n" + task("a", "writes: shared.py") + task("b", "writes: shared.py"))
    assert [each["waitsFor"] for wave in sent["waves"] for each in wave["tasks"]] == [[], ["a"]]
    assert sent["agents"] == 1


def test_what_is_done_is_waited_for_no_more() -> None:
    sent = scheduled("# P\n\n" + task("a", "writes: a.py", "status: done") + task("b", "writes: b.py", "needs: a"))
    assert [each["waitsFor"] for wave in sent["waves"] for each in wave["tasks"]] == [[]]


def test_a_cycle_is_in_no_wave() -> None:
    sent = scheduled("# P\n\n" + task("a", "writes: a.py", "needs: b") + task("b", "writes: b.py", "needs: a"))
    assert (sent["waves"], sent["unscheduled"], sent["agents"]) == ([], ["a", "b"], 0)


def test_a_plan_without_tasks_has_no_waves() -> None:
    sent = scheduled("# P\n")
    assert (sent["waves"], sent["criticalPath"], sent["agents"]) == ([], [], 0)
