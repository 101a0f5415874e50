"""What a run has used, against its budget."""

import pytest

from agent_server.analysis.estimates.costs import Cost, basis, total
from agent_server.analysis.estimates.prices import Price, Tokens
from agent_server.execution.approval import Approval, ApprovedTask
from agent_server.execution.records.record import RunRecord, TaskRecord
from agent_server.execution.runs.budget import Spent, shares, spent, task_cost
from agent_server.execution.runs.lifecycle import RunState
from agent_server.plan.model import Budget

PRICES = {"dear": Price(10.0, 50.0)}
TASKS = (
    ApprovedTask("a", "A", (), "dear", "anthropic"),
    ApprovedTask("b", "B", (), "dear", "claude"),
    ApprovedTask("c", "C", (), "unknown", "anthropic"),
    ApprovedTask("d", "D", (), "dear", "replay"),
)


def test_money_is_what_an_agent_says_or_else_what_its_tokens_cost() -> None:
    million = TaskRecord(used=Tokens(1_000_000, 100_000), tokens=1_100_000)
    said = TaskRecord(used=million.used, tokens=million.tokens, usd=0.5)
    tasks = {"a": million, "b": said, "c": million, "d": million}
    record = RunRecord("id", Approval("p", "", 1, TASKS, None, Budget()), RunState.RUNNING, tasks)
    assert spent(record, 3.0, PRICES) == Spent(15.5, 4_400_000, 3.0)


def test_what_an_agent_has_not_reported_yet_is_counted_by_its_price() -> None:
    twice = Tokens(2_000_000)
    task = TaskRecord(used=twice, tokens=2_000_000, usd=0.5, unreported=Tokens(1_000_000))
    cost = task_cost(TASKS[1], task, PRICES)
    assert cost == Cost(twice, 10.5, "", "", reported=True)
    assert basis(total([cost])) == "as the agents report, else your own prices"
    assert task_cost(TASKS[2], task, PRICES) == Cost(twice, 0.5, "", reported=True)
    assert task_cost(TASKS[3], task, PRICES) is None


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (Budget(), []),
        (Budget(usd=4.0), [(0.5, "4 USD")]),
        (Budget(tokens=1_000, minutes=2.5), [(2.0, "1,000 tokens"), (4.0, "2.5 minutes")]),
        (Budget(tokens=0), [(float("inf"), "0 tokens")]),
    ],
)
def test_each_limit_is_held_by_itself(budget: Budget, expected: list[tuple[float, str]]) -> None:
    assert list(shares(budget, Spent(2.0, 2_000, 10.0))) == expected
