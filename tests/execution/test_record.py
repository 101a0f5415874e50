from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent_server.analysis.build_output.model import BuildProblem
from agent_server.analysis.facts import BrokenContract, VerifyFacts
from agent_server.analysis.settings import Severity
from agent_server.execution.approval import Approval
from agent_server.execution.lifecycle import RunState
from agent_server.execution.record import RunRecord, RunStore, began, new_run_id
from agent_server.plan.model import Budget


def test_an_id_tells_when_its_run_began() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= began(new_run_id()) <= datetime.now(UTC)
    assert began("20261128T000512-0a1b2c") == datetime(2026, 11, 28, 0, 5, 12, tzinfo=UTC)


def test_what_is_no_id_tells_nothing() -> None:
    with pytest.raises(ValueError, match="does not match format"):
        began("yesterday")


def test_what_a_verification_found_is_read_back_as_it_was(tmp_path: Path) -> None:
    problem = BuildProblem("a.py", 2, "Bad", 4, Severity.WARNING, "mypy", "misc", ("a", "b"))
    broken = BrokenContract("a", ("b",), "a.py", "`a` did not write `a.py`.")
    verify = VerifyFacts("make", False, "Bad", (problem,), ("a",), False, ("b",), False, (broken,))
    approval = Approval("a.plan.md", "digest", 1, (), "make", Budget())
    record = RunRecord(new_run_id(), approval, RunState.HELD, {}, verify=verify)
    store = RunStore(tmp_path)
    store.save(record)
    assert store.load(record.id) == record
