from dataclasses import replace
from typing import Any

import msgspec
import pytest

from agent_server.analysis.estimates.prices import Price, Tokens
from agent_server.analysis.facts import TaskState, VerifyFacts
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.changes.changes import Change, ChangeKind, FileType
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.lifecycle import RunState
from agent_server.execution.runs.progress import Progress, as_recorded
from agent_server.lsp.run_state import run_state, spend, status
from agent_server.lsp.versions import Version
from agent_server.plan.model import Budget
from tests.protocol.conformance import conforms, reference

URI = "file:///w/x.plan.md"
PRICES = {"cheap": Price(1.0, 2.0)}
MILLION = Tokens(input=1_000_000)


def run(state: RunState = RunState.RUNNING, *tasks: TaskRecord, verify: VerifyFacts | None = None) -> Progress:
    """A run of the tasks `a`, `b`, ... of the model `cheap`, whose command is `make`."""
    names = "abc"[: len(tasks)]
    approved = tuple(ApprovedTask(name, f"Task {name}", (f"{name}.py",), "cheap", "claude") for name in names)
    approval = Approval("x.plan.md", "digest", 1, approved, "make", Budget())
    records = dict(zip(names, tasks, strict=True))
    record = RunRecord("20261128T000512-0a1b2c", approval, state, records, "overlay", verify)
    return Progress(record, 40, "0/1 agents done", {"a": "edit a.py"}, {}, 61.23, {"a": 59.98}, 30.04)


def report(progress: Progress) -> dict[str, Any]:
    sent: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(run_state(URI, progress, 3, PRICES)))
    assert conforms(sent, reference("RunReport"))
    return sent


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("of_run", RunState)
def test_every_state_is_told_as_the_model_promises(of_run: RunState, state: TaskState) -> None:
    progress = run(of_run, TaskRecord(state, "done", ("a.py",), ("b.py",), 12, 3.4))
    assert report(progress)["tasks"][0]["state"] == state.value
    old = msgspec.json.decode(msgspec.json.encode(status(URI, progress)))
    assert conforms(old, reference("StatusParams"))
    known = {RunState.DISCARDED: "cancelled", RunState.UNDONE: "cancelled"}
    of_task = {TaskState.DISCARDED: "cancelled", TaskState.UNDONE: "cancelled"}.get(state, state.value)
    assert (old["state"], old["counts"]) == (known.get(of_run, of_run.value), {of_task: 1})


@pytest.mark.parametrize("state", [RunState.DISCARDED, RunState.UNDONE])
def test_a_run_that_was_given_up_or_taken_back_says_so(state: RunState) -> None:
    progress = replace(run(state, TaskRecord(TaskState(state.value))), message="")
    assert report(progress)["message"].startswith(state.value.capitalize())
    old = run_state(URI, progress, 1, PRICES, Version(0, 2))
    assert (old.state, old.tasks[0].state) == ("cancelled", "cancelled")


def test_another_attempt_is_told_with_what_was_said_to_its_agent() -> None:
    told = report(run(RunState.RUNNING, TaskRecord(attempt=2, comment="Be kind."), TaskRecord()))
    assert [(each["attempt"], each.get("comment")) for each in told["tasks"]] == [(2, "Be kind."), (1, None)]


def test_a_budget_that_is_nearly_used_up_is_told() -> None:
    progress = run(RunState.RUNNING, TaskRecord(TaskState.RUNNING, tokens=850))
    budget = Budget(tokens=1_000, minutes=60)
    approval = replace(progress.record.approval, budget=budget)
    told = report(replace(progress, record=replace(progress.record, approval=approval)))
    assert told["warnings"] == ["85% of the budget of 1,000 tokens is used"]
    assert "warnings" not in report(progress)


def test_where_it_landed_and_what_the_agent_says_of_money_is_told() -> None:
    progress = run(RunState.LANDED, TaskRecord(TaskState.LANDED, used=MILLION, usd=0.25))
    told = report(replace(progress, record=replace(progress.record, branch="agents/x")))
    assert (told["branch"], told["usd"], told["tasks"][0]["usd"]) == ("agents/x", 0.25, 0.25)


def test_a_run_is_told_whole() -> None:
    told = report(run(RunState.RUNNING, TaskRecord(TaskState.RUNNING, tokens=7), TaskRecord(TaskState.WAITING)))
    assert (told["plan"], told["run"], told["wave"], told["waves"]) == (URI, "20261128T000512-0a1b2c", 1, 3)
    assert told["started"] == "2026-11-28T00:05:12+00:00"
    assert (told["seconds"], told["eta"], told["percentage"]) == (61.2, 30.0, 40)
    assert [(task["id"], task["title"], task["activity"]) for task in told["tasks"]] == [
        ("a", "Task a", "edit a.py"),
        ("b", "Task b", ""),
    ]
    assert [(task["seconds"], task["model"], task["agent"]) for task in told["tasks"]] == [
        (60.0, "cheap", "claude"),
        (0.0, "cheap", "claude"),
    ]


def test_the_end_is_left_out_where_nobody_can_tell_it() -> None:
    assert "eta" not in report(replace(run(RunState.RUNNING, TaskRecord()), seconds_left=None))


def test_files_say_what_happened_to_them() -> None:
    changes = (
        Change("a.py", ChangeKind.CREATE, FileType.FILE, None, "file-1", None),
        Change("b.py", ChangeKind.MODIFY, FileType.FILE, "file-1", "file-2", None),
        Change("c.py", ChangeKind.DELETE, FileType.FILE, "file-1", None, None),
    )
    task = TaskRecord(TaskState.FINISHED, changed=("a.py", "b.py", "c.py"), undeclared=("d.py",))
    told = report(replace(run(RunState.RUNNING, task), changes={"a": changes}))["tasks"][0]
    assert [(file["path"], file["kind"]) for file in told["files"]] == [
        ("a.py", "created"),
        ("b.py", "changed"),
        ("c.py", "deleted"),
    ]
    assert told["undeclared"] == ["d.py"]


def test_money_is_told_where_a_price_is_known_and_something_was_paid() -> None:
    used = TaskRecord(TaskState.RUNNING, tokens=MILLION.total, used=MILLION)
    progress = run(RunState.RUNNING, used, used)
    assert (report(progress)["tokens"], report(progress)["usd"]) == (2_000_000, 2.0)

    first, second = progress.record.approval.tasks
    unpriced = replace(first, model="unheard-of")
    played = replace(second, agent="replay")
    for tasks, usd in (((unpriced, second), 1.0), ((first, played), 1.0), ((unpriced, played), None)):
        approval = replace(progress.record.approval, tasks=tasks)
        told = report(replace(progress, record=replace(progress.record, approval=approval)))
        assert told.get("usd") == usd
        assert [task.get("usd") for task in told["tasks"]] == [
            1.0 if task in (first, second) else None for task in tasks
        ]


def test_spend_adds_runs_up() -> None:
    one = run(RunState.LANDED, TaskRecord(TaskState.LANDED, tokens=MILLION.total, used=MILLION))
    assert msgspec.to_builtins(spend([one, one], PRICES)) == {"tokens": 2_000_000, "usd": 2.0}
    assert msgspec.to_builtins(spend([], PRICES)) == {"tokens": 0}


@pytest.mark.parametrize(
    ("state", "verify", "told"),
    [
        (RunState.RUNNING, None, None),
        (RunState.VERIFYING, None, {"command": "make", "output": ""}),
        (RunState.VERIFYING, VerifyFacts("make a", passed=True), {"command": "make", "output": ""}),
        (RunState.HELD, VerifyFacts("make", False, "No."), {"command": "make", "passed": False, "output": "No."}),
        (RunState.HELD, VerifyFacts("make a", False, "No."), {"command": "make a", "passed": False, "output": "No."}),
        (RunState.LANDED, VerifyFacts("make", passed=True), {"command": "make", "passed": True, "output": ""}),
    ],
)
def test_the_verification_is_the_command_that_runs_or_ran_last(
    state: RunState, verify: VerifyFacts | None, told: dict[str, Any] | None
) -> None:
    assert report(run(state, TaskRecord(), verify=verify)).get("verification") == told


def test_how_a_run_goes_on_is_told_once_it_has_stopped_and_only_to_who_knows_it() -> None:
    stopped = run(RunState.HELD, TaskRecord(TaskState.HELD, changed=("a.py",)), TaskRecord(TaskState.HELD))
    told = report(stopped)
    assert [step["way"] for step in told["steps"]] == ["retry", "land", "discard"]
    assert [(each["canRetry"], each["canLand"]) for each in told["tasks"]] == [(True, True), (True, True)]
    old = run_state(URI, stopped, 1, PRICES, Version(0, 3))
    assert (old.steps, old.tasks[0].can_retry, old.tasks[0].can_land) == (None, None, None)
    working = report(run(RunState.RUNNING, TaskRecord(TaskState.RUNNING), TaskRecord(TaskState.LANDED, landing="1")))
    assert "steps" not in working
    assert not any(each.keys() & {"canRetry", "canLand"} for each in working["tasks"])


def test_it_is_told_when_an_agent_began_where_that_is_known() -> None:
    stands = run(RunState.RUNNING, TaskRecord(TaskState.RUNNING, began=4.26), TaskRecord(TaskState.WAITING))
    assert [task.get("began") for task in report(stands)["tasks"]] == [4.3, None]
    assert run_state(URI, stands, 1, PRICES, Version(0, 3)).tasks[0].began is None


@pytest.mark.parametrize(
    ("state", "words"), [(RunState.LANDED, "Landed"), (RunState.RUNNING, "Another process works on it")]
)
def test_a_run_of_another_process_says_how_it_stands(state: RunState, words: str) -> None:
    record = replace(run(state, TaskRecord(TaskState.RUNNING, seconds=12.0)).record, seconds={"running": 30.0})
    change = Change("a.py", ChangeKind.CREATE, FileType.FILE, None, "file-1", None)
    told = report(as_recorded(record, {"a": (change,)}))
    assert (told["message"], told["seconds"], told["tasks"][0]["seconds"]) == (words, 30.0, 12.0)
    assert told["tasks"][0]["files"] == [{"path": "a.py", "kind": "created"}]
